import { createHash } from "node:crypto";

/**
 * A seeded stream of random numbers: sfc32 (Doty-Humphrey, PractRand), 128 bits of state, period about 2^127.
 * Streams are derived by name (`seedOf`), so that a draw depends on what it is for and never on what was drawn before
 * it elsewhere: a resumed run draws the same numbers.
 */
export interface Rng {
  /** Uniform in [0, 1) with 32 random bits. */
  next(): number;
  /** Uniform integer in [0, n). */
  int(n: number): number;
  /** Standard normal (Box and Muller 1958, one of the pair). */
  normal(): number;
  /** A new array in random order (Fisher and Yates). */
  shuffle<T>(items: readonly T[]): T[];
  /** One of `items`, uniformly. */
  choice<T>(items: readonly T[]): T;
  /** An index drawn in proportion to `weights`. */
  weighted(weights: readonly number[]): number;
}

/** Four 32-bit words from a seed and the names of what the stream is for. */
export function seedOf(seed: number | string, ...names: readonly (string | number)[]): Uint32Array {
  const digest = createHash("sha256")
    .update(JSON.stringify([seed, ...names]))
    .digest();
  return Uint32Array.from([0, 4, 8, 12].map((offset) => digest.readUInt32LE(offset)));
}

/** The stream of random numbers for `seed` and `names`. */
export function rng(seed: number | string, ...names: readonly (string | number)[]): Rng {
  const next32 = sfc32(seedOf(seed, ...names));
  const next = () => next32() / 2 ** 32;
  const int = (n: number) => Math.floor(next() * n);
  return {
    next,
    int,
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    shuffle: (items) => shuffled(items, int),
    choice: (items) => {
      if (items.length === 0) throw new Error("choice from no items");
      return items[int(items.length)] as (typeof items)[number];
    },
    weighted: (weights) => weightedIndex(weights, next()),
  };
}

function sfc32(words: Uint32Array): () => number {
  let [a, b, c, counter] = [words[0] ?? 0, words[1] ?? 0, words[2] ?? 0, words[3] ?? 1];
  return () => {
    const t = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + t;
    c |= 0;
    return t >>> 0;
  };
}

function shuffled<T>(items: readonly T[], int: (n: number) => number): T[] {
  const out = [...items];
  for (let i = out.length - 1; i > 0; i--) {
    const j = int(i + 1);
    const swap = out[i] as T;
    out[i] = out[j] as T;
    out[j] = swap;
  }
  return out;
}

function weightedIndex(weights: readonly number[], u: number): number {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (!(total > 0) || weights.some((weight) => weight < 0)) {
    throw new Error("weights must not be negative and must have a positive sum");
  }
  let left = u * total;
  for (let i = 0; i < weights.length; i++) {
    left -= weights[i] ?? 0;
    if (left < 0) return i;
  }
  // Only rounding leads here.
  return weights.findLastIndex((weight) => weight > 0);
}
