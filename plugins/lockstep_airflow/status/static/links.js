// Airflow shows this page in a sandboxed iframe, from which a link can neither leave nor open a tab. The frame is of the
// same origin, so a link that belongs to the outer page can.
import { text } from "./texts.js";

const LIST = "lockstep.list";

function outer() {
  if (window.parent === window) return null;
  try {
    return window.parent.document;
  } catch {
    return null; // framed by another origin: the link's text can still be copied
  }
}

function follow(event) {
  const link = event.target.closest?.("a[data-out]");
  const page = link && outer();
  if (!page) return;
  event.preventDefault();
  const way = page.createElement("a");
  way.href = link.href;
  if (event.ctrlKey || event.metaKey || event.button === 1) Object.assign(way, { target: "_blank", rel: "noopener" });
  page.body.append(way);
  way.click();
  way.remove();
}

function startCopy() {
  const button = document.getElementById("copy");
  const address = document.getElementById("link-address");
  if (!button) return;
  address.value = new URL(address.value, location.origin).href;
  button.addEventListener("click", async () => {
    address.focus();
    address.select();
    try {
      await navigator.clipboard.writeText(address.value);
      button.textContent = text("copied");
    } catch {
      document.execCommand("copy"); // no clipboard without https: the selected text can be copied by hand, too
    }
  });
}

/** The batch page leads back to the list as it was filtered. */
function startBack() {
  const back = document.getElementById("back");
  try {
    if (document.querySelector("#filters[data-list]")) sessionStorage.setItem(LIST, location.href);
    else if (back) back.href = sessionStorage.getItem(LIST) ?? back.href;
  } catch {
    // storage is blocked: it leads to the unfiltered list
  }
}

export function startLinks() {
  document.addEventListener("click", follow);
  document.addEventListener("auxclick", follow);
  document.addEventListener("click", (event) => {
    const row = event.target.closest?.("table.batches tbody.rows tr");
    if (row && !event.target.closest("a") && !String(getSelection())) row.querySelector("a.open").click();
  });
  startCopy();
  startBack();
}
