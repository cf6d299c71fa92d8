/** The page: jobs with what they are doing, the report, and base beside tuned. It shows records and computes none. */
import { read, savedKey, saveKey } from "./api.js";
import { askBoth, fillModels } from "./chat.js";
import { at, attempt, button, make, onSubmit, say } from "./dom.js";
import { choose, OVER, showJob, shownJob } from "./job.js";
import { begin, check, forgetChecked } from "./new-job.js";

const LOOK_MS = 1000;
/** Tuned models of the last look: another list means other models to ask. */
let models = "";

async function open() {
  await fillModels();
  at("main").hidden = false;
  await look();
}

async function look() {
  const { data } = await read("/v1/fine_tuning/jobs?limit=50");
  at("jobs").replaceChildren(...data.map(row));
  if (shownJob() === null && data.length > 0) choose(data[0].id);
  const job = data.find(({ id }) => id === shownJob());
  if (job) await showJob(job, look);
  const now = data.map(({ fine_tuned_model, x_penumbra: { held } }) => `${fine_tuned_model} ${held}`).join();
  if (now !== models) await fillModels();
  models = now;
}

function row(job) {
  const { id, fine_tuned_model, x_penumbra: own } = job;
  const { progress } = own;
  const where =
    OVER.includes(own.state) || !progress
      ? ""
      : `${progress.task} ${progress.step}${progress.total ? `/${progress.total}` : ""}`;
  const loss = progress?.readings?.loss;
  const open = button(fine_tuned_model ?? id, () => show(id), { "data-job": id });
  const attributes = id === shownJob() ? { "aria-current": "true" } : {};
  return make("tr", "", attributes, [
    make("td", "", {}, [open]),
    make("td", own.held ? `${own.state}, held back` : own.state),
    make("td", where),
    make("td", loss === undefined ? "" : loss.toFixed(3)),
    make("td", own.headline ?? job.error?.message ?? ""),
  ]);
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
