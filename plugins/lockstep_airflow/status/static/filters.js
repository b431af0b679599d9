// The filter form: a plain GET form; here it gets the user's time zone, tidy addresses and menus that close.
import { text } from "./texts.js";
import { fieldValue, instantOf } from "./times.js";

export function startFilters() {
  const form = document.getElementById("filters");
  if (!form) return;
  form.querySelectorAll("[data-instant]").forEach((one) => (one.value = fieldValue(new Date(one.dataset.instant))));
  form.querySelectorAll("details.many").forEach(startMenu);
  startPeriod(form);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const asked = asQuery(form);
    const home = form.getAttribute("action"); // form.action may be a field of that name
    location.assign(asked ? `${home}?${asked}` : home);
  });
}

function startPeriod(form) {
  const period = form.elements.period;
  const between = form.querySelectorAll(".between");
  const show = () => between.forEach((one) => (one.hidden = period.value !== "custom"));
  period.addEventListener("change", () => {
    show();
    if (period.value === "custom") form.elements.from.focus();
  });
  show();
}

function asQuery(form) {
  const asked = new URLSearchParams();
  const custom = form.elements.period.value === "custom";
  const empty = form.querySelector("input[type=checkbox][name=empty]");
  for (const [name, value] of new FormData(form)) {
    const standard = form.querySelector(`[name="${name}"][data-default]`)?.dataset.default;
    if (!value || value === standard || name === "empty" || (name === "period" && custom)) continue;
    if (name !== "from" && name !== "to") asked.append(name, value.trim());
    else if (custom) asked.append(name, instantOf(value).toISOString().replace(".000Z", "Z"));
  }
  const shows = empty?.checked ? "show" : "hide";
  if (empty && shows !== form.querySelector("[name=empty][data-default]").dataset.default) asked.append("empty", shows);
  return asked.toString();
}

function startMenu(menu) {
  const value = menu.querySelector(".value");
  const boxes = [...menu.querySelectorAll("input")];
  menu.addEventListener("change", () => {
    const chosen = boxes.filter((box) => box.checked);
    const only = chosen[0]?.parentElement.querySelector("bdi").textContent;
    value.textContent = !chosen.length ? text("any") : chosen.length === 1 ? only : text("chosen", { n: chosen.length });
  });
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
  addEventListener("click", (event) => !menu.contains(event.target) && (menu.open = false));
  menu.addEventListener("focusout", (event) => event.relatedTarget && !menu.contains(event.relatedTarget) && (menu.open = false));
}
