/** Subspaces of the residual stream that interventions act along, one per hook point, and the nulls that they must beat. */
import { must, type Rng } from "../../core/index.ts";
import type { Intervention, LanguageModel } from "../../engine/index.ts";
import { orthonormalBasis } from "../../geometry/index.ts";
import type { HookName } from "../../models/index.ts";
import type { Directions } from "../directions.ts";

export interface Subspace {
  readonly hook: HookName;
  readonly width: number;
  /** `[rank, width]`, orthonormal rows */
  readonly basis: Float32Array;
}

export const subspaceOf = ({ hook, width, basis }: Directions): Subspace => ({ hook, width, basis });

export function directionsAt(directions: readonly Directions[], hook: HookName): Directions {
  return must(
    directions.find((each) => each.hook === hook),
    `directions at ${hook}`,
  );
}

/** Same ranks, isotropic. */
export function randomSubspaces(like: readonly Subspace[], random: Rng): Subspace[] {
  return like.map(({ hook, width, basis }) => ({
    hook,
    width,
    basis: orthonormal(
      Float64Array.from({ length: basis.length }, () => random.normal()),
      width,
    ),
  }));
}

/** Same ranks, drawn with the covariance of `samples` (`[n, width]` per hook): random mixtures of their deviations. */
export function covarianceMatchedSubspaces(
  like: readonly Subspace[],
  samples: readonly Float32Array[],
  random: Rng,
): Subspace[] {
  return like.map(({ hook, width, basis }, h) => {
    const rows = must(samples[h], "samples");
    const vectors = new Float64Array(basis.length);
    for (let start = 0; start < basis.length; start += width) vectors.set(mixture(rows, width, random), start);
    return { hook, width, basis: orthonormal(vectors, width) };
  });
}

const orthonormal = (vectors: Float64Array, width: number) => Float32Array.from(orthonormalBasis(vectors, width).rows);

function mixture(rows: Float32Array, width: number, random: Rng): Float64Array {
  const n = rows.length / width;
  const weights = Float64Array.from({ length: n }, () => random.normal());
  // Weights that sum to 0 mix deviations from the mean and never the mean itself.
  const shift = weights.reduce((sum, weight) => sum + weight, 0) / n;
  const vector = new Float64Array(width);
  for (let i = 0; i < n; i++) {
    const weight = must(weights[i], "weight") - shift;
    for (let c = 0; c < width; c++) vector[c] = (vector[c] as number) + weight * (rows[i * width + c] as number);
  }
  return vector;
}

/** The tuned model whose shift along the subspaces is taken back: h − PPᵀ(h_tuned − h_base) at each hook point. */
export function takenBack(tuned: LanguageModel, base: LanguageModel, subspaces: readonly Subspace[]): LanguageModel {
  return tuned.intervene(subspaces.map(({ hook, basis }): Intervention => ({ kind: "pin", hook, basis, to: base })));
}
