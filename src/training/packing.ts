/**
 * Packing: several rows side by side in one sequence, so that short ones waste no padding (Krell et al. 2021,
 * arXiv 2107.02027). Rows never see each other: positions start anew at each, and a mask says who sees whom. The
 * gradient is that of the rows apart.
 */
import { type Engine, type HostTensor, type ModelSource, paddedTo, scalarTensor } from "../engine/index.ts";
import type { Guard } from "./guard.ts";
import { batchFeeds, lossWeight, type TrainingProgram, type TrainingRow, trainingProgram } from "./step.ts";
import type { StepGradient } from "./train.ts";
import type { Trainable } from "./trainable.ts";

/** Rows that share a sequence, in their order in it. */
export type Pack<Row extends TrainingRow = TrainingRow> = readonly Row[];

/** First-fit decreasing: the longest row first, each into the first sequence of `length` tokens that has room. */
export function packRows<Row extends TrainingRow>(rows: readonly Row[], length: number): Pack<Row>[] {
  const packs: { rows: Row[]; room: number }[] = [];
  for (const row of rows.toSorted((a, b) => b.ids.length - a.ids.length)) {
    const found = packs.find(({ room }) => room >= row.ids.length);
    if (found) {
      found.rows.push(row);
      found.room -= row.ids.length;
    } else packs.push({ rows: [row], room: Math.max(0, length - row.ids.length) });
  }
  return packs.map((pack) => pack.rows);
}

/** Share of a padded batch's positions that hold tokens. */
export function filledShare(packs: readonly Pack[], length: number): number {
  const tokens = packs.flat().reduce((sum, { ids }) => sum + ids.length, 0);
  return tokens / (packs.length * length);
}

/** The feeds of a batch of packs: as `batchFeeds`, with positions that start anew and `visible [batch, seq, seq]`. */
export function packFeeds(packs: readonly Pack[], seq: number, totalWeight: number, chunks: number) {
  const joined = packs.map((pack): TrainingRow => join(pack));
  const feeds = batchFeeds(joined, seq, totalWeight, chunks);
  const positions = new Int32Array(packs.length * seq);
  const visible = new Uint8Array(packs.length * seq * seq);
  for (const [p, pack] of packs.entries()) {
    let start = 0;
    for (const { ids } of pack) {
      for (let t = 0; t < ids.length; t++) {
        positions[p * seq + start + t] = t;
        const row = (p * seq + start + t) * seq;
        visible.fill(1, row + start, row + start + t + 1);
      }
      start += ids.length;
    }
    // Padding sees itself, so that no softmax is over nothing.
    for (let t = start; t < seq; t++) visible[(p * seq + t) * seq + t] = 1;
  }
  const shape = [packs.length, seq];
  return {
    ...feeds,
    positions: { dtype: "int64", shape, data: positions } satisfies HostTensor,
    visible: { dtype: "bool", shape: [...shape, seq], data: visible } satisfies HostTensor,
  };
}

/** One row of a pack's tokens; the first token of each part is predicted by nothing. */
function join(pack: Pack): TrainingRow {
  const length = pack.reduce((sum, { ids }) => sum + ids.length, 0);
  const ids = new Int32Array(length);
  const weights = new Float32Array(length);
  let at = 0;
  for (const row of pack) {
    ids.set(row.ids, at);
    weights.set(row.weights.subarray(1), at + 1);
    at += row.ids.length;
  }
  return { ids, weights };
}

/** The graph of a training step over packs. */
export function packedProgram(
  source: ModelSource,
  trainable: Trainable,
  microBatchTokens: number,
  guard: Guard | null = null,
): TrainingProgram {
  const packed: Trainable = {
    ...trainable,
    build: (graph, of, within) => trainable.build(graph, of, { ...within, tree: true }),
  };
  return trainingProgram(source, packed, microBatchTokens, guard);
}

export interface PackedRequest {
  readonly engine: Engine;
  /** Made by `packedProgram`. */
  readonly training: TrainingProgram;
  readonly scale: number;
  readonly microBatchTokens: number;
  readonly signal?: AbortSignal;
}

/**
 * The gradient of the rows' mean cross-entropy into the engine's buffer. Sequences are as long as the longest row,
 * padded: packing then never costs more than padding all rows to one length does.
 */
export async function packedGradient(request: PackedRequest, rows: readonly TrainingRow[]): Promise<StepGradient> {
  const { engine, training, scale, microBatchTokens, signal } = request;
  const { trainable, program, chunks } = training;
  const totalWeight = rows.reduce((sum, row) => sum + lossWeight(row), 0);
  const length = paddedTo(Math.max(...rows.map(({ ids }) => ids.length)));
  const packs = packRows(rows, length);
  const together = Math.max(1, Math.floor(microBatchTokens / length));
  const vector = (buffer: string) => ({ buffer, shape: [trainable.size] });
  let loss = 0;
  for (let start = 0; start < packs.length; start += together) {
    const batch = packs.slice(start, start + together);
    const feeds = {
      ...packFeeds(batch, length, totalWeight, chunks),
      ...training.guardFeeds?.(batch.length),
      [trainable.input]: vector("parameters"),
      adapter_scale: scalarTensor(scale),
      "gradient.sum": vector(start === 0 ? "zero" : "gradient"),
    };
    const out = await engine.run({ program, feeds, fetches: ["loss"], keep: { gradient: vector("gradient") } }, signal);
    loss += out.loss?.data[0] as number;
  }
  return {
    loss,
    tokens: rows.reduce((sum, row) => sum + row.ids.length, 0),
    responseTokens: rows.reduce((sum, row) => sum + row.weights.filter((weight) => weight !== 0).length, 0),
  };
}
