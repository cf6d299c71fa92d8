import type { AuditRecord, FinetuneRecord, MetricsLine } from "../../records/index.ts";
import { shorten } from "../escape.ts";
import { count, counted, duration, short } from "../format.ts";
import type { ReportInput } from "../input.ts";
import { html, type Markup } from "../markup.ts";
import { lineChart, smoothed, thinned } from "../plots/lineChart.ts";
import { facts } from "./facts.ts";

const MOST_POINTS = 400;

/** What one loss is of; supervised where the record says nothing. */
const UNIT: Readonly<Record<NonNullable<FinetuneRecord["objective"]>, string>> = {
  sft: "nats per token",
  dpo: "−log σ per pair",
};

/** What the training did. */
export function trainingSection({ audit, finetune, metrics }: ReportInput): Markup {
  const unit = UNIT[finetune?.objective ?? "sft"];
  const body =
    finetune === null && metrics.length === 0
      ? html`<p class="empty">This run trained nothing: it audited a fine-tune that was made elsewhere.</p>`
      : html`<div class="split">${metrics.length > 0 ? lossChart(metrics, unit) : html`<p class="empty">No metrics were kept.</p>`}${finetune ? summary(finetune, audit, unit) : null}</div>`;
  return html`<section id="training"><h2>The training</h2>${body}</section>`;
}

function lossChart(metrics: readonly MetricsLine[], unit: string): Markup {
  // The trend looks back over about an eighth of the run.
  const window = metrics.length / 8;
  const keep = window > 2 ? Math.min(0.98, 1 - 2 / (window + 1)) : 0;
  const smooth = smoothed(
    metrics.map((line) => line.loss),
    keep,
  );
  const raw = thinned(metrics, MOST_POINTS).map((line) => [line.step, line.loss] as const);
  const trend = thinned(
    metrics.map((line, i) => [line.step, smooth[i] ?? line.loss] as const),
    MOST_POINTS,
  );
  const held = metrics.flatMap(({ step, validationLoss: loss }) => (loss === undefined ? [] : [[step, loss] as const]));
  const [first, last] = [metrics[0], metrics.at(-1)];
  const label = `Training loss over ${counted(metrics.length, "step")}, from ${short(first?.loss ?? 0)} to ${short(last?.loss ?? 0)} ${unit}.`;
  const lines = [
    { name: "each step", className: keep ? "line-faint" : "line-a", points: raw } as const,
    ...(keep ? [{ name: "trend", className: "line-a", points: trend } as const] : []),
    ...(held.length > 0 ? [{ name: "held out", className: "line-b", points: held, dots: true } as const] : []),
  ];
  const key = keep
    ? html` <span class="key"><span class="swatch line-faint"></span>each step</span> <span class="key"><span class="swatch line-a"></span>trend</span>`
    : null;
  const heldKey =
    held.length > 0
      ? html` <span class="key"><span class="swatch line-b"></span>on rows held out of the training</span>`
      : null;
  return html`<figure><figcaption>Training loss, ${unit}${key}${heldKey}</figcaption>${lineChart({ label, xTitle: "Step", lines })}</figure>`;
}

function summary(f: FinetuneRecord, audit: AuditRecord, unit: string): Markup {
  const merged = f.merged
    ? `equal to base + adapter within ${short(f.merged.maxLogitDifference, 2)} on any logit, ${short(f.merged.meanKlNats, 2)} nats of mean divergence, over ${count(f.merged.positions)} positions (${f.merged.dtype})`
    : "not made in this run";
  return facts([
    ["Method", method(f)],
    ...(f.objective ? [["Trained on", OBJECTIVE[f.objective]] as const] : []),
    ["Trained parameters", `${count(f.trainableParameters)} of ${count(f.base.parameters)}`],
    [
      "Length",
      `${counted(f.steps, "step")} of ${counted(f.batchRows, "row")}, ${counted(f.epochs, "epoch")}, ${count(f.trainedTokens)} tokens`,
    ],
    ...(f.stoppedBy ? [["Ended early", stopped(f.stoppedBy, audit)] as const] : []),
    ...(f.guard ? [["Guard", GUARD[f.guard]] as const] : []),
    ["Learning rate", short(f.learningRate)],
    ["Loss", `${short(f.firstLoss)} → ${short(f.finalLoss)} ${unit}`],
    ...(f.validation ? [["Loss on rows held out", heldOut(f.validation, unit)] as const] : []),
    ["Seed", String(f.seed)],
    ["Time", duration(f.durationMs)],
    ["Merged model", merged],
  ]);
}

function method({ method, rank, alpha, rslora, dora, targetModules }: FinetuneRecord): string {
  if (method === "full") return "all weights, no adapter";
  const scale = rslora ? `alpha ${alpha} over √rank (rank-stabilised)` : `alpha ${alpha}`;
  const norms = dora ? ", norms of the weights’ rows trained apart (DoRA)" : "";
  return `LoRA, rank ${rank}, ${scale}${norms}, on ${targetModules.join(", ")}`;
}

const OBJECTIVE: Readonly<Record<NonNullable<FinetuneRecord["objective"]>, string>> = {
  sft: "answers, token by token (sft)",
  dpo: "pairs of a preferred and a rejected answer (dpo)",
};

const GUARD: Readonly<Record<NonNullable<FinetuneRecord["guard"]>, string>> = {
  caft: "caft: it trained without the model’s part along the directions of guarded behaviours",
  "adapter-projection": "adapter-projection: what the adapter writes has no part along the guarded directions",
  preventative: "preventative: guarded behaviours were added while it trained, and are not afterwards",
  kl: "kl: on other texts the loss held it near the base",
};

/** The monitored behaviour by its title; it need not be one that was audited. */
function stopped(id: string, { behaviours }: AuditRecord): string {
  const title = behaviours.find((b) => b.id === id)?.title ?? id;
  return `the monitor stopped it: the drift along “${shorten(title, 100)}” went beyond its limit`;
}

function heldOut({ step, loss, rows }: NonNullable<FinetuneRecord["validation"]>, unit: string): string {
  const said = loss === null ? "not a finite number" : `${short(loss)} ${unit}`;
  return `${said}, over ${counted(rows, "row")}, with the parameters of step ${count(step)}, which were kept`;
}
