import { normalCdf, studentQuantile } from "./distributions.ts";

/**
 * The level of each of `family` intervals that hold together at 1 − alpha (Šidák 1967, JASA 62:626): 1 − (1 − α)^{1/k}
 * is the error left to each.
 */
export function sidakAlpha(alpha: number, family: number): number {
  if (!(alpha > 0 && alpha < 1 && family >= 1))
    throw new Error(`Šidák needs 0 < alpha < 1 and a family, got ${alpha}, ${family}`);
  return -Math.expm1(Math.log1p(-alpha) / family);
}

/**
 * Two one-sided tests at 5% (Schuirmann 1987): equivalent where the 90% interval lies wholly inside ±margin.
 */
export function isEquivalent(interval90: readonly [number, number], margin: number): boolean {
  return interval90[0] > -margin && interval90[1] < margin;
}

/** Does the interval lie wholly beyond +margin or wholly below −margin? */
export function isBeyond(interval: readonly [number, number], margin: number): boolean {
  return interval[0] > margin || interval[1] < -margin;
}

export interface PowerQuestion {
  /** The shift that is supposed to be true. */
  readonly delta: number;
  readonly margin: number;
  /** Standard deviation of one item's paired difference, clusters taken into account (se × √n). */
  readonly pairedSd: number;
  /** Two-sided error left to this behaviour's interval (`sidakAlpha`). */
  readonly alpha: number;
  /** Chance of a decision that is asked for; 0.8 unless told. */
  readonly power?: number;
  /** Degrees of freedom per item, (m − 1)/n for m clusters; `Infinity` (the normal) unless told. */
  readonly dfPerItem?: number;
}

/** More items than this is no advice that anybody can follow. */
const MOST_ITEMS = 1_000_000;

/**
 * The smallest number of items at which the verdict would be decided with the asked power, were `delta` the truth:
 * beyond the margin, that the simultaneous interval clears it; inside, that the 90% interval stays within (both
 * one-sided tests at once). Normal approximation of the estimate, t quantiles of the intervals. Null where `delta` sits
 * so near the margin that a million items would not do.
 */
export function itemsToDecide(question: PowerQuestion): number | null {
  const enough = (n: number) => decisionPower(question, n) >= (question.power ?? 0.8);
  if (!enough(MOST_ITEMS)) return null;
  let [low, high] = [1, MOST_ITEMS];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (enough(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/** The chance that `n` items decide; see `itemsToDecide`. */
export function decisionPower(question: PowerQuestion, n: number): number {
  const { delta, margin, pairedSd, alpha, dfPerItem = Infinity } = question;
  if (pairedSd === 0) return Math.abs(delta) === margin ? 0 : 1;
  const standardError = pairedSd / Math.sqrt(n);
  const df = Math.max(1, dfPerItem * n);
  if (Math.abs(delta) >= margin) {
    return normalCdf((Math.abs(delta) - margin) / standardError - studentQuantile(1 - alpha / 2, df));
  }
  const t = studentQuantile(0.95, df);
  return Math.max(
    0,
    normalCdf((margin - delta) / standardError - t) + normalCdf((margin + delta) / standardError - t) - 1,
  );
}
