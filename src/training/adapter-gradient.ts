/** The gradient of a weighted loss in an adapter's own parameters, whole or row by row. */
import type { Engine, ModelSource } from "../engine/index.ts";
import type { AdapterLayout } from "../models/index.ts";
import { type MicroBatch, microBatches } from "./batches.ts";
import { addGradient, type TrainingProgram, type TrainingRow, trainingProgram } from "./step.ts";
import { loraTrainable } from "./trainable.ts";

export interface AdapterGradientRequest {
  readonly engine: Engine;
  readonly source: ModelSource;
  readonly layout: AdapterLayout;
  /** Where the gradient is taken: A and B as `layout` lays them. */
  readonly flat: Float32Array;
  /** Multiplies B A. */
  readonly scale: number;
  /** Their weights count as they are, negative ones too. */
  readonly rows: readonly TrainingRow[];
  readonly microBatchTokens: number;
  readonly signal?: AbortSignal;
  /** Called with the number of rows done. */
  readonly onDone?: (done: number, total: number) => void;
}

export interface AdapterGradient {
  /** Σ weights · −log p, nats. */
  readonly loss: number;
  /** d(loss)/d(flat), of the layout's size. */
  readonly gradient: Float32Array;
}

/** Gradient of Σ weights · −log p over all rows. Writes the engine's buffers of a training. */
export async function adapterGradient(request: AdapterGradientRequest): Promise<AdapterGradient> {
  const { engine, rows, microBatchTokens } = request;
  const training = await prepare(request);
  let loss = 0;
  let done = 0;
  for (const [i, batch] of microBatches(rows, microBatchTokens).entries()) {
    loss += await addBatch(request, training, batch, i === 0);
    done += batch.rows.length;
    request.onDone?.(done, rows.length);
  }
  const gradient = await engine.read("gradient");
  await release(engine);
  return { loss, gradient };
}

/** The same, one row after the other. */
export async function adapterGradients(
  request: AdapterGradientRequest,
  visit: (row: number, gradient: Float32Array, loss: number) => void,
): Promise<void> {
  const { engine, rows, microBatchTokens } = request;
  const training = await prepare(request);
  for (const [i, row] of rows.entries()) {
    const [batch] = microBatches([row], microBatchTokens);
    const loss = batch ? await addBatch(request, training, batch, true) : 0;
    visit(i, await engine.read("gradient"), loss);
    request.onDone?.(i + 1, rows.length);
  }
  await release(engine);
}

const buffers = ["parameters", "zero", "gradient"] as const;

async function prepare(request: AdapterGradientRequest): Promise<TrainingProgram> {
  const { engine, source, layout, flat, microBatchTokens } = request;
  const zero = new Float32Array(layout.size);
  for (const name of buffers) await engine.write(name, name === "parameters" ? flat : zero);
  return trainingProgram(source, loraTrainable(layout), microBatchTokens);
}

async function release(engine: Engine): Promise<void> {
  for (const name of buffers) await engine.free(name);
}

function addBatch(
  { engine, scale, signal }: AdapterGradientRequest,
  training: TrainingProgram,
  batch: MicroBatch,
  first: boolean,
): Promise<number> {
  return addGradient({ engine, training, ...batch, totalWeight: 1, scale, first, ...(signal ? { signal } : {}) });
}
