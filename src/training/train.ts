/** The training loop: gradient, optimiser step, report, checkpoint. What is trained and on which rows is handed in. */
import { CancelledError, UserError } from "../core/index.ts";
import type { Engine } from "../engine/index.ts";
import { microBatches } from "./batches.ts";
import { type AdamWOptions, adamWProgram, optimiserStep, type Run } from "./optimiser.ts";
import { learningRateAt, type ScheduleOptions } from "./schedule.ts";
import { addGradient, lossWeight, type TrainingProgram, type TrainingRow } from "./step.ts";

/** Everything that the next step depends on besides the rows. */
export interface TrainingState {
  /** Steps done. */
  readonly step: number;
  readonly parameters: Float32Array;
  readonly m: Float32Array;
  readonly v: Float32Array;
}

export interface StepReport {
  /** From 1. */
  readonly step: number;
  readonly loss: number;
  readonly learningRate: number;
  readonly gradNorm: number;
  /** Tokens of the batch's rows, and those that carry loss. */
  readonly tokens: number;
  readonly responseTokens: number;
  readonly durationMs: number;
}

/** What a step's gradient, now in the engine's buffer, was made of. */
export interface StepGradient {
  readonly loss: number;
  readonly tokens: number;
  readonly responseTokens: number;
}

export interface TrainRequest extends LoopRequest {
  readonly training: TrainingProgram;
  /** Rows of step `step` (from 0). */
  readonly batchOfStep: (step: number) => readonly TrainingRow[];
  /** LoRA's alpha / rank; 1 elsewhere. */
  readonly scale: number;
  readonly microBatchTokens: number;
}

export interface LoopRequest {
  readonly engine: Engine;
  /** Numbers that are trained. */
  readonly size: number;
  /** Puts the gradient of step `step` (from 0) into the engine's buffer. */
  readonly gradientOfStep: (step: number) => Promise<StepGradient>;
  readonly steps: number;
  readonly start: TrainingState;
  readonly optimiser: AdamWOptions;
  /** Where weight decay is left out; absent: nowhere. */
  readonly undecayed?: readonly Run[];
  readonly schedule: ScheduleOptions;
  readonly onStep?: (report: StepReport) => Promise<void> | void;
  /** Called after every `every`-th step and after the last, before the next begins. */
  readonly checkpoint?: { readonly every: number; readonly save: (state: TrainingState) => Promise<void> };
  /** Called after a step, before its report. */
  readonly inspect?: (step: number) => Promise<void>;
  /** Asked after a step and its report; true ends the training there. */
  readonly isOver?: () => boolean;
  readonly signal?: AbortSignal;
}

/** A state before the first step. */
export function freshState(parameters: Float32Array): TrainingState {
  return { step: 0, parameters, m: new Float32Array(parameters.length), v: new Float32Array(parameters.length) };
}

/** Trains on the cross-entropy of rows. */
export function train(request: Omit<TrainRequest, "size" | "undecayed" | "gradientOfStep">): Promise<TrainingState> {
  const { training, batchOfStep } = request;
  const { size, undecayed = [] } = training.trainable;
  const gradientOfStep = (step: number) => crossEntropyGradient(request, batchOfStep(step));
  return trainLoop({ ...request, size, undecayed, gradientOfStep });
}

/** Trains from `start` to the end and returns the last state. Throws `UserError` where the loss is not a number. */
export async function trainLoop(request: LoopRequest): Promise<TrainingState> {
  const { engine, size, steps, start, checkpoint, signal } = request;
  await load(engine, start);
  const program = adamWProgram(size, request.optimiser, request.undecayed);
  for (let step = start.step; step < steps; step++) {
    if (signal?.aborted) throw new CancelledError("training");
    const report = await oneStep(request, program, step);
    await request.inspect?.(step + 1);
    await request.onStep?.(report);
    const over = request.isOver?.() ?? false;
    if (checkpoint && ((step + 1) % checkpoint.every === 0 || step + 1 === steps || over))
      await checkpoint.save(await unload(engine, step + 1));
    if (over) return unload(engine, step + 1);
  }
  return unload(engine, steps);
}

/** The gradient of the rows' mean cross-entropy, micro-batch by micro-batch. */
export async function crossEntropyGradient(
  request: Pick<TrainRequest, "engine" | "training" | "scale" | "microBatchTokens" | "signal">,
  rows: readonly TrainingRow[],
): Promise<StepGradient> {
  const { engine, training, scale, signal } = request;
  const totalWeight = rows.reduce((sum, row) => sum + lossWeight(row), 0);
  let loss = 0;
  for (const [i, batch] of microBatches(rows, request.microBatchTokens).entries()) {
    loss += await addGradient({
      engine,
      training,
      ...batch,
      totalWeight,
      scale,
      first: i === 0,
      ...(signal ? { signal } : {}),
    });
  }
  return {
    loss,
    tokens: rows.reduce((sum, row) => sum + row.ids.length, 0),
    responseTokens: rows.reduce((sum, row) => sum + row.weights.filter((weight) => weight !== 0).length, 0),
  };
}

async function oneStep(
  request: LoopRequest,
  program: ReturnType<typeof adamWProgram>,
  step: number,
): Promise<StepReport> {
  const { engine, size, optimiser, schedule, steps } = request;
  const startedAt = performance.now();
  const gradient = await request.gradientOfStep(step);
  const { loss } = gradient;
  if (!Number.isFinite(loss)) throw notFinite(step + 1, loss);
  const learningRate = learningRateAt(step + 1, steps, schedule);
  const gradNorm = await optimiserStep({ engine, program, size, options: optimiser, t: step + 1, learningRate });
  if (!Number.isFinite(gradNorm)) throw notFinite(step + 1, gradNorm);
  return {
    step: step + 1,
    ...gradient,
    learningRate,
    gradNorm,
    durationMs: performance.now() - startedAt,
  };
}

function notFinite(step: number, value: number): UserError {
  return new UserError(`training step ${step}`, {
    expected: "a finite loss",
    got: String(value),
    fix: "lower train.learningRate",
  });
}

async function load(engine: Engine, { parameters, m, v }: TrainingState): Promise<void> {
  const zero = new Float32Array(parameters.length);
  const buffers: Record<string, Float32Array> = { parameters, m, v, zero, gradient: zero };
  for (const [name, data] of Object.entries(buffers)) await engine.write(name, data);
}

async function unload(engine: Engine, step: number): Promise<TrainingState> {
  return { step, parameters: await engine.read("parameters"), m: await engine.read("m"), v: await engine.read("v") };
}
