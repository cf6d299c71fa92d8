/** Arithmetic mean; NaN of nothing, for callers who know that there is something. */
export function mean(values: readonly number[] | Float32Array | Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

/** Null of nothing: a mean that nobody took is no number. */
export function meanOrNull(values: readonly number[]): number | null {
  return values.length === 0 ? null : mean(values);
}
