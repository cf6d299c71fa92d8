import { must, rng } from "../core/index.ts";
import { groupsByLength } from "../engine/index.ts";
import type { TrainingRow } from "./step.ts";

/** Rows that run together, padded to one length. */
export interface MicroBatch<Row extends TrainingRow = TrainingRow> {
  readonly rows: readonly Row[];
  readonly paddedLength: number;
}

/** Row indices of optimiser step `step` (from 0): each epoch is its own shuffle, the last batch of one may be short. */
export function rowsOfStep(nRows: number, batchRows: number, step: number, seed: number): number[] {
  const perEpoch = Math.ceil(nRows / batchRows);
  const epoch = Math.floor(step / perEpoch);
  const order = rng(seed, "order", epoch).shuffle(Array.from({ length: nRows }, (_, i) => i));
  const start = (step % perEpoch) * batchRows;
  return order.slice(start, start + batchRows);
}

/** Splits a batch by length so that no micro-batch holds more than `tokenBudget` tokens (one row at least). */
export function microBatches<Row extends TrainingRow>(rows: readonly Row[], tokenBudget: number): MicroBatch<Row>[] {
  const lengths = rows.map(({ ids }) => ids.length);
  return groupsByLength(lengths, tokenBudget).map(({ members, seq }) => ({
    rows: members.map((row) => must(rows[row], "row")),
    paddedLength: seq,
  }));
}
