/** Fine-tuning as a stage of a run: adapter, merged model, metrics, and the proof that the two are equal. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { must, type OnProgress, UserError } from "../core/index.ts";
import type { Engine, LanguageModel } from "../engine/index.ts";
import type { Adapter } from "../models/index.ts";
import { type FinetuneRecord, MetricsLine } from "../records/index.ts";
import { appendJsonl, atomicWriteFile, hashFile, readJsonl, writeJsonl } from "../store/index.ts";
import {
  adapterFault,
  divideRows,
  type Finetuned,
  layoutOf,
  logitDistance,
  openMade,
  type PreferenceOptions,
  type PreferencePair,
  rowsOfStep,
  type StepReport,
  stepsOf,
  type TrainingRow,
  type ValidationLine,
  writeMerged,
  writePeft,
} from "../training/index.ts";
import type { Config } from "./config.ts";
import { guardOf } from "./guard.ts";
import { trainingLogs } from "./logs.ts";
import { monitorOf } from "./monitor.ts";
import { asLanguageModel, type OpenedModel } from "./open.ts";
import { trainExamples } from "./train-examples.ts";
import { trainingBase } from "./training-base.ts";
import type { Examples } from "./validate.ts";

export interface TuneRequest extends Examples {
  readonly engine: Engine;
  readonly model: OpenedModel;
  /** Evaluated on while training, in place of a share of the rows. */
  readonly heldOut?: Examples | null;
  readonly dataSha256: string;
  readonly config: Pick<Config, "train" | "seed" | "merged" | "guard" | "monitor">;
  readonly folder: string;
  readonly key: string;
  readonly onProgress?: OnProgress;
  readonly signal?: AbortSignal;
}

/** Tokens that run together: more would not be faster on a CPU, only larger. */
const MICRO_BATCH_TOKENS = 1024;
/** Merged and unmerged differ by rounding of sums only; KL beyond this is a fault of ours. */
const LARGEST_KL_NATS = 1e-4;

export async function tune(
  request: TuneRequest,
): Promise<{ record: FinetuneRecord; adapter: Adapter; outputs: string[] }> {
  const { engine, model, rows, config, folder, key } = request;
  const startedAt = performance.now();
  const metrics = join(folder, "metrics.jsonl");
  const losses: number[] = [];
  let trainedTokens = 0;
  const options = loraOptions(config, request.heldOut);
  const { train: trained } = divideRows<TrainingRow | PreferencePair>({
    rows: request.pairs ?? rows,
    heldOut: request.heldOut?.rows ?? null,
    options,
  });
  const guard = await guardOf(request);
  const { rank } = layoutOf(model.source.definition, options);
  const shape = { rank, magnitudes: config.train.dora };
  const monitor = await monitorOf({ ...request, shape, steps: stepsOf(trained.length, options) });
  const logs = trainingLogs(folder);
  let total: number | null = null;
  let evaluated: ValidationLine | null = null;
  const shared = {
    engine,
    source: await trainingBase(model, config.train.base),
    folder,
    key,
    look: monitor,
    onStart: async ({ resumedAt, steps }: { resumedAt: number; steps: number }) => {
      total = steps;
      for (const { step, loss, drift } of await keepMetrics(metrics, resumedAt)) {
        losses.push(loss);
        if (drift) monitor?.recall({ step, drift });
      }
      trainedTokens = tokensBefore(resumedAt, trained, config);
      await logs.begin(resumedAt);
    },
    onStep: async (report: StepReport) => {
      losses.push(report.loss);
      trainedTokens += report.tokens;
      const seen = monitor?.last();
      const line = {
        ...metricsLine(report, trained.length, config.train.batchRows),
        ...evaluationAt(report.step, evaluated),
        ...(seen?.step === report.step ? { drift: { ...seen.drift } } : {}),
      };
      await appendJsonl(metrics, line);
      await logs.step(line);
      request.onProgress?.(progress(report, total));
    },
    onValidation: (line: ValidationLine) => {
      evaluated = line;
      return logs.validation(line);
    },
    ...(request.signal ? { signal: request.signal } : {}),
  };
  const heldOut = request.heldOut ?? null;
  const tuned = await trainExamples(request, { ...shared, heldOut, options, guard });
  const fault = adapterFault(tuned.adapter);
  if (fault)
    throw new UserError("fine-tune", {
      expected: "an adapter that changes the model",
      got: fault,
      fix: "raise train.learningRate or train.epochs",
    });
  await refuseDiverged(request, tuned.adapter);
  await writePeft(join(folder, "adapter"), tuned.adapter, model.source);
  const merged = config.merged ? await mergeAndCompare(request, tuned.adapter) : null;
  const record: FinetuneRecord = {
    schemaVersion: 1,
    base: model.identity,
    dataSha256: request.dataSha256,
    method: "lora",
    objective: config.train.objective,
    rslora: config.train.rslora,
    dora: config.train.dora,
    guard: guard?.method ?? null,
    stoppedBy: monitor?.stoppedBy() ?? null,
    rank: tuned.adapter.rank,
    alpha: tuned.adapter.alpha,
    targetModules: [
      ...new Set([...tuned.adapter.modules.keys()].map((module) => must(module.split(".").at(-1), "module"))),
    ],
    trainableParameters: tuned.trainableParameters,
    epochs: config.train.epochs,
    steps: tuned.steps,
    batchRows: config.train.batchRows,
    learningRate: config.train.learningRate,
    seed: config.seed,
    trainedTokens,
    firstLoss: must(losses[0], "loss"),
    finalLoss: must(losses.at(-1), "loss"),
    adapterSha256: await hashFile(join(folder, "adapter", "adapter_model.safetensors")),
    validation: finiteValidation(tuned.validation),
    merged,
    durationMs: performance.now() - startedAt,
  };
  await atomicWriteFile(join(folder, "finetune.json"), `${JSON.stringify(record, null, 2)}\n`);
  return {
    record,
    adapter: tuned.adapter,
    outputs: [
      "finetune.json",
      "metrics.jsonl",
      "logs",
      "adapter",
      "checkpoints",
      ...(tuned.validation ? ["validation.jsonl"] : []),
      ...(merged ? ["merged"] : []),
    ],
  };
}

/** Tokens of the steps that an interrupted training has done already; of a pair both answers'. */
export function tokensBefore(
  step: number,
  trained: readonly (TrainingRow | PreferencePair)[],
  { train, seed }: TuneRequest["config"],
): number {
  const tokens = trained.map((each) =>
    "chosen" in each ? each.chosen.ids.length + each.rejected.ids.length : each.ids.length,
  );
  const steps = Array.from({ length: step }, (_, i) => rowsOfStep(trained.length, train.batchRows, i, seed));
  return steps.flat().reduce((sum, row) => sum + must(tokens[row], "row"), 0);
}

/** The held-out loss of a step, where there is one that JSON can hold. */
export function evaluationAt(step: number, evaluated: ValidationLine | null): Pick<MetricsLine, "validationLoss"> {
  return evaluated?.step === step && Number.isFinite(evaluated.loss) ? { validationLoss: evaluated.loss } : {};
}

/** The last step's loss was taken before its update: what came of that update shows in the logits only. */
async function refuseDiverged({ engine, model, rows }: TuneRequest, adapter: Adapter): Promise<void> {
  const tuned = await asLanguageModel(model, engine, adapter).withAdapter(adapter);
  const logits = await tuned.logits(probeOf(must(rows[0], "a row")));
  if (logits.every(Number.isFinite)) return;
  throw new UserError("fine-tune", {
    expected: "a model with finite logits",
    got: "one that has diverged",
    fix: "lower train.learningRate",
  });
}

export function loraOptions(
  { train, seed }: Pick<Config, "train" | "seed">,
  heldOut: Examples | null = null,
): PreferenceOptions {
  const { method: _, objective: _o, base: _base, targetModules, maxLength: _m, ...rest } = train;
  const { validationShare, evaluateEvery, patience, minDelta, ...options } = rest;
  const rules = { share: validationShare, everySteps: evaluateEvery, patience, minDelta };
  const validation = validationShare > 0 || heldOut ? rules : null;
  return { ...options, targets: targetModules, validation, microBatchTokens: MICRO_BATCH_TOKENS, seed };
}

/** A loss that is no number has no place in JSON. */
export function finiteValidation(validation: Finetuned["validation"]): FinetuneRecord["validation"] {
  return validation && { ...validation, loss: Number.isFinite(validation.loss) ? validation.loss : null };
}

/** Metrics of steps that the resumed training will not repeat. */
export async function keepMetrics(path: string, resumedAt: number): Promise<MetricsLine[]> {
  const kept: MetricsLine[] = [];
  if (resumedAt === 0) {
    await rm(path, { force: true });
    return kept;
  }
  for await (const line of readJsonl(path, MetricsLine)) if (line.step <= resumedAt) kept.push(line);
  await writeJsonl(path, kept);
  return kept;
}

export function metricsLine(report: StepReport, nRows: number, batchRows: number): MetricsLine {
  return {
    step: report.step,
    epoch: report.step / Math.ceil(nRows / batchRows),
    loss: report.loss,
    learningRate: report.learningRate,
    gradNorm: report.gradNorm,
    tokensPerSecond: (1000 * report.tokens) / report.durationMs,
    responseTokens: report.responseTokens,
  };
}

export function progress({ step, loss, tokens, durationMs, learningRate }: StepReport, total: number | null) {
  return {
    task: "fine-tune",
    step,
    total,
    readings: { loss, tokensPerSecond: (1000 * tokens) / durationMs, learningRate },
  };
}

/** Writes base + adapter as one model and asks both the same: the claim "merged = adapter" is checked, not assumed. */
async function mergeAndCompare(
  { engine, model, rows, folder }: TuneRequest,
  adapter: Adapter,
): Promise<FinetuneRecord["merged"]> {
  const path = join(folder, "merged");
  const file = await writeMerged(path, model.source, model.files.folder, adapter);
  const source = await openMade(file, model.source);
  const whole = asLanguageModel({ ...model, source }, engine, null);
  const parts = await asLanguageModel(model, engine, adapter).withAdapter(adapter);
  const distance = await compareLogits(parts, whole, rows.slice(0, 4));
  if (!(distance.meanKlNats < LARGEST_KL_NATS))
    throw new Error(`merged model differs from base + adapter: KL ${distance.meanKlNats} nats`);
  return {
    path: "merged",
    dtype: "float32",
    maxLogitDifference: distance.maxDifference,
    meanKlNats: distance.meanKlNats,
    positions: distance.positions,
  };
}

function probeOf({ ids }: TrainingRow) {
  const first = ids.subarray(0, 64);
  return { ids: [...first], positions: [...first.keys()] };
}

async function compareLogits(a: LanguageModel, b: LanguageModel, rows: readonly TrainingRow[]) {
  const { dVocab } = a.source.definition.dimensions;
  let [maxDifference, kl, positions] = [0, 0, 0];
  for (const row of rows) {
    const sequence = probeOf(row);
    const distance = logitDistance(await a.logits(sequence), await b.logits(sequence), dVocab);
    maxDifference = Math.max(maxDifference, distance.maxDifference);
    kl += distance.meanKlNats * sequence.ids.length;
    positions += sequence.ids.length;
  }
  return { maxDifference, meanKlNats: kl / positions, positions };
}
