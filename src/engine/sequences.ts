/** Packs token sequences of many lengths into few batches: padded to length buckets, under a token budget. */
import { must } from "../core/index.ts";

/**
 * Lengths that sequences are padded to: few enough that the runtime's memory stays flat whatever lengths come, close
 * enough that padding costs at most a third.
 */
export const lengthBuckets: readonly number[] = [
  8, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048, 3072, 4096, 6144, 8192,
];

/** The smallest bucket that holds `length`; beyond the largest, the next multiple of 2,048. */
export function bucketOf(length: number): number {
  return lengthBuckets.find((bucket) => bucket >= length) ?? Math.ceil(length / 2048) * 2048;
}

/** Positions to select: given, or `targets.length` of them starting at `from`, each with the token that it predicts. */
export type Sequence =
  | { readonly ids: readonly number[]; readonly positions: readonly number[] }
  | { readonly ids: readonly number[]; readonly from: number; readonly targets: readonly number[] };

export interface PackedBatch {
  readonly rows: number;
  readonly seq: number;
  /** `[rows, seq]`, right-padded with 0 */
  readonly tokens: Int32Array;
  /** Flat row indices into `[rows · seq]`. */
  readonly select: Int32Array;
  readonly targets: Int32Array;
  /** For each selected position, the index of its sequence. */
  readonly owners: readonly number[];
}

/** Sequences with the same tokens share a row: two answers of one token to one prompt cost one forward pass. */
export function packSequences(sequences: readonly Sequence[], tokenBudget: number): PackedBatch[] {
  const byTokens = new Map<string, number[]>();
  for (const [index, { ids }] of sequences.entries()) {
    const key = ids.join();
    const known = byTokens.get(key);
    if (known) known.push(index);
    else byTokens.set(key, [index]);
  }
  const lengthOf = (group: readonly number[]) => must(sequences[group[0] ?? -1], "sequence").ids.length;
  const groups = [...byTokens.values()].sort((a, b) => lengthOf(b) - lengthOf(a));
  const batches: PackedBatch[] = [];
  for (let start = 0; start < groups.length; ) {
    const seq = bucketOf(lengthOf(must(groups[start], "group")));
    const count = Math.max(1, Math.floor(tokenBudget / seq));
    batches.push(pack(sequences, groups.slice(start, start + count), seq));
    start += count;
  }
  return batches;
}

function pack(sequences: readonly Sequence[], groups: readonly (readonly number[])[], seq: number): PackedBatch {
  const tokens = new Int32Array(groups.length * seq);
  const select: number[] = [];
  const targets: number[] = [];
  const owners: number[] = [];
  for (const [row, group] of groups.entries()) {
    tokens.set(must(sequences[group[0] ?? -1], "sequence").ids, row * seq);
    for (const index of group) {
      const sequence = must(sequences[index], "sequence");
      const positions =
        "positions" in sequence ? sequence.positions : sequence.targets.map((_, i) => sequence.from + i);
      for (const [i, position] of positions.entries()) {
        select.push(row * seq + position);
        targets.push("targets" in sequence ? (sequence.targets[i] as number) : 0);
        owners.push(index);
      }
    }
  }
  return {
    rows: groups.length,
    seq,
    tokens,
    select: Int32Array.from(select),
    targets: Int32Array.from(targets),
    owners,
  };
}
