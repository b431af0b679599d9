// While something is in process the page follows it: the JSON tells whether anything moved, the server draws what did.
import { notice, text } from "./texts.js";
import { paint } from "./times.js";

const BUSY_MS = 4000;
const IDLE_MS = 60000;

let seen = null;
let timer = null;

const place = () => document.getElementById("live");
const busy = () => place()?.dataset.live === "yes";
const reading = () => String(getSelection()) !== "" || place()?.querySelector("details[open]") !== null;

async function look() {
  const answer = await fetch(place().dataset.api, { headers: { Accept: "application/json" } });
  if (answer.status === 401) return notice(text("login_expired"));
  if (!answer.ok) return notice(text("live_stopped"));
  const told = await answer.text();
  if (told !== seen && !reading()) await redraw();
  seen = told;
  notice("");
}

async function redraw() {
  const answer = await fetch(location.href);
  if (!answer.ok) return;
  const drawn = new DOMParser().parseFromString(await answer.text(), "text/html");
  const focused = document.activeElement?.getAttribute("href");
  for (const id of ["wrong", "live"]) {
    const fresh = drawn.getElementById(id);
    if (!fresh) continue;
    document.getElementById(id).replaceWith(fresh);
    paint(fresh);
    if (focused) fresh.querySelector(`[href="${CSS.escape(focused)}"]`)?.focus();
  }
  document.dispatchEvent(new CustomEvent("lockstep:redrawn"));
}

async function beat() {
  try {
    if (!document.hidden) await look();
  } catch {
    notice(text("live_stopped")); // the network is down: the next beat tries again
  }
  plan();
}

function plan() {
  clearTimeout(timer);
  timer = setTimeout(beat, busy() ? BUSY_MS : IDLE_MS);
}

export function startLive() {
  if (place()?.dataset.api) plan();
}
