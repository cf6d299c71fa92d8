/**
 * Which latents a fine-tune moved: Δf per latent, the same tokens through base and tuned, paired by sequence.
 *
 * 1. Per sequence and latent: the mean activation over the sequence's positions, base and tuned; their difference.
 * 2. Over sequences (tokens of one sequence are not independent): mean difference, its 95% t interval, Cohen's d of the
 *    paired differences (mean over their standard deviation), two-sided p of the t test.
 * 3. p is adjusted over all latents tested (Benjamini and Hochberg 1995).
 * Sums over sequences form a monoid (`shiftSums`, `mergeShiftSums`), so that shards add up; a latent costs four numbers.
 * Where a latent's differences do not vary there is no t test: p is then that of the sign test, 2^(1−n).
 */
import { must } from "../../core/index.ts";
import type { SparseActivations } from "../../dictionaries/index.ts";
import type { AskOptions, LanguageModel, ReadSequence } from "../../engine/index.ts";
import { benjaminiHochberg } from "../../geometry/index.ts";
import type { LatentCard } from "../../records/index.ts";
import { studentCdf, studentQuantile } from "../statistics/index.ts";
import { eachEncoded, type Reader, withoutBos } from "./reading.ts";

export type Shift = NonNullable<LatentCard["shift"]["task"]>;

export interface FeatureShiftsRequest extends Reader {
  readonly base: LanguageModel;
  readonly tuned: LanguageModel;
  /** With the positions of their response tokens. */
  readonly sequences: readonly ReadSequence[];
  /** The latents tested; default: all that are active somewhere, in either model. */
  readonly latents?: readonly number[];
  readonly options?: AskOptions;
}

/** By latent. Empty below two sequences: a spread is then unknown. */
export async function featureShifts(request: FeatureShiftsRequest): Promise<ReadonlyMap<number, Shift>> {
  const { base, tuned, dictionary, options } = request;
  const sums = shiftSums(dictionary.nLatents);
  const add = sequenceAdder(sums);
  await eachEncoded(
    [base, tuned],
    request,
    withoutBos(base, request.sequences),
    (_, [before, after]) => add(must(before, "base").active, must(after, "tuned").active),
    options,
  );
  return shiftsOf(sums, request.latents);
}

/** What shards of sequences add up to. Arrays are `[nLatents]`. */
export interface ShiftSums {
  sequences: number;
  /** Sequences in which the latent is active in either model; in all others its difference is 0. */
  readonly active: Float64Array;
  /** Sums of the sequences' means. */
  readonly base: Float64Array;
  readonly tuned: Float64Array;
  /** Mean of the differences over the active sequences, and their summed squared deviations from it. */
  readonly mean: Float64Array;
  readonly squares: Float64Array;
}

export function shiftSums(nLatents: number): ShiftSums {
  const zeros = () => new Float64Array(nLatents);
  return { sequences: 0, active: zeros(), base: zeros(), tuned: zeros(), mean: zeros(), squares: zeros() };
}

/** What is needed of a sequence's activations: in a free slot the latent is negative. */
export type Firings = Pick<SparseActivations, "tokens" | "latents" | "values">;

/** A function that adds one sequence's activations; it keeps the scratch space that this needs. */
export function sequenceAdder(sums: ShiftSums): (base: Firings, tuned: Firings) => void {
  const before = new Float64Array(sums.base.length);
  const after = new Float64Array(sums.base.length);
  return (base, tuned) => {
    if (base.tokens !== tuned.tokens) throw new Error(`${base.tokens} tokens of the base, ${tuned.tokens} of tuned`);
    sums.sequences++;
    const touched = new Set([...addMeans(before, base), ...addMeans(after, tuned)]);
    for (const latent of touched) {
      addDifference(sums, latent, before[latent] as number, after[latent] as number);
      before[latent] = 0;
      after[latent] = 0;
    }
  };
}

/** Adds each latent's mean over the tokens to `means`; the latents that it touched. */
function addMeans(means: Float64Array, { tokens, latents, values }: Firings): Set<number> {
  const touched = new Set<number>();
  for (const [slot, latent] of latents.entries()) {
    if (latent < 0) continue;
    touched.add(latent);
    means[latent] = (means[latent] as number) + (values[slot] as number) / tokens;
  }
  return touched;
}

/** One step of Welford's (1962) running mean and spread. */
function addDifference(sums: ShiftSums, latent: number, before: number, after: number): void {
  const { active, base, tuned, mean, squares } = sums;
  base[latent] = (base[latent] as number) + before;
  tuned[latent] = (tuned[latent] as number) + after;
  const n = (active[latent] as number) + 1;
  const deviation = after - before - (mean[latent] as number);
  active[latent] = n;
  mean[latent] = (mean[latent] as number) + deviation / n;
  squares[latent] = (squares[latent] as number) + deviation * (after - before - (mean[latent] as number));
}

/** The sums of both shards, by the pairwise formula of Chan, Golub and LeVeque (1983). */
export function mergeShiftSums(a: ShiftSums, b: ShiftSums): ShiftSums {
  const merged = shiftSums(a.base.length);
  merged.sequences = a.sequences + b.sequences;
  for (let i = 0; i < merged.base.length; i++) {
    merged.base[i] = (a.base[i] as number) + (b.base[i] as number);
    merged.tuned[i] = (a.tuned[i] as number) + (b.tuned[i] as number);
    const both = joined(momentsOf(a, i), momentsOf(b, i));
    merged.active[i] = both.n;
    merged.mean[i] = both.mean;
    merged.squares[i] = both.squares;
  }
  return merged;
}

interface Moments {
  readonly n: number;
  readonly mean: number;
  readonly squares: number;
}

function momentsOf({ active, mean, squares }: ShiftSums, latent: number): Moments {
  return { n: active[latent] as number, mean: mean[latent] as number, squares: squares[latent] as number };
}

function joined(a: Moments, b: Moments): Moments {
  const n = a.n + b.n;
  if (a.n === 0 || b.n === 0) return a.n === 0 ? b : a;
  const apart = b.mean - a.mean;
  return { n, mean: a.mean + (apart * b.n) / n, squares: a.squares + b.squares + (apart * apart * a.n * b.n) / n };
}

export function shiftsOf(sums: ShiftSums, latents?: readonly number[]): ReadonlyMap<number, Shift> {
  const { sequences } = sums;
  if (sequences < 2) return new Map();
  const tested = latents ?? [...sums.active.keys()].filter((latent) => (sums.active[latent] as number) > 0);
  const found = tested.map((latent) => {
    const moments = joined(momentsOf(sums, latent), {
      n: sequences - (sums.active[latent] as number),
      mean: 0,
      squares: 0,
    });
    const means = {
      base: (sums.base[latent] as number) / sequences,
      tuned: (sums.tuned[latent] as number) / sequences,
    };
    return { latent, ...means, ...testOf(moments) };
  });
  const adjusted = benjaminiHochberg(found.map(({ p }) => p));
  return new Map(
    found.map(({ latent, base, tuned, delta, interval, effect }, i) => [
      latent,
      { base, tuned, delta, interval, effect, pAdjusted: must(adjusted[i], "p") },
    ]),
  );
}

function testOf({ n, mean, squares }: Moments): Pick<Shift, "delta" | "interval" | "effect"> & { readonly p: number } {
  const deviation = Math.sqrt(squares / (n - 1));
  if (deviation === 0) {
    return { delta: mean, interval: [mean, mean], effect: null, p: mean === 0 ? 1 : 2 ** (1 - n) };
  }
  const error = deviation / Math.sqrt(n);
  const half = studentQuantile(0.975, n - 1) * error;
  const p = 2 * studentCdf(-Math.abs(mean / error), n - 1);
  return { delta: mean, interval: [mean - half, mean + half], effect: mean / deviation, p };
}
