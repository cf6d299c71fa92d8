import { mean } from "../../core/index.ts";
import { spearmanBrown } from "../statistics/reliability.ts";

/**
 * How well could anybody forecast? The measurement itself repeats only so far: what two halves of the seeds agree on,
 * stepped up to all seeds (Spearman and Brown 1910), bounds every correlation with it by its root.
 */

/** The largest correlation with the measurement that a perfect forecast could have; null where the halves disagree. */
export function ceiling(halves: number | null): number | null {
  return halves === null || halves <= 0 ? null : Math.sqrt(spearmanBrown(halves));
}

/** Two means a cell from its seeds' values, odd ones out left to the first half; null with fewer than two. */
export function halves(values: readonly number[]): readonly [number, number] | null {
  if (values.length < 2) return null;
  const side = (parity: number) => {
    const own = values.filter((_, i) => i % 2 === parity);
    return mean(own);
  };
  return [side(0), side(1)];
}
