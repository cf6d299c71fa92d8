/** The page: jobs with what they are doing, the report, and base beside tuned. It shows records and computes none. */
import { ask, read, savedKey, saveKey, stream } from "./api.js";
import { driftChart, lossChart } from "./charts.js";

const at = (id) => document.getElementById(id);
const OVER = ["succeeded", "failed", "cancelled"];
const LOOK_MS = 1000;
/** Jobs of the list, the one that is shown, and its losses by step. */
const shown = { job: null, losses: new Map(), report: null };

function say(text) {
  at("notice").textContent = text;
}

/** Runs what a person asked for; tells what goes wrong. */
async function attempt(work) {
  say("");
  try {
    await work();
  } catch (error) {
    say(error.message);
  }
}

function make(name, text, attributes = {}) {
  const made = document.createElement(name);
  made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

async function open() {
  await fillModels();
  at("main").hidden = false;
  await look();
}

async function fillModels() {
  const { data } = await read("/v1/models");
  const option = ({ id, x_penumbra: { held } }) => make("option", held ? `${id} (held back)` : id, { value: id });
  const fill = (select, models) => {
    const chosen = select.value;
    select.replaceChildren(...models.map(option));
    if (models.some(({ id }) => id === chosen)) select.value = chosen;
  };
  fill(
    at("new-model"),
    data.filter(({ x_penumbra: { job } }) => job === null),
  );
  fill(
    at("chat-model"),
    data.filter(({ x_penumbra: { job } }) => job !== null),
  );
  bases = new Map(data.map(({ id, x_penumbra: { base } }) => [id, base]));
}
let bases = new Map();

async function look() {
  const { data } = await read("/v1/fine_tuning/jobs?limit=50");
  at("jobs").replaceChildren(...data.map(row));
  if (shown.job === null && data.length > 0) shown.job = data[0].id;
  const job = data.find(({ id }) => id === shown.job);
  if (job) await showJob(job);
}

function row(job) {
  const { id, fine_tuned_model, x_penumbra: own } = job;
  const tr = document.createElement("tr");
  const button = make("button", fine_tuned_model ?? id, { type: "button", "data-job": id });
  button.addEventListener("click", () => attempt(() => choose(id)));
  const name = document.createElement("td");
  name.append(button);
  const { progress } = own;
  const where =
    OVER.includes(own.state) || !progress
      ? ""
      : `${progress.task} ${progress.step}${progress.total ? `/${progress.total}` : ""}`;
  const loss = progress?.readings?.loss;
  const state = own.held ? `${own.state}, held back` : own.state;
  tr.append(
    name,
    make("td", state),
    make("td", where),
    make("td", loss === undefined ? "" : loss.toFixed(3)),
    make("td", own.headline ?? job.error?.message ?? ""),
  );
  return tr;
}

async function choose(id) {
  if (shown.job !== id) Object.assign(shown, { job: id, losses: new Map(), report: null });
  at("report").hidden = true;
  await look();
  at("job").scrollIntoView({ block: "start" });
}

async function showJob(job) {
  const below = `/v1/fine_tuning/jobs/${job.id}`;
  at("job").hidden = false;
  at("job-title").textContent = job.fine_tuned_model ?? job.id;
  at("job-headline").textContent = job.x_penumbra.headline ?? job.error?.message ?? `State: ${job.x_penumbra.state}`;
  showOrders(job);
  const { data } = await read(`${below}/events?limit=100`);
  const messages = data.filter(({ type }) => type === "message");
  at("events").replaceChildren(
    ...messages.map(({ message, created_at }) =>
      make("li", `${new Date(1000 * created_at).toLocaleTimeString()} ${message}`),
    ),
  );
  for (const { type, data: told } of data) if (type === "metrics") shown.losses.set(told.step, told.train_loss);
  if (OVER.includes(job.status) && shown.report !== job.id)
    for (const { step, train_loss } of (await read(`${below}/metrics`)).data) shown.losses.set(step, train_loss);
  at("loss").replaceChildren(lossChart([...shown.losses].sort(([a], [b]) => a - b)));
  if (job.status === "succeeded") await showResults(job, below);
  else {
    at("drift").replaceChildren(driftChart([]));
    at("report").hidden = true;
    at("report-note").textContent = "The report is there when the job has succeeded.";
  }
}

async function showResults(job, below) {
  if (shown.report === job.id) return;
  const audit = await read(`${below}/audit`);
  at("drift").replaceChildren(driftChart(audit.drift?.layers ?? []));
  const { url } = await read(`${below}/report_link`, { method: "POST" });
  shown.report = job.id;
  at("report-note").textContent = "";
  at("report").src = url;
  at("report").hidden = false;
  await fillModels();
}

const ORDERS = { queued: ["pause", "cancel"], running: ["pause", "cancel"], paused: ["resume", "cancel"] };

function showOrders(job) {
  const buttons = (ORDERS[job.x_penumbra.state] ?? []).map((order) => {
    const button = make("button", order, { type: "button" });
    button.addEventListener("click", () =>
      attempt(async () => {
        await ask(`/v1/fine_tuning/jobs/${job.id}/${order}`, { method: "POST" });
        await look();
      }),
    );
    return button;
  });
  at("job-orders").replaceChildren(...buttons);
}

async function begin() {
  const form = new FormData();
  form.set("purpose", "fine-tune");
  form.set("file", at("new-file").files[0]);
  const file = await read("/v1/files", { method: "POST", body: form });
  const faults = file.x_penumbra.validation?.faults ?? [];
  at("faults").replaceChildren(
    ...faults.map(({ line, code, message }) => make("li", `line ${line}: ${code}: ${message}`)),
  );
  if (file.status === "error") throw new Error("The file has faults; nothing was begun.");
  const behaviours = at("new-behaviours")
    .value.split(",")
    .map((name) => name.trim())
    .filter(Boolean);
  const job = await read("/v1/fine_tuning/jobs", {
    method: "POST",
    json: {
      model: at("new-model").value,
      training_file: file.id,
      hyperparameters: {
        n_epochs: Number(at("new-epochs").value),
        learning_rate_multiplier: Number(at("new-rate").value),
      },
      ...(at("new-suffix").value ? { suffix: at("new-suffix").value } : {}),
      x_penumbra: {
        audit: { forecast: at("new-inside").checked, ...(behaviours.length > 0 ? { behaviours } : {}) },
      },
    },
  });
  await choose(job.id);
}

async function askBoth() {
  const tuned = at("chat-model").value;
  if (!tuned) throw new Error("There is no tuned model yet.");
  const messages = [{ role: "user", content: at("chat-text").value }];
  const answer = async (model, place) => {
    place.textContent = "";
    const json = { model, messages, temperature: 0, stream: true };
    for await (const { choices } of stream("/v1/chat/completions", { method: "POST", json }))
      place.textContent += choices[0]?.delta.content ?? "";
  };
  // One after the other on the server, at once for the reader.
  await Promise.all([answer(bases.get(tuned), at("answer-base")), answer(tuned, at("answer-tuned"))]);
}

const onSubmit = (id, work) =>
  at(id).addEventListener("submit", (event) => {
    event.preventDefault();
    const button = event.target.querySelector("button");
    button.disabled = true;
    void attempt(work).finally(() => {
      button.disabled = false;
    });
  });

onSubmit("key-form", async () => {
  saveKey(at("key").value.trim());
  at("key").value = "";
  await open();
});
onSubmit("new-form", begin);
onSubmit("chat-form", askBoth);
if (savedKey()) void attempt(open);

/** Looks again and again, but never twice at once and not while nobody watches. */
async function watch() {
  if (!at("main").hidden && document.visibilityState === "visible") await look().catch((error) => say(error.message));
  setTimeout(watch, LOOK_MS);
}
void watch();
