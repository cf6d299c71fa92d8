/** Means of activations over chosen tokens of each row, taken inside a pass: no activation leaves the engine. */
import { must } from "../core/index.ts";
import { float32, type HostTensor, type Tap } from "../engine/index.ts";
import type { HookName } from "../models/index.ts";
import { Concat, type Graph, MatMul, type Tensor } from "../tensor/index.ts";

export interface RowMeans {
  /** Points of width dModel. */
  readonly hooks: readonly HookName[];
  /** Means asked of each row. */
  readonly slots: number;
  /** `[slots, tokens of the row]`: each token's share in each mean; null: nothing is asked of this row. */
  readonly sharesOf: (row: number) => Float32Array | null;
}

export const meansTaps = ({ hooks }: RowMeans): Tap[] => hooks.map((hook) => ({ kind: "mark", hook }));

/** Adds the output `means` `[batch, slots, hooks · dModel]`; input `shares` `[batch, slots, seq]`. */
export function outputMeans(graph: Graph, { hooks, slots }: RowMeans, marked: ReadonlyMap<HookName, Tensor>): void {
  const shares = graph.input("shares", "float32", ["batch", slots, "seq"]);
  const means = hooks.map((hook) => MatMul(shares, must(marked.get(hook), hook)));
  graph.output("means", Concat(means, 2));
}

/** Of the rows of one batch, by their index in all. */
export function sharesFeed({ slots, sharesOf }: RowMeans, rows: readonly number[], seq: number): HostTensor {
  const shares = new Float32Array(rows.length * slots * seq);
  for (const [b, row] of rows.entries()) {
    const own = sharesOf(row);
    const length = (own?.length ?? 0) / slots;
    for (let slot = 0; own && slot < slots; slot++)
      shares.set(own.subarray(slot * length, (slot + 1) * length), (b * slots + slot) * seq);
  }
  return float32([rows.length, slots, seq], shares);
}

/** Deals a batch's `means` out to `into`, one `[rows, slots, dModel]` a hook. */
export function takeMeans(
  { hooks, slots }: RowMeans,
  rows: readonly number[],
  found: Float32Array,
  into: readonly Float32Array[],
) {
  const width = found.length / (rows.length * slots * hooks.length);
  for (const [b, row] of rows.entries())
    for (let slot = 0; slot < slots; slot++)
      for (const [h, means] of into.entries()) {
        const from = ((b * slots + slot) * hooks.length + h) * width;
        means.set(found.subarray(from, from + width), (row * slots + slot) * width);
      }
}
