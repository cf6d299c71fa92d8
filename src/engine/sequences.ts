/** Packs token sequences of many lengths into few batches: padded as little as pays, under a token budget. */
import { must } from "../core/index.ts";

/** Lengths are rounded up to a multiple that grows with them: less than a fifth of a padded row beyond 64 tokens is padding. */
const GRAIN = [
  { upTo: 64, grain: 8 },
  { upTo: 512, grain: 16 },
  { upTo: 2048, grain: 64 },
  { upTo: Number.POSITIVE_INFINITY, grain: 256 },
] as const;

/**
 * What running a batch costs beside its tokens, in tokens: weights are read and laid out once a batch (time by length of a
 * row in bench/padding.mjs: a gradient of SmolLM2-135M on a processor).
 */
const BATCH_COST = 32;

/**
 * The length that a row of `length` tokens is padded to. Not each length as it comes: a graph may be cut into parts
 * (`queryChunks`, loss), and a device may compile for each length anew.
 */
export function paddedTo(length: number): number {
  const { grain } = must(
    GRAIN.find(({ upTo }) => length <= upTo),
    "grain",
  );
  return Math.max(1, Math.ceil(length / grain)) * grain;
}

/** Sequences that run together, all padded to `seq` tokens. */
export interface LengthGroup {
  /** Indices, longest first. */
  readonly members: readonly number[];
  readonly seq: number;
}

/**
 * The split into groups of at most `tokenBudget` padded tokens (one sequence at least) that costs least: neighbours in
 * length share a group, and where to cut is found by dynamic programming over Σ (padded tokens + cost of a batch).
 */
export function groupsByLength(lengths: readonly number[], tokenBudget: number): LengthGroup[] {
  const order = [...lengths.keys()].sort((a, b) => must(lengths[b], "length") - must(lengths[a], "length"));
  const padded = order.map((index) => paddedTo(must(lengths[index], "length")));
  // Of the first `end` sequences: the least cost, and where their last group starts.
  const cost = [0];
  const startOf = [0];
  for (let end = 1; end <= order.length; end++) {
    let [least, best] = [Number.POSITIVE_INFINITY, end - 1];
    for (let start = end - 1; start >= 0; start--) {
      const tokens = must(padded[start], "length") * (end - start);
      if (tokens > tokenBudget && end - start > 1) break;
      const all = must(cost[start], "cost") + tokens + BATCH_COST;
      if (all < least) [least, best] = [all, start];
    }
    cost.push(least);
    startOf.push(best);
  }
  const groups: LengthGroup[] = [];
  for (let end = order.length; end > 0; end = must(startOf[end], "start")) {
    const start = must(startOf[end], "start");
    groups.unshift({ members: order.slice(start, end), seq: must(padded[start], "length") });
  }
  return groups;
}

/**
 * Parts in which the queries of a row meet its keys: at once, the patterns of a row of 4,096 would take more memory than a
 * small model. Every padded length is a multiple of it.
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
  const lengths = sequences.map(({ ids }) => ids.length);
  return groupsByLength(lengths, tokenBudget).map(({ members, seq }) => pack(sequences, members, seq));
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
