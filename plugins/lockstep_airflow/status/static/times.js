// Times in the zone that the user chose in Airflow (localStorage, as JSON), else in the browser's own.
import { text } from "./texts.js";

/** The time of a picture as the server writes it. */
const IN_WORDS = /\d{4}-\d\d-\d\d \d\d:\d\d UTC/;

const own = () => Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";

export function zone() {
  try {
    const stored = JSON.parse(localStorage.getItem("timezone") ?? "null");
    if (typeof stored !== "string" || !stored) return own();
    new Intl.DateTimeFormat("en", { timeZone: stored });
    return stored;
  } catch {
    return own(); // storage is blocked, or holds no zone that the browser knows
  }
}

function parts(instant, timeZone) {
  const names = { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit" };
  const found = new Intl.DateTimeFormat("en-GB", { ...names, hourCycle: "h23", timeZone }).formatToParts(instant);
  return Object.fromEntries(found.map(({ type, value }) => [type, value]));
}

/** An instant as Airflow writes it: 2026-03-01 14:05:09. */
export function shown(instant, timeZone = zone()) {
  const at = parts(instant, timeZone);
  return `${at.year}-${at.month}-${at.day} ${at.hour}:${at.minute}:${at.second}`;
}

/** The value of a datetime-local field for an instant. */
export const fieldValue = (instant) => shown(instant).slice(0, 16).replace(" ", "T");

/** The instant that a datetime-local field means; twice, since the first guess may lie beyond a change of clocks. */
export function instantOf(local) {
  const wanted = Date.parse(`${local}Z`);
  const offset = (at) => Date.parse(`${shown(new Date(at)).replace(" ", "T")}Z`) - at;
  const guess = wanted - offset(wanted);
  return new Date(wanted - offset(guess));
}

export function paint(root = document) {
  const timeZone = zone();
  for (const one of root.querySelectorAll("time[datetime]")) {
    const instant = new Date(one.dateTime);
    one.textContent = shown(instant, timeZone);
    one.title = `${one.dateTime.slice(0, 19)}Z`;
  }
  for (const one of root.querySelectorAll("svg[data-at]")) {
    const label = one.getAttribute("aria-label");
    one.setAttribute("aria-label", label.replace(IN_WORDS, fieldValue(new Date(one.dataset.at)).replace("T", " ")));
  }
  const place = document.getElementById("zone");
  if (place) place.textContent = text("zone", { zone: timeZone });
}

export function startTimes() {
  paint();
  addEventListener("storage", (event) => (event.key === "timezone" || event.key === null) && location.reload());
}
