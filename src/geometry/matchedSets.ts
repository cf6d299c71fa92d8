/**
 * Null 1 of spillover: whole sets resampled from the same dictionary. Each latent of T_b is replaced by one drawn from
 * its stratum (quantile of firing rate × quantile of norm within it), without repeats in a set; its sign stays. The
 * observed set is itself one of the possible draws, so that under exchangeability within strata p is uniform.
 */
import { type Rng, rng } from "../core/index.ts";
import type { SignedLatent } from "./spillover.ts";
import type { Vector } from "./vectors.ts";

export interface StrataRequest {
  /** `[nLatents]`: share of tokens on which a latent is active. Those that never are form a stratum of their own. */
  readonly firingRates: Vector;
  /** `[nLatents]`: of what is not unit by construction, e.g. the encoder rows. */
  readonly norms: Vector;
  /** Quantile bins; by default 10 × 4, fewer where a stratum would hold under 25 latents. */
  readonly rateBins?: number;
  readonly normBins?: number;
}

/** Members of each stratum, and the stratum of each latent. */
export interface Strata {
  readonly members: readonly (readonly number[])[];
  readonly stratumOf: Int32Array;
}

export function strata(request: StrataRequest): Strata {
  const { firingRates, norms } = request;
  if (firingRates.length !== norms.length) throw new Error("firing rates and norms of unequal numbers of latents");
  const all = Array.from(firingRates, (_, i) => i);
  const live = all.filter((i) => (firingRates[i] as number) > 0);
  const normBins = request.normBins ?? clampBins(live.length / 100, 4);
  const rateBins = request.rateBins ?? clampBins(live.length / (25 * normBins), 10);
  const dead = all.filter((i) => !((firingRates[i] as number) > 0));
  const members = quantiles(live, firingRates, rateBins).flatMap((bin) => quantiles(bin, norms, normBins));
  const filled = [...members, dead].filter(({ length }) => length > 0);
  const stratumOf = new Int32Array(all.length);
  for (const [s, bin] of filled.entries()) for (const latent of bin) stratumOf[latent] = s;
  return { members: filled, stratumOf };
}

const clampBins = (wanted: number, most: number) => Math.max(1, Math.min(most, Math.floor(wanted)));

function quantiles(latents: readonly number[], values: Vector, bins: number): number[][] {
  const sorted = [...latents].sort((a, b) => (values[a] as number) - (values[b] as number) || a - b);
  return Array.from({ length: bins }, (_, b) =>
    sorted.slice(Math.floor((b * sorted.length) / bins), Math.floor(((b + 1) * sorted.length) / bins)),
  );
}

/** One set like `set`. */
export function matchedSet(set: readonly SignedLatent[], { members, stratumOf }: Strata, random: Rng): SignedLatent[] {
  if (new Set(set.map(({ latent }) => latent)).size < set.length) throw new Error("a latent stands twice in a set");
  const taken = new Set<number>();
  return set.map(({ latent, sign }) => {
    const bin = members[stratumOf[latent] as number] as readonly number[];
    // A stratum holds all of T_b that lies in it, so a free one is always left.
    let drawn = random.choice(bin);
    while (taken.has(drawn)) drawn = random.choice(bin);
    taken.add(drawn);
    return { latent: drawn, sign };
  });
}

/** `draws` sets like `set`. */
export function matchedSets(
  set: readonly SignedLatent[],
  bins: Strata,
  options: { readonly draws: number; readonly seed: number | string },
): SignedLatent[][] {
  const random = rng(options.seed, "matched sets");
  return Array.from({ length: options.draws }, () => matchedSet(set, bins, random));
}

/** Σ s_j c_j / |T_b| of `draws` sets like `set`; `aligned` `[nLatents]` is c of `alignments`. */
export function matchedSetNull(
  aligned: Float64Array,
  set: readonly SignedLatent[],
  bins: Strata,
  options: { readonly draws: number; readonly seed: number | string },
): Float64Array {
  const random = rng(options.seed, "matched sets");
  return Float64Array.from({ length: options.draws }, () => setScore(aligned, matchedSet(set, bins, random)));
}

/** S_b from c: mean of s_j c_j over the set. */
export function setScore(aligned: Float64Array, set: readonly SignedLatent[]): number {
  return set.reduce((sum, { latent, sign }) => sum + sign * (aligned[latent] as number), 0) / set.length;
}
