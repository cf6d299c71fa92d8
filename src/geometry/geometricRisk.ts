/**
 * Geometric risk of a training row for a behaviour:
 * r_b(x) = Σ_i a_i (κ_ib − κ̄_ib) / Σ_i a_i with a_i = max(0, f_i(x) − f̄_i of the control),
 * κ_ib = max_{j∈T_b} s_j cos(d_i, d_j), and κ̄_ib the mean of the same over null sets.
 * All vectors run over one list of latents `[n]`: those that are active somewhere in the data are enough.
 */
import type { Directions, SignedLatent } from "./spillover.ts";
import { cosine, rowAt, type Vector } from "./vectors.ts";

/** κ of each of `latents` `[n]` to the set; throws for an empty set. */
export function closeness(
  { decoder, width }: Directions,
  set: readonly SignedLatent[],
  latents: ArrayLike<number>,
): Float64Array {
  if (set.length === 0) throw new Error("closeness to no latents");
  return Float64Array.from(latents, (i) => {
    const row = rowAt(decoder, width, i);
    return set.reduce((most, { latent, sign }) => {
      return Math.max(most, sign * (cosine(row, rowAt(decoder, width, latent)) ?? 0));
    }, -Infinity);
  });
}

/** κ̄: mean closeness over null sets; a hundred are enough for a mean. */
export function meanCloseness(
  directions: Directions,
  sets: readonly (readonly SignedLatent[])[],
  latents: ArrayLike<number>,
): Float64Array {
  if (sets.length === 0) throw new Error("mean over no sets");
  const mean = new Float64Array(latents.length);
  for (const set of sets) {
    const values = closeness(directions, set, latents);
    for (let i = 0; i < mean.length; i++) mean[i] = (mean[i] as number) + (values[i] as number) / sets.length;
  }
  return mean;
}

export interface RiskRequest {
  /** f(x) of the row and f̄ of the control. */
  readonly activations: Vector;
  readonly control: Vector;
  /** κ and κ̄. */
  readonly closeness: Vector;
  readonly nullCloseness: Vector;
  /** Whether entry i of the list is in T_b. */
  readonly isOwn: (index: number) => boolean;
}

export interface GeometricRisk {
  readonly all: number | null;
  /** Without i ∈ T_b. */
  readonly adjacent: number | null;
}

/** Null where nothing fires beyond the control. */
export function geometricRisk(request: RiskRequest): GeometricRisk {
  const everyone = { sum: 0, weight: 0 };
  const others = { sum: 0, weight: 0 };
  for (let i = 0; i < request.activations.length; i++) {
    const excess = Math.max(0, (request.activations[i] as number) - (request.control[i] as number));
    const term = excess * ((request.closeness[i] as number) - (request.nullCloseness[i] as number));
    for (const total of request.isOwn(i) ? [everyone] : [everyone, others]) {
      total.sum += term;
      total.weight += excess;
    }
  }
  const mean = ({ sum, weight }: { sum: number; weight: number }) => (weight === 0 ? null : sum / weight);
  return { all: mean(everyone), adjacent: mean(others) };
}
