/** Fine-tuning as a stage of a run: adapter, merged model, metrics, and the proof that the two are equal. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { must, type OnProgress, UserError } from "../core/index.ts";
import { openSafetensors } from "../data/index.ts";
import type { Engine, LanguageModel } from "../engine/index.ts";
import type { Adapter } from "../models/index.ts";
import { type FinetuneRecord, MetricsLine } from "../records/index.ts";
import { appendJsonl, atomicWriteFile, hashFile, readJsonl, writeJsonl } from "../store/index.ts";
import {
  adapterFault,
  finetune,
  type LoraOptions,
  logitDistance,
  rowsOfStep,
  type StepReport,
  type TrainingRow,
  writeMerged,
  writePeft,
} from "../training/index.ts";
import type { Config } from "./config.ts";
import { asLanguageModel, type OpenedModel } from "./open.ts";

export interface TuneRequest {
  readonly engine: Engine;
  readonly model: OpenedModel;
  readonly rows: readonly TrainingRow[];
  readonly dataSha256: string;
  readonly config: Pick<Config, "train" | "seed" | "merged">;
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
  const tuned = await finetune({
    engine,
    source: model.source,
    rows,
    options: loraOptions(config),
    folder,
    key,
    onStart: async ({ resumedAt }) => {
      for (const line of await keepMetrics(metrics, resumedAt)) losses.push(line.loss);
      trainedTokens = tokensBefore(resumedAt, rows, config);
    },
    onStep: async (report) => {
      losses.push(report.loss);
      trainedTokens += report.tokens;
      await appendJsonl(metrics, metricsLine(report, rows.length, config.train.batchRows));
      request.onProgress?.(progress(report, request));
    },
    ...(request.signal ? { signal: request.signal } : {}),
  });
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
    merged,
    durationMs: performance.now() - startedAt,
  };
  await atomicWriteFile(join(folder, "finetune.json"), `${JSON.stringify(record, null, 2)}\n`);
  return {
    record,
    adapter: tuned.adapter,
    outputs: ["finetune.json", "metrics.jsonl", "adapter", "checkpoints", ...(merged ? ["merged"] : [])],
  };
}

/** Tokens of the steps that an interrupted training has done already. */
function tokensBefore(step: number, rows: readonly TrainingRow[], { train, seed }: TuneRequest["config"]): number {
  const steps = Array.from({ length: step }, (_, i) => rowsOfStep(rows.length, train.batchRows, i, seed));
  return steps.flat().reduce((sum, row) => sum + must(rows[row], "row").ids.length, 0);
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

export function loraOptions({ train, seed }: Pick<Config, "train" | "seed">): LoraOptions {
  const { method: _, targetModules, maxLength: __, ...rest } = train;
  return { ...rest, targets: targetModules, microBatchTokens: MICRO_BATCH_TOKENS, seed };
}

/** Metrics of steps that the resumed training will not repeat. */
async function keepMetrics(path: string, resumedAt: number): Promise<MetricsLine[]> {
  const kept: MetricsLine[] = [];
  if (resumedAt === 0) {
    await rm(path, { force: true });
    return kept;
  }
  for await (const line of readJsonl(path, MetricsLine)) if (line.step <= resumedAt) kept.push(line);
  await writeJsonl(path, kept);
  return kept;
}

function metricsLine(report: StepReport, nRows: number, batchRows: number): MetricsLine {
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

function progress({ step, loss, tokens, durationMs, learningRate }: StepReport, { rows, config }: TuneRequest) {
  const { batchRows, epochs } = config.train;
  const total = Math.max(1, Math.round(Math.ceil(rows.length / batchRows) * epochs));
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
  const source = { ...model.source, tensors: await openSafetensors(file) };
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
