/** How far forecast probabilities are from what happened (expected calibration error over equally full bins). */

export interface ReliabilityBin {
  readonly n: number;
  /** Mean forecast. */
  readonly forecast: number;
  /** Share that happened. */
  readonly observed: number;
}

/** Bins of the sorted forecasts, as equal in size as can be; equal forecasts stay together. */
export function reliability(forecast: readonly number[], happened: readonly boolean[], bins = 10): ReliabilityBin[] {
  const order = [...forecast.keys()].sort((a, b) => (forecast[a] as number) - (forecast[b] as number));
  const found: ReliabilityBin[] = [];
  for (let start = 0; start < order.length; ) {
    const wanted = Math.max(start + 1, Math.round(((found.length + 1) * order.length) / bins));
    let end = Math.min(wanted, order.length);
    while (end < order.length && forecast[order[end] as number] === forecast[order[end - 1] as number]) end++;
    const members = order.slice(start, end);
    found.push({
      n: members.length,
      forecast: members.reduce((sum, i) => sum + (forecast[i] as number), 0) / members.length,
      observed: members.filter((i) => happened[i]).length / members.length,
    });
    start = end;
  }
  return found;
}

/** Σ n |forecast − observed| / Σ n; null without forecasts. */
export function calibrationError(bins: readonly ReliabilityBin[]): number | null {
  const n = bins.reduce((sum, bin) => sum + bin.n, 0);
  if (n === 0) return null;
  return bins.reduce((sum, bin) => sum + bin.n * Math.abs(bin.forecast - bin.observed), 0) / n;
}
