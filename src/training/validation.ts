/** Rows that are held out of a training, the loss on them, and when to stop because of it. */
import { rng } from "../core/index.ts";
import { compile, type Engine, type ModelSource, scalarTensor } from "../engine/index.ts";
import { Graph } from "../tensor/index.ts";
import { microBatches } from "./batches.ts";
import { type Guard, guardedGraph, lastingGuard } from "./guard.ts";
import { rowLoss } from "./loss.ts";
import { batchFeeds, lossChunks, lossWeight, type TrainingProgram, type TrainingRow } from "./step.ts";
import type { Trainable } from "./trainable.ts";

/** Holds out a share of the rows (one at least, never all), drawn by the seed. */
export function splitRows<Row>(rows: readonly Row[], share: number, seed: number): { train: Row[]; validation: Row[] } {
  const held =
    share === 0 || rows.length < 2 ? 0 : Math.min(rows.length - 1, Math.max(1, Math.round(share * rows.length)));
  const order = rng(seed, "validation").shuffle(rows.map((_, i) => i));
  const chosen = new Set(order.slice(0, held));
  return {
    train: rows.filter((_, i) => !chosen.has(i)),
    validation: rows.filter((_, i) => chosen.has(i)),
  };
}

export interface Division<Row> {
  readonly train: readonly Row[];
  readonly validation: readonly Row[];
}

/** The rows that are trained on, and those that are evaluated on: from elsewhere, else a share of the rows. */
export function divideRows<Row>(asked: {
  readonly rows: readonly Row[];
  readonly heldOut?: readonly Row[] | null;
  readonly options: { readonly seed: number; readonly validation?: { readonly share: number } | null };
}): Division<Row> {
  const { rows, heldOut, options } = asked;
  if (heldOut) return { train: rows, validation: heldOut };
  return splitRows(rows, options.validation?.share ?? 0, options.seed);
}

/**
 * The loss alone, without its gradient. Inputs: those of a training step but `gradient.sum`. `guard`: the training's; what
 * of it does not last beyond the training is left out.
 */
export function evaluationProgram(
  source: ModelSource,
  trainable: Trainable,
  microBatchTokens: number,
  guard: Guard | null = null,
): TrainingProgram {
  const graph = new Graph();
  const lasting = lastingGuard(guard);
  const within = lasting && guardedGraph(graph, lasting);
  const { outputs, context } = trainable.build(graph, source, within?.within);
  const chunks = lossChunks(source, trainable, microBatchTokens);
  const loss = rowLoss(
    graph,
    { hidden: outputs.hidden, unembedding: context.weight(source.definition.unembedding) },
    chunks,
  );
  graph.output("loss", loss);
  return { program: compile(graph), trainable, chunks, ...(within ? { guardFeeds: within.feeds } : {}) };
}

export interface EvaluationRequest {
  readonly engine: Engine;
  /** Made by `evaluationProgram`. */
  readonly evaluation: TrainingProgram;
  readonly rows: readonly TrainingRow[];
  readonly microBatchTokens: number;
  readonly scale: number;
  readonly signal?: AbortSignal;
}

/** Mean −log p per unit of loss weight, nats, of the parameters in the engine's buffer. */
export async function evaluateLoss(request: EvaluationRequest): Promise<number> {
  const { engine, evaluation, rows, microBatchTokens, scale, signal } = request;
  const { trainable, program, chunks } = evaluation;
  const total = rows.reduce((sum, row) => sum + lossWeight(row), 0);
  let loss = 0;
  for (const batch of microBatches(rows, microBatchTokens)) {
    const feeds = {
      ...batchFeeds(batch.rows, batch.paddedLength, total, chunks),
      ...evaluation.guardFeeds?.(batch.rows.length),
      [trainable.input]: { buffer: "parameters", shape: [trainable.size] },
      adapter_scale: scalarTensor(scale),
    };
    const out = await engine.run({ program, feeds, fetches: ["loss"] }, signal);
    loss += out.loss?.data[0] as number;
  }
  return loss;
}

export interface PatienceOptions {
  /** Evaluations without a new best before the training stops; null: never. */
  readonly patience: number | null;
  /** A loss is a new best where it is lower than the old one by more than this, nats. */
  readonly minDelta: number;
}

/** Where a training stands after some evaluations. */
export interface Patience {
  readonly best: number;
  readonly bestStep: number;
  /** Evaluations since the best one. */
  readonly waited: number;
}

export const fullPatience: Patience = { best: Number.POSITIVE_INFINITY, bestStep: 0, waited: 0 };

/** After one more evaluation. A loss that is no number is never a best. */
export function heard(patience: Patience, step: number, loss: number, { minDelta }: PatienceOptions): Patience {
  if (loss < patience.best - minDelta) return { best: loss, bestStep: step, waited: 0 };
  return { ...patience, waited: patience.waited + 1 };
}

export function isOver({ waited }: Patience, { patience }: PatienceOptions): boolean {
  return patience !== null && waited >= patience;
}
