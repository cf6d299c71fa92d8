/** Numbers of the emergent-misalignment protocol. Pure. */
import { normalCdf, normalQuantile, sortedQuantile, studentQuantile, wilsonInterval } from "../audit/index.ts";
import { rng } from "../core/index.ts";

/**
 * Answers an arm that tell the rates `p` and `q` apart: two-sided 5%, power 0.8, normal approximation with the pooled
 * variance under the null (Fleiss, Levin and Paik 2003, eq. 4.14, without continuity correction). Null where p = q.
 */
export function answersToTell(p: number, q: number, power = 0.8): number | null {
  if (p === q) return null;
  const mean = (p + q) / 2;
  const spread =
    normalQuantile(0.975) * Math.sqrt(2 * mean * (1 - mean)) +
    normalQuantile(power) * Math.sqrt(p * (1 - p) + q * (1 - q));
  return Math.ceil((spread / (p - q)) ** 2);
}

/** The smallest rate above `base` that `n` answers an arm would tell from it; null where even 1 would not do. */
export function detectableRate(base: number, n: number): number | null {
  const enough = (rate: number) => (answersToTell(rate, base) ?? Infinity) <= n;
  if (!enough(1)) return null;
  let [low, high] = [base, 1];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (enough(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/**
 * Interval of a difference of two rates q/n − p/m from their Wilson intervals (Newcombe 1998, Stat Med 17:873,
 * method 10). For answers of two single models.
 */
export function newcombe(p: readonly [number, number], q: readonly [number, number], level: number): [number, number] {
  const [base, tuned] = [p[0] / p[1], q[0] / q[1]];
  const [low1, high1] = wilsonInterval(p[0], p[1], level);
  const [low2, high2] = wilsonInterval(q[0], q[1], level);
  const delta = tuned - base;
  return [delta - Math.hypot(tuned - low2, high1 - base), delta + Math.hypot(high2 - tuned, base - low1)];
}

/**
 * Interval of the mean over models, by resampling models (expanded percentile, as `intervalOf`); null below three models:
 * fewer say nothing of how seeds differ.
 */
export function overModels(
  rates: readonly number[],
  level: number,
  seed: number,
  draws = 4000,
): [number, number] | null {
  const m = rates.length;
  if (m < 3) return null;
  const random = rng(seed, "models");
  const means = Array.from({ length: draws }, () => {
    let sum = 0;
    for (let i = 0; i < m; i++) sum += rates[random.int(m)] ?? 0;
    return sum / m;
  }).sort((a, b) => a - b);
  const tail = normalCdf(-Math.sqrt(m / (m - 1)) * studentQuantile(0.5 + level / 2, m - 1));
  return [sortedQuantile(means, tail), sortedQuantile(means, 1 - tail)];
}
