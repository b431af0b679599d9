// What a person decides: recorded by our own API, then a run is started through Airflow's, with the user's own rights.
import { airflow, text } from "./texts.js";

const POLL_MS = 2000;
const ENDED = ["success", "failed"];
const JSON_TYPE = { "Content-Type": "application/json", Accept: "application/json" };

const place = () => document.getElementById("progress");
const state = (name) => (text(`state.${name}`) === `state.${name}` ? name : text(`state.${name}`));

function say(words, ...links) {
  place().hidden = false;
  place().replaceChildren(document.createTextNode(`${words} `), ...links);
  place().scrollIntoView({ block: "nearest" });
}

function link(words, href, out) {
  const made = Object.assign(document.createElement("a"), { href, textContent: words });
  if (out) made.dataset.out = "";
  return made;
}

async function told(answer) {
  const { detail } = await answer.json().catch(() => ({}));
  return typeof detail === "string" ? detail : detail?.[0]?.what ?? String(answer.status);
}

/** Ask Airflow; its answer as JSON, or an Error with its words. */
async function ask(path, options) {
  const answer = await fetch(`${airflow}/api/v2/dags/${path}`, options);
  if (!answer.ok) throw new Error(await told(answer));
  return answer.json();
}

/** Tell how a run goes until it ends. `words`: the texts' names, act_… of a decision or run_… of a run alone; `result`: run → where it is shown. */
async function follow(dag, run, words, result) {
  const open = link(text("act_open_run"), `${airflow}/dags/${encodeURIComponent(dag)}/runs/${encodeURIComponent(run.dag_run_id)}`, true);
  const paused = (await ask(encodeURIComponent(dag))).is_paused;
  while (!ENDED.includes(run.state)) {
    say(text(`${words}_${paused ? "paused" : "started"}`, { dag, state: state(run.state) }), open);
    await new Promise((done) => setTimeout(done, POLL_MS));
    run = await ask(`${encodeURIComponent(dag)}/dagRuns/${encodeURIComponent(run.dag_run_id)}`);
  }
  say(text(`${words}_started`, { dag, state: state(run.state) }), open, document.createTextNode(" · "), link(text("act_show"), result(run)));
}

async function start(dag, conf, words, result) {
  const body = JSON.stringify({ logical_date: null, conf });
  await follow(dag, await ask(`${encodeURIComponent(dag)}/dagRuns`, { method: "POST", headers: JSON_TYPE, body }), words, result);
}

const here = () => location.href;

export async function decide(decisions, result = here) {
  say(text("act_recording"));
  const answer = await fetch(place().dataset.api, { method: "POST", headers: JSON_TYPE, body: JSON.stringify({ decisions }) });
  if (!answer.ok) return say(text("act_refused", { why: await told(answer) }));
  const { dag_id: dag, conf } = await answer.json();
  try {
    await start(dag, conf, "act", result);
  } catch (error) {
    say(text(decisions[0].kind === "undo" ? "act_not_undone" : "act_not_started", { dag, why: error.message }));
  }
  return true;
}

/** One form: the fields of its choice are data-* of the form, the choice is a radio button, and a value may be typed; a form
 * without a choice has all its fields in the decision. */
function asked(form) {
  if (!form.querySelector("input[name=choice]")) return { ...form.dataset, ...Object.fromEntries(new FormData(form)) };
  const choice = form.querySelector("input[name=choice]:checked");
  const typed = form.querySelector("[name=value]");
  const note = form.querySelector("[name=note]")?.value.trim();
  const found = { ...form.dataset, choice: choice.value, ...(note && { note }) };
  if (choice.dataset.candidate) found.candidate = choice.dataset.candidate;
  if (choice.value === "value") found.value = typed.value;
  return found;
}

/** The batches of the run that was started. */
const itself = (form, dag) => (run) => `${form.action}?${new URLSearchParams({ dag_id: dag, run_id: run.dag_run_id })}`;

/** A form that starts a run of its DAG; its data-conf and the fields with data-conf are the run's params. With data-follow the
 * result is the run itself. */
function startRuns() {
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form.start");
    if (!form) return;
    event.preventDefault();
    const { dag } = form.dataset;
    const chosen = [...form.querySelectorAll("[data-conf]")].map((one) => [one.name, one.type === "checkbox" ? one.checked : one.value]);
    const conf = { ...JSON.parse(form.dataset.conf ?? "{}"), ...Object.fromEntries(chosen) };
    const result = "follow" in form.dataset ? itself(form, dag) : here;
    say(text("run_starting"));
    const refused = (error) => say(text("run_refused", { dag, why: error.message }));
    guarded(form.querySelector("button[type=submit]"), () => start(dag, conf, "run", result).catch(refused));
  });
}

async function guarded(button, work) {
  button.disabled = true;
  try {
    await work();
  } catch (error) {
    say(text("act_refused", { why: error.message }));
  } finally {
    button.disabled = false;
  }
}

function startForms() {
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form.decide:not(.start)");
    if (!form) return;
    event.preventDefault();
    guarded(form.querySelector("button[type=submit]"), () => decide([asked(form)], () => form.action));
  });
  const choosesTyped = (typed) => (typed.form.querySelector("input[value=value]").checked = true);
  document.addEventListener("input", (event) => {
    if (event.target.matches("form.decide [name=value]")) choosesTyped(event.target);
  });
  // typed before this script was there
  for (const typed of document.querySelectorAll("form.decide [name=value]")) {
    if (typed.value && !typed.form.querySelector("input[name=choice]:checked")) choosesTyped(typed);
  }
}

function startSelection() {
  const boxes = () => [...document.querySelectorAll("input[name=error]")];
  const chosen = () => boxes().filter((box) => box.checked);
  const all = document.getElementById("select-all");
  const tickAll = () => boxes().forEach((box) => (box.checked = all.checked));
  const show = () => {
    const number = chosen().length;
    const button = document.getElementById("resync");
    if (!button) return;
    button.disabled = number === 0;
    document.getElementById("selected").textContent = number ? text("selected", { n: number }) : "";
  };
  document.addEventListener("change", (event) => {
    if (event.target === all) tickAll();
    if (event.target === all || event.target.name === "error") show();
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("#resync, [data-resync-cause], [data-resync-pair]");
    if (!button) return;
    const { resyncCause, resyncPair, since, until } = button.dataset;
    const what = resyncCause ? { cause: Number(resyncCause), since: since || null, until: until || null } : resyncPair ? { pairs: [resyncPair] } : { errors: chosen().map((box) => Number(box.value)) };
    guarded(button, () => decide([{ kind: "resync", ...what }]));
  });
  // ticked before this script was there
  if (all?.checked && !chosen().length) tickAll();
  show();
}

/** Buttons that act come disabled: a form that is sent before this script listens would be lost without a word. */
export function startActions() {
  if (!place()) return;
  startForms();
  startRuns();
  startSelection();
  for (const button of document.querySelectorAll("button[data-act]")) button.disabled = false;
}
