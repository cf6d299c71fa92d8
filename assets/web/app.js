/** The page: jobs with what they are doing, the report, and base beside tuned. It shows records and computes none. */
import { read, savedKey, saveKey } from "./api.js";
import { askBoth, fillModels } from "./chat.js";
import { at, attempt, button, make, onSubmit, say } from "./dom.js";
import { choose, OVER, showJob, shownJob } from "./job.js";
import { begin, check, forgetChecked } from "./new-job.js";

const LOOK_MS = 1000;
/** Tuned models of the last look: another list means other models to ask. */
let models = "";
/** The row of each job, by its id. */
const rows = new Map();

async function open() {
  await fillModels();
  at("main").hidden = false;
  await look();
}

async function look() {
  const { data } = await read("/v1/fine_tuning/jobs?limit=50");
  if (shownJob() === null && data.length > 0) choose(data[0].id);
  showRows(data);
  const job = data.find(({ id }) => id === shownJob());
  if (job) await showJob(job, look);
  const now = data.map(({ fine_tuned_model, x_penumbra: { held } }) => `${fine_tuned_model} ${held}`).join();
  if (now !== models) await fillModels();
  models = now;
}

/**
 * Rows stay the elements that they were, and only what changed is written: an element that is made anew, or moved, loses
 * the keyboard's focus. New jobs come first, so that those already there need not move.
 */
function showRows(jobs) {
  const ids = new Set(jobs.map(({ id }) => id));
  for (const [id, row] of rows)
    if (!ids.has(id)) {
      row.remove();
      rows.delete(id);
    }
  jobs.forEach((job, place) => {
    const row = rows.get(job.id) ?? newRow(job.id);
    const there = at("jobs").children[place] ?? null;
    if (there !== row) at("jobs").insertBefore(row, there);
    fill(row, job);
  });
}

function newRow(id) {
  const open = button(id, () => show(id), { "data-job": id });
  const row = make("tr", "", {}, [make("td", "", {}, [open]), ...["", "", "", ""].map((text) => make("td", text))]);
  rows.set(id, row);
  return row;
}

function fill(row, job) {
  const [name, ...cells] = row.children;
  write(name.firstElementChild, job.fine_tuned_model ?? job.id);
  for (const [i, text] of told(job).entries()) write(cells[i], text);
  if (job.id === shownJob()) row.setAttribute("aria-current", "true");
  else row.removeAttribute("aria-current");
}

function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** State, progress, loss and what moved. */
function told({ error, x_penumbra: own }) {
  const { progress } = own;
  const where =
    OVER.includes(own.state) || !progress
      ? ""
      : `${progress.task} ${progress.step}${progress.total ? `/${progress.total}` : ""}`;
  const loss = progress?.readings?.loss;
  return [
    own.held ? `${own.state}, held back` : own.state,
    where,
    loss === undefined ? "" : loss.toFixed(3),
    own.headline ?? error?.message ?? "",
  ];
}

async function show(id) {
  choose(id);
  await look();
  at("job").scrollIntoView({ block: "start" });
}

onSubmit(at("key-form"), async () => {
  saveKey(at("key").value.trim());
  at("key").value = "";
  await open();
});
onSubmit(at("new-form"), async (pressed) => {
  if (pressed?.value === "check") return check();
  const { id } = await begin();
  await show(id);
});
for (const id of ["new-file", "new-validation"]) at(id).addEventListener("change", forgetChecked);
onSubmit(at("chat-form"), askBoth);
if (savedKey()) void attempt(open);

/** Looks again and again, but never twice at once and not while nobody watches. */
async function watch() {
  if (!at("main").hidden && document.visibilityState === "visible") await look().catch((error) => say(error.message));
  setTimeout(watch, LOOK_MS);
}
void watch();
