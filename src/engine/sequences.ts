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

/**
 * Parts in which the queries of a row meet its keys: at once, the patterns of a row of 4,096 would take more memory than a
 * small model. Every bucket is a multiple of it.
 */
export function queryChunks(length: number): number {
  if (length <= 1024) return 1;
  return length <= 2048 ? 4 : 8;
}

/** A token sequence with the positions whose values are wanted. */
export interface Sequence {
  readonly ids: readonly number[];
  readonly positions: readonly number[];
  /** How many of the ids are the prompt's, where that matters. */
  readonly promptLength?: number;
}

/** What a place of a batch holds. `unsaid`: a token of which nobody said whether it is the prompt's. */
export const PART = { padding: 0, prompt: 1, response: 2, unsaid: 3 } as const;

/** Which places of a batch `[rows, seq]` are tokens, and which are the prompt's. */
export interface BatchExtent {
  readonly rows: number;
  readonly seq: number;
  /** `[rows, seq]`, each one of `PART`. */
  readonly parts: Uint8Array;
}

export interface PackedBatch extends BatchExtent {
  /** For each row, the index of its sequence. */
  readonly members: readonly number[];
  /** `[rows, seq]`, right-padded with 0 */
  readonly tokens: Int32Array;
  /** Flat row indices into `[rows · seq]`. */
  readonly select: Int32Array;
  /** For each selected position, the index of its sequence. */
  readonly owners: readonly number[];
}

/** Batches of at most `tokenBudget` tokens (one sequence at least), longest first. */
export function packSequences(sequences: readonly Sequence[], tokenBudget: number): PackedBatch[] {
  const order = [...sequences.keys()].sort((a, b) => lengthOf(sequences, b) - lengthOf(sequences, a));
  const batches: PackedBatch[] = [];
  for (let start = 0; start < order.length; ) {
    const seq = bucketOf(lengthOf(sequences, must(order[start], "sequence")));
    const count = Math.max(1, Math.floor(tokenBudget / seq));
    batches.push(pack(sequences, order.slice(start, start + count), seq));
    start += count;
  }
  return batches;
}

function lengthOf(sequences: readonly Sequence[], index: number): number {
  return must(sequences[index], "sequence").ids.length;
}

function pack(sequences: readonly Sequence[], chosen: readonly number[], seq: number): PackedBatch {
  const tokens = new Int32Array(chosen.length * seq);
  const parts = new Uint8Array(chosen.length * seq);
  const select: number[] = [];
  const owners: number[] = [];
  for (const [row, index] of chosen.entries()) {
    const { ids, positions, promptLength } = must(sequences[index], "sequence");
    tokens.set(ids, row * seq);
    const own = parts.subarray(row * seq, row * seq + ids.length);
    own.fill(promptLength === undefined ? PART.unsaid : PART.response);
    own.fill(PART.prompt, 0, promptLength ?? 0);
    for (const position of positions) {
      select.push(row * seq + position);
      owners.push(index);
    }
  }
  return {
    rows: chosen.length,
    seq,
    members: chosen,
    parts,
    tokens,
    select: Int32Array.from(select),
    owners,
  };
}
