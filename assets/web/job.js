/** One job: how it goes while it trains, what it moved, its report and its files. */
import { ask, read, save } from "./api.js";
import { driftChart, layerChart, lossChart, short } from "./charts.js";
import { at, button, make } from "./dom.js";

export const OVER = ["succeeded", "failed", "cancelled"];
const ORDERS = { queued: ["pause", "cancel"], running: ["pause", "cancel"], paused: ["resume", "cancel"] };

/** What is known of the job that is shown. Steps come once; those after the last are asked for. */
let known = { job: null, steps: [], report: false, linkedAt: 0, controls: "", events: null };
/** A link to the report lasts ten minutes: it is asked for anew before. */
const RELINK_MS = 5 * 60_000;

export const shownJob = () => known.job;
export function choose(id) {
  if (known.job === id) return;
  known = { job: id, steps: [], report: false, linkedAt: 0, controls: "", events: null };
  at("report").hidden = true;
  at("layers").replaceChildren(layerChart([]));
}

/** `look`: shows everything anew after an order. */
export async function showJob(job, look) {
  const below = `/v1/fine_tuning/jobs/${job.id}`;
  const mine = known;
  const last = mine.steps.at(-1)?.step ?? 0;
  const [steps, events] = await Promise.all([
    read(`${below}/metrics?after_step=${last}`),
    read(`${below}/events?limit=100&type=message`),
  ]);
  // Another job may have been chosen meanwhile.
  if (mine !== known) return;
  // A look that began before another has ended brings the same steps.
  const newest = mine.steps.at(-1)?.step ?? 0;
  mine.steps.push(...steps.data.filter(({ step }) => step > newest));
  at("job").hidden = false;
  at("job-title").textContent = job.fine_tuned_model ?? job.id;
  at("job-headline").textContent = job.x_penumbra.headline ?? job.error?.message ?? stateText(job);
  at("job-facts").textContent = facts(job);
  showControls(job, below, look);
  showEvents(events.data);
  showCurves(mine.steps);
  if (job.status !== "succeeded") {
    at("report").hidden = true;
    at("report-note").textContent = "The report is there when the job has succeeded.";
  } else if (!mine.report || performance.now() - mine.linkedAt > RELINK_MS) await showResults(below);
}

/** Made anew only where they change: in between a person types a reason, or presses a button. */
function showControls(job, below, look) {
  const { state, held } = job.x_penumbra;
  const controls = JSON.stringify([job.status, state, held]);
  if (controls === known.controls) return;
  known.controls = controls;
  at("job-orders").replaceChildren(...orders(job, below, look));
  at("job-release").replaceChildren(...(held ? [releaseForm(job, look)] : []));
}

/** Made anew only where there are others: a person scrolls in them, and a screen reader reads them. */
function showEvents(events) {
  const lines = events.map(
    ({ message, created_at }) => `${new Date(1000 * created_at).toLocaleTimeString()} ${message}`,
  );
  const seen = lines.join("\n");
  if (seen === known.events) return;
  known.events = seen;
  at("events").replaceChildren(...lines.map((line) => make("li", line)));
}

function stateText({ x_penumbra: { state, phase, progress } }) {
  if (OVER.includes(state) || !progress) return `State: ${state}`;
  const step = progress.total ? `${progress.step} of ${progress.total}` : progress.step;
  return `State: ${state}, ${phase ?? progress.task} (${progress.task} ${step})`;
}

function facts(job) {
  const { type, [type]: own } = job.method;
  const { n_epochs, batch_size, learning_rate_multiplier, beta } = own.hyperparameters;
  const parts = [
    `base ${job.model}`,
    type,
    `${n_epochs} epochs`,
    `batches of ${batch_size}`,
    `learning rate × ${learning_rate_multiplier}`,
    ...(beta === undefined ? [] : [`beta ${beta}`]),
    `seed ${job.seed}`,
  ];
  if (job.trained_tokens !== null) parts.push(`${job.trained_tokens} trained tokens`);
  if (job.estimated_finish !== null)
    parts.push(`trained at about ${new Date(1000 * job.estimated_finish).toLocaleTimeString()}`);
  return parts.join(" · ");
}

function orders(job, below, look) {
  const order = (name) =>
    button(name, async () => {
      await ask(`${below}/${name}`, { method: "POST" });
      await look();
    });
  const files = { adapter: "adapter.tar", merged: "merged.tar", audit: "audit.json" };
  const download = ([name, file]) => button(`${name} ↓`, () => save(`${below}/${name}`, `${job.id}-${file}`));
  const made = job.status === "succeeded" ? Object.entries(files).map(download) : [];
  return [...(ORDERS[job.x_penumbra.state] ?? []).map(order), ...made];
}

function releaseForm(job, look) {
  const reason = make("input", "", { required: "", maxlength: "1000", "aria-label": "Reason of the release" });
  const form = make("form", "", {}, [
    make(
      "p",
      `Held back: gate ${job.x_penumbra.gate?.outcome}. It is neither served nor handed out until a reviewer releases it.`,
    ),
    make("label", "Reason", { class: "wide" }, [reason]),
    button("Release", async () => {
      const path = `/v1/models/${encodeURIComponent(job.fine_tuned_model)}/release`;
      await ask(path, { method: "POST", json: { reason: reason.value } });
      await look();
    }),
  ]);
  form.addEventListener("submit", (event) => event.preventDefault());
  return form;
}

function showCurves(steps) {
  const line = (key) => steps.flatMap((step) => (step[key] === undefined ? [] : [[step.step, step[key]]]));
  at("loss").replaceChildren(lossChart(line("train_loss"), line("valid_loss")));
  const drift = new Map();
  for (const { step, drift: seen = {} } of steps)
    for (const [id, value] of Object.entries(seen)) {
      if (!drift.has(id)) drift.set(id, []);
      drift.get(id).push([step, value]);
    }
  const { drawing, legend } = driftChart(drift);
  at("drift").replaceChildren(drawing);
  at("drift-legend").replaceChildren(
    ...legend.map(({ id, last, name }) => make("li", `${id} ${last > 0 ? "+" : ""}${short(last)}`, { class: name })),
  );
}

async function showResults(below) {
  const mine = known;
  const { url } = await read(`${below}/report_link`, { method: "POST" });
  const audit = mine.report ? null : await read(`${below}/audit`);
  if (mine !== known) return;
  mine.linkedAt = performance.now();
  at("report-note").replaceChildren(make("a", "The report in a window of its own", { href: url, target: "_blank" }));
  if (!audit) return;
  mine.report = true;
  at("layers").replaceChildren(layerChart(audit.drift?.layers ?? []));
  at("report").src = url;
  at("report").hidden = false;
}
