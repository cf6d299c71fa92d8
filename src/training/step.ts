/** One gradient: the training graph, and the batches that it is fed. */
import {
  compile,
  type Engine,
  float32,
  type HostTensor,
  int64,
  type ModelSource,
  type Program,
  scalarTensor,
  selectMultiple,
} from "../engine/index.ts";
import { Add, Concat, Graph, gradients, Reshape } from "../tensor/index.ts";
import { type Guard, guardedGraph } from "./guard.ts";
import { rowLoss } from "./loss.ts";
import type { Trainable } from "./trainable.ts";

/** A row to learn from: token ids, and the weight of predicting each from those before it. */
export interface TrainingRow {
  readonly ids: Int32Array;
  readonly weights: Float32Array;
}

export interface TrainingProgram {
  readonly program: Program;
  readonly trainable: Trainable;
  /** The number of selected positions must be a multiple of this. */
  readonly chunks: number;
  /** What a guard's parts of the graph are fed, for a batch of so many rows. */
  readonly guardFeeds?: (rows: number) => Readonly<Record<string, HostTensor>>;
}

/**
 * The graph of loss and gradient. Inputs: `tokens`, `positions`, `select`, `targets`, `weights`, the trained vector,
 * `gradient.sum` (of earlier micro-batches). Outputs: `loss`, `gradient` (the sum with this batch's).
 */
export function trainingProgram(
  source: ModelSource,
  trainable: Trainable,
  microBatchTokens: number,
  guard: Guard | null = null,
): TrainingProgram {
  const graph = new Graph();
  const within = guard && guardedGraph(graph, guard);
  const { outputs, context, parts } = trainable.build(graph, source, within?.within);
  const chunks = lossChunks(source, trainable, microBatchTokens);
  const unembedding = context.weight(source.definition.unembedding);
  const { trainsUnembedding: trainUnembedding } = trainable;
  const loss = rowLoss(graph, { hidden: outputs.hidden, unembedding, trainUnembedding }, chunks);
  const flat = gradients(loss, graph.constant("float32", [1], []), parts).map((gradient) =>
    Reshape(gradient, [elements(gradient.shape)]),
  );
  graph.output("loss", loss);
  graph.output("gradient", Add(Concat(flat, 0), graph.input("gradient.sum", "float32", [trainable.size])));
  return { program: compile(graph), trainable, chunks, ...(within ? { guardFeeds: within.feeds } : {}) };
}

/** Parts of the logits: of so many tokens at once, or of one row. */
export function lossChunks({ definition }: ModelSource, { longest = 0 }: Trainable, microBatchTokens: number): number {
  return selectMultiple(definition, Math.max(microBatchTokens, longest));
}

function elements(shape: readonly (number | string)[]): number {
  return shape.reduce<number>((product, dim) => product * Number(dim), 1);
}

export interface GradientRequest {
  readonly engine: Engine;
  readonly training: TrainingProgram;
  /** Right-padded together to `paddedLength`. */
  readonly rows: readonly TrainingRow[];
  readonly paddedLength: number;
  /** Loss weights are divided by this: the total weight of the whole batch. */
  readonly totalWeight: number;
  /** The scale of LoRA's product. */
  readonly scale: number;
  /** Is this the first micro-batch of a step? Then the gradient starts from zero. */
  readonly first: boolean;
  readonly signal?: AbortSignal;
}

/** Adds a micro-batch's gradient to the buffer `gradient`; returns its part of the loss, nats. */
export async function addGradient({
  engine,
  training,
  rows,
  paddedLength,
  totalWeight,
  scale,
  first,
  signal,
}: GradientRequest): Promise<number> {
  const { trainable } = training;
  const vector = (buffer: string) => ({ buffer, shape: [trainable.size] });
  const { loss } = await engine.run(
    {
      program: training.program,
      feeds: {
        ...batchFeeds(rows, paddedLength, totalWeight, training.chunks),
        ...training.guardFeeds?.(rows.length),
        [trainable.input]: vector("parameters"),
        adapter_scale: scalarTensor(scale),
        "gradient.sum": vector(first ? "zero" : "gradient"),
      },
      fetches: ["loss"],
      keep: { gradient: vector("gradient") },
    },
    signal,
  );
  return loss?.data[0] as number;
}

/**
 * Tokens and targets of rows that are right-padded together; loss weights are divided by `totalWeight`. Padding stands at
 * position 0, which every model has.
 */
export function batchFeeds(rows: readonly TrainingRow[], seq: number, totalWeight: number, chunks: number) {
  const tokens = new Int32Array(rows.length * seq);
  const positions = new Int32Array(rows.length * seq);
  const select: number[] = [];
  const targets: number[] = [];
  const weights: number[] = [];
  for (const [r, { ids, weights: rowWeights }] of rows.entries()) {
    tokens.set(ids, r * seq);
    for (let t = 1; t < ids.length; t++) {
      positions[r * seq + t] = t;
      const weight = rowWeights[t] as number;
      if (weight === 0) continue;
      select.push(r * seq + t - 1);
      targets.push(ids[t] as number);
      weights.push(weight / totalWeight);
    }
  }
  while (select.length % chunks !== 0 || select.length === 0) {
    select.push(0);
    targets.push(0);
    weights.push(0);
  }
  const n = select.length;
  return {
    tokens: int64([rows.length, seq], tokens),
    positions: int64([rows.length, seq], positions),
    select: int64([n], Int32Array.from(select)),
    targets: int64([n], Int32Array.from(targets)),
    weights: float32([n], Float32Array.from(weights)),
  };
}

/** Sum of the loss weights that count: the first token of a row is predicted from nothing. */
export function lossWeight({ weights }: TrainingRow): number {
  return weights.subarray(1).reduce((sum, weight) => sum + weight, 0);
}
