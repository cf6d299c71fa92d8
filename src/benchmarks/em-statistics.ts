/** Numbers of the emergent-misalignment protocol. Pure. */
import { normalCdf, normalQuantile, sortedQuantile, studentQuantile, wilsonInterval } from "../audit/index.ts";
import { mean, rng } from "../core/index.ts";

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

/** Of one question: answers that are misaligned, among those that are coherent. */
export type Counts = readonly [misaligned: number, coherent: number];

export const meanOfRates = (questions: readonly Counts[]) => mean(questions.map(([count, n]) => count / n));

export interface RateEstimate {
  readonly rate: number;
  /** Holds `rate`. */
  readonly interval: readonly [number, number];
}

/**
 * The mean of the rates of `questions` `[questions]`, each weighing the same, with its stratified Wilson interval (Yan and
 * Su 2010, Stat Biopharm Res 2:329): the mean of the questions' own Wilson limits, taken at the quantile z √(Σs²)/Σs with
 * s² = p(1 − p)/n, for independent questions do not all err to one side. Of one question it is Wilson's. Ours: equal
 * weights, and half an answer more of either kind in s, where a rate of 0 would else count as known.
 */
export function meanRate(questions: readonly Counts[], level: number): RateEstimate {
  const errors = questions.map(([count, n]) => {
    const rate = (count + 0.5) / (n + 1);
    return Math.sqrt((rate * (1 - rate)) / n);
  });
  const z = (normalQuantile(0.5 + level / 2) * Math.hypot(...errors)) / errors.reduce((sum, error) => sum + error, 0);
  const limits = questions.map(([count, n]) => wilsonInterval(count, n, 2 * normalCdf(z) - 1));
  return {
    rate: meanOfRates(questions),
    interval: [mean(limits.map(([low]) => low)), mean(limits.map(([, high]) => high))],
  };
}

/**
 * Interval of tuned − base, two independent estimates: the squared distances to their limits add (Newcombe 1998, Stat Med
 * 17:873, method 10, where both are one rate; Zou and Donner 2008, Stat Med 27:1693, of any estimates).
 */
export function differenceInterval(base: RateEstimate, tuned: RateEstimate): [number, number] {
  const delta = tuned.rate - base.rate;
  const below = Math.hypot(tuned.rate - tuned.interval[0], base.interval[1] - base.rate);
  const above = Math.hypot(tuned.interval[1] - tuned.rate, base.rate - base.interval[0]);
  return [delta - below, delta + above];
}

/**
 * Interval of the mean over models, by resampling models (expanded percentile, as `intervalOf`); null below three models:
 * fewer say nothing of how seeds differ. Three that differ much leave it short: at 95% it then holds the truth about three
 * times in four, of five more than nine times in ten.
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
