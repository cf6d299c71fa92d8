import { type ClusteredEstimate, clusteredMean } from "./clusteredT.ts";

/** Fewer adapters than this say nothing of a data set: two degrees of freedom are no interval that anybody can use. */
export const LEAST_SEEDS = 5;

/**
 * *This data set*, items fixed: the mean shift over adapters that differ in nothing but the seed of their training,
 * `shifts` `[seeds]`, one mean over items each. Student's t with seeds − 1 degrees of freedom, standard error s/√S.
 * Chosen where the items are a whole finite population (exact scores), so that seeds are all that varies; `mixedModel`
 * where the items are themselves a sample. Never a bootstrap: drawing three seeds with replacement gives ten different
 * means at most, and its interval holds the truth about three times in four (docs/results/coverage.json).
 *
 * `spread`, the standard deviation over seeds, is the noise floor: what training once more would change by itself.
 * Null below two seeds.
 */
export function overSeeds(
  shifts: readonly number[],
): { readonly estimate: ClusteredEstimate; readonly spread: number } | null {
  const estimate = clusteredMean(shifts.map((delta, seed) => ({ cluster: `seed ${seed}`, delta })));
  return estimate && { estimate, spread: estimate.standardError * Math.sqrt(shifts.length) };
}
