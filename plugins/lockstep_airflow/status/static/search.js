// A search by name that could not look through all records at once goes on by itself; the server draws what each look finds.
import { notice, text } from "./texts.js";

const ENOUGH = 20;

const told = () => document.getElementById("told");
const hits = () => document.getElementById("hits");
const onward = () => told()?.querySelector("a");

async function look() {
  const answer = await fetch(onward().href);
  if (answer.status === 401) throw new Error(text("login_expired"));
  if (!answer.ok) throw new Error(text("look_stopped"));
  const drawn = new DOMParser().parseFromString(await answer.text(), "text/html");
  hits().append(...drawn.getElementById("hits").children);
  const n = hits().children.length;
  hits().hidden = n === 0;
  told().replaceChildren(...drawn.getElementById("told").children);
  if (n) told().firstElementChild.replaceWith(heading(n));
}

function heading(n) {
  return Object.assign(document.createElement("h2"), { textContent: text(n === 1 ? "found_n.one" : "found_n", { n }) });
}

/** Until so many are found. Read out once it is done, not each time. */
async function lookOn(until) {
  told().ariaBusy = "true";
  notice("");
  try {
    while (onward() && hits().children.length < until) await look();
  } catch (error) {
    notice(error instanceof TypeError ? text("look_stopped") : error.message); // the link to look on is still there
  }
  told().ariaBusy = "false";
}

export function startSearch() {
  if (!onward()) return;
  told().addEventListener("click", async (event) => {
    if (!event.target.closest("a") || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const known = hits().children.length;
    await lookOn(known + ENOUGH);
    hits().children[known]?.querySelector("a").focus();
  });
  lookOn(ENOUGH);
}
