/** How much of a shift an intervention undoes, with its interval over pairs. */
import { mean } from "../../core/index.ts";
import { studentQuantile } from "../statistics/index.ts";

export interface Share {
  readonly share: number;
  readonly interval: readonly [number, number];
}

/**
 * Σ undone / Σ shift, with the delta method's interval for a ratio of means (Cochran 1977, §2.11): the residuals
 * undone − share · shift vary by what the ratio's error is made of. Null where there is no shift to undo: fewer than two
 * pairs, or a mean shift whose own interval holds 0.
 */
export function undoneShare(shift: readonly number[], undone: readonly number[], level = 0.95): Share | null {
  const n = shift.length;
  if (n < 2) return null;
  const t = studentQuantile(0.5 + level / 2, n - 1);
  const total = mean(shift);
  if (Math.abs(total) <= t * standardError(shift)) return null;
  const share = mean(undone) / total;
  const error = standardError(shift.map((value, i) => (undone[i] as number) - share * value)) / Math.abs(total);
  return { share, interval: [share - t * error, share + t * error] };
}

export function standardError(values: readonly number[]): number {
  const centre = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1) / values.length);
}

/** t interval of a mean of paired differences. */
export function meanInterval(values: readonly number[], level = 0.95): [number, number] {
  const half = studentQuantile(0.5 + level / 2, values.length - 1) * standardError(values);
  return [mean(values) - half, mean(values) + half];
}
