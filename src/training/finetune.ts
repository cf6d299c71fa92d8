/** LoRA fine-tuning of one model on one data set: resumable, with a checkpoint folder. */
import { join } from "node:path";
import type { Engine, ModelSource } from "../engine/index.ts";
import { type Adapter, type AdapterLayout, loraScale } from "../models/index.ts";
import { rowsOfStep } from "./batches.ts";
import { adapterOf, type CheckpointFolder, latestCheckpoint, saveCheckpoint } from "./checkpoint.ts";
import { adamWDefaults } from "./optimiser.ts";
import type { ScheduleOptions } from "./schedule.ts";
import { type TrainingRow, trainingProgram } from "./step.ts";
import { type LoraShape, layoutOf } from "./targets.ts";
import { freshState, type StepReport, type TrainingState, train } from "./train.ts";
import { initialLora, initialMagnitudes, loraTrainable } from "./trainable.ts";

export interface LoraOptions extends LoraShape {
  readonly epochs: number;
  readonly learningRate: number;
  readonly warmupShare: number;
  readonly schedule: ScheduleOptions["kind"];
  /** Rows of one optimiser step. */
  readonly batchRows: number;
  /** Tokens that run together; bounds memory, changes no result beyond rounding. */
  readonly microBatchTokens: number;
  readonly weightDecay: number;
  readonly maxGradNorm: number;
  readonly seed: number;
}

export interface FinetuneRequest {
  readonly engine: Engine;
  readonly source: ModelSource;
  readonly rows: readonly TrainingRow[];
  readonly options: LoraOptions;
  /** Gets `checkpoints/step-<n>`. */
  readonly folder: string;
  /** Hash of model, data and options. */
  readonly key: string;
  readonly onStart?: (plan: {
    readonly steps: number;
    readonly resumedAt: number;
    readonly parameters: number;
  }) => Promise<void> | void;
  readonly onStep?: (report: StepReport) => Promise<void> | void;
  readonly signal?: AbortSignal;
}

export interface Finetuned {
  readonly adapter: Adapter;
  readonly steps: number;
  readonly trainableParameters: number;
}

/** How many checkpoints a training leaves. */
const CHECKPOINTS = 8;

async function firstState(layout: AdapterLayout, source: ModelSource, seed: number): Promise<TrainingState> {
  const flat = initialLora(layout, seed);
  await initialMagnitudes(layout, source, flat);
  return freshState(flat);
}

export function stepsOf(nRows: number, { batchRows, epochs }: LoraOptions): number {
  return Math.max(1, Math.round(Math.ceil(nRows / batchRows) * epochs));
}

export async function finetune(request: FinetuneRequest): Promise<Finetuned> {
  const { engine, source, rows, options } = request;
  const { alpha, rslora = false } = options;
  const layout = layoutOf(source.definition, options);
  const scale = loraScale(layout.rank, alpha, rslora);
  const place: CheckpointFolder = {
    folder: join(request.folder, "checkpoints"),
    key: request.key,
    layout,
    alpha,
    scale,
    rslora,
    base: source,
  };
  const steps = stepsOf(rows.length, options);
  const start = (await latestCheckpoint(place)) ?? (await firstState(layout, source, options.seed));
  await request.onStart?.({ steps, resumedAt: start.step, parameters: layout.size });
  const end = await train({
    engine,
    training: trainingProgram(source, loraTrainable(layout), options.microBatchTokens),
    batchOfStep: (step) =>
      rowsOfStep(rows.length, options.batchRows, step, options.seed).map((row) => rows[row] as TrainingRow),
    steps,
    start,
    optimiser: { ...adamWDefaults, weightDecay: options.weightDecay, maxGradNorm: options.maxGradNorm },
    schedule: {
      learningRate: options.learningRate,
      warmupSteps: Math.ceil(steps * options.warmupShare),
      kind: options.schedule,
      floor: 0,
    },
    scale,
    microBatchTokens: options.microBatchTokens,
    checkpoint: { every: Math.max(1, Math.ceil(steps / CHECKPOINTS)), save: (state) => saveCheckpoint(place, state) },
    ...(request.onStep ? { onStep: request.onStep } : {}),
    ...(request.signal ? { signal: request.signal } : {}),
  });
  return { adapter: adapterOf(place, end), steps, trainableParameters: layout.size };
}
