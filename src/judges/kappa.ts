/** The normal quantile of 0.975. */
const Z_975 = 1.959963984540054;

export interface Agreement {
  readonly n: number;
  /** Share of cases on which both say the same. */
  readonly observed: number | null;
  /** Null where there is no case, or where both always say one and the same thing. */
  readonly kappa: number | null;
  /** 95%, large-sample. */
  readonly interval: readonly [number, number] | null;
}

/**
 * Cohen's kappa, (p_o − p_e)/(1 − p_e) with p_e the agreement of independent raters with these margins (Cohen 1960,
 * Educ Psychol Meas 20:37), and its large-sample interval by √(p_o(1 − p_o)/n)/(1 − p_e).
 */
export function cohenKappa(pairs: readonly (readonly [string, string])[]): Agreement {
  const n = pairs.length;
  if (n === 0) return { n, observed: null, kappa: null, interval: null };
  const share = (rater: 0 | 1, label: string) => pairs.filter((pair) => pair[rater] === label).length / n;
  const observed = pairs.filter(([a, b]) => a === b).length / n;
  const labels = [...new Set(pairs.flat())];
  const expected = labels.reduce((sum, label) => sum + share(0, label) * share(1, label), 0);
  if (labels.length === 1 || expected >= 1) return { n, observed, kappa: null, interval: null };
  const kappa = (observed - expected) / (1 - expected);
  const half = (Z_975 * Math.sqrt((observed * (1 - observed)) / n)) / (1 - expected);
  return { n, observed, kappa, interval: [Math.max(-1, kappa - half), Math.min(1, kappa + half)] };
}
