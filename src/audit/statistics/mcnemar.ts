import { lnGamma } from "./distributions.ts";

/**
 * McNemar's exact test of paired yes/no answers: among the items that changed, `roseCount` went no → yes and
 * `fellCount` yes → no. Two-sided p, twice the smaller binomial tail at 1/2, at most 1; 1 where nothing changed
 * (Fagerland, Lydersen and Laake 2013, BMC Med Res Methodol 13:91). It takes items for independent.
 */
export function mcnemarExact(roseCount: number, fellCount: number): number {
  const changed = roseCount + fellCount;
  const smaller = Math.min(roseCount, fellCount);
  let tail = 0;
  for (let k = 0; k <= smaller; k++) tail += Math.exp(lnChoose(changed, k) - changed * Math.LN2);
  return Math.min(1, 2 * tail);
}

const lnChoose = (n: number, k: number) => lnGamma(n + 1) - lnGamma(k + 1) - lnGamma(n - k + 1);
