import { averageRanks } from "./rank-correlation.ts";

/** P(score of a positive > score of a negative), ties count half; null without both. Mann and Whitney's U over n₁n₀. */
export function auroc(scores: readonly number[], positive: readonly boolean[]): number | null {
  const n1 = positive.filter(Boolean).length;
  const n0 = positive.length - n1;
  if (n1 === 0 || n0 === 0) return null;
  const ranks = averageRanks(scores);
  const sum = ranks.reduce((total, rank, i) => total + (positive[i] ? rank : 0), 0);
  return (sum - (n1 * (n1 + 1)) / 2) / (n1 * n0);
}
