import { mean } from "../core/index.ts";
export interface MonteCarlo {
  /** One-sided, (1 + draws at least as large) / (1 + draws): never 0, and valid at any number of draws. */
  readonly p: number;
  /** (observed − mean) / standard deviation of the draws; null where they do not vary. */
  readonly z: number | null;
}

/** `observed` against draws of the same statistic under the null (Phipson and Smyth 2010 on the added ones). */
export function monteCarlo(observed: number, draws: Float64Array): MonteCarlo {
  if (draws.length === 0) throw new Error("a Monte Carlo test without draws");
  // A draw that repeats the observed set sums it in another order: rounding must not make it smaller.
  const limit = observed - 1e-12 * Math.abs(observed);
  const hits = draws.reduce((count, draw) => count + (draw >= limit ? 1 : 0), 0);
  const centre = mean(draws);
  const deviation = Math.sqrt(draws.reduce((sum, draw) => sum + (draw - centre) ** 2, 0) / draws.length);
  const z = deviation > 1e-12 * Math.abs(centre) ? (observed - centre) / deviation : null;
  return { p: (1 + hits) / (1 + draws.length), z };
}

/** The maximum over layers of each draw: draw t of every layer belongs to one permutation. */
export function maximumOverLayers(layers: readonly Float64Array[]): Float64Array {
  const [first] = layers;
  if (!first) throw new Error("a maximum over no layers");
  if (layers.some(({ length }) => length !== first.length)) throw new Error("layers with unequal numbers of draws");
  return first.map((_, t) => layers.reduce((most, draws) => Math.max(most, draws[t] as number), -Infinity));
}
