/**
 * For which shifts does the geometry speak (SCIENCE §3, §6)? Where the data lie beyond their nulls on the side that the
 * behaviour moved to: a cosine below 0 foretells a fall, and no rise.
 *
 * - Mean differences: the sign of the cosine is the shift's; the p-value is two-sided.
 * - Spillover: S^grad lies above all three of its nulls (sets, labels, directions). The largest of their p-values is one
 *   of the claim that it beats them all, and is adjusted over the behaviours of the forecast. These p-values are
 *   one-sided, upwards: for a fall spillover does not speak.
 */
import { benjaminiHochberg } from "../../geometry/index.ts";
import type { ForecastBehaviour } from "../../records/index.ts";

/** An adjusted p below this counts as beyond the null. */
const LEVEL = 0.05;

export type Closeness = Pick<ForecastBehaviour, "id" | "meanDifference" | "spillover">;

/** Ids; `measured`: the audit's shift by behaviour id, and nothing is said of a behaviour without one. */
export function consistentBehaviours(
  foretold: readonly Closeness[],
  measured: ReadonlyMap<string, number>,
): ReadonlySet<string> {
  const shiftOf = (id: string) => measured.get(id) ?? 0;
  const near = foretold.filter(
    ({ id, meanDifference: m }) => m !== null && m.cosine * shiftOf(id) > 0 && m.pAdjusted < LEVEL,
  );
  const scored = foretold.flatMap(({ id, spillover }) => (spillover ? [{ id, ...spillover.grad }] : []));
  const adjusted = benjaminiHochberg(scored.map(({ p }) => Math.max(p.sets, p.labels, p.directions)));
  const spilled = scored.filter(({ id, total }, b) => total > 0 && shiftOf(id) > 0 && (adjusted[b] ?? 1) < LEVEL);
  return new Set([...near, ...spilled].map(({ id }) => id));
}
