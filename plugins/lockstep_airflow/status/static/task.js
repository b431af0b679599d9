// Which task of Airflow works on which batch: asked of Airflow's own API with the user's own rights. A mapped task's
// target is known as soon as it starts, so running and killed tasks are found as well.
import { airflow, notice, text } from "./texts.js";

const path = (...parts) => `${airflow}/${parts.map(encodeURIComponent).join("/")}`;

/** All of a run, page by page: Airflow gives no more at once than its maximum_page_limit, whatever is asked for. */
async function instances(dag, run) {
  const found = [];
  for (let all = 1; found.length < all; ) {
    const answer = await fetch(`${path("api", "v2", "dags", dag, "dagRuns", run, "taskInstances")}?limit=1000&offset=${found.length}`);
    if (!answer.ok) break;
    const { task_instances: some, total_entries: total } = await answer.json();
    found.push(...some);
    all = some.length ? total : 0;
  }
  return found;
}

function target(task) {
  const found = task.rendered_fields?.target;
  if (typeof found !== "string") return found ?? null;
  try {
    return JSON.parse(found);
  } catch {
    return null; // shortened by Airflow
  }
}

function worksOn(task, { batch, system, object }) {
  const one = target(task);
  if (!one) return false;
  if (one.batch_id !== undefined) return String(one.batch_id) === batch;
  return one.system === system && (one.object === undefined || one.object === object);
}

async function linkLog(link) {
  const { dag, run } = link.dataset;
  const task = (await instances(dag, run)).find((one) => worksOn(one, link.dataset));
  if (!task) return;
  const mapped = task.map_index >= 0 ? ["mapped", String(task.map_index)] : [];
  link.href = path("dags", dag, "runs", run, "tasks", task.task_id, ...mapped);
  link.querySelector("span").textContent = text("task_log");
  document.getElementById("link-address").value = link.href;
}

/** The tab on a task instance: narrow the run's batches to those of the task. */
async function narrow(place) {
  const { dag, run, task, map, here } = place.dataset;
  const found = (await instances(dag, run)).find((one) => one.task_id === task && String(one.map_index) === map);
  const one = found && target(found);
  if (!one) return notice(text("whole_run"));
  const wanted = new URL(here, location.origin);
  if (one.batch_id !== undefined) wanted.searchParams.set("batch", one.batch_id);
  else if (one.system) wanted.searchParams.set("system", one.system);
  else return notice(text("whole_run"));
  location.replace(wanted);
}

export function startTask() {
  const link = document.getElementById("task-log");
  const place = document.querySelector("[data-task]");
  const failed = (error) => console.warn("Airflow's API did not answer", error);
  if (link) linkLog(link).catch(failed);
  if (place) narrow(place).catch(failed);
}
