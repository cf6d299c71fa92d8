import { rng } from "../core/index.ts";
import { bucketOf } from "../engine/index.ts";
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
  const sorted = rows.toSorted((a, b) => b.ids.length - a.ids.length);
  const batches: MicroBatch<Row>[] = [];
  let start = 0;
  while (start < sorted.length) {
    const paddedLength = bucketOf((sorted[start] as Row).ids.length);
    const count = Math.max(1, Math.floor(tokenBudget / paddedLength));
    batches.push({ rows: sorted.slice(start, start + count), paddedLength });
    start += count;
  }
  return batches;
}
