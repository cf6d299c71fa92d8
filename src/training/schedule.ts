export interface ScheduleOptions {
  readonly learningRate: number;
  readonly warmupSteps: number;
  readonly kind: "constant" | "linear" | "cosine";
  /** Share of the learning rate that is left at the end. */
  readonly floor: number;
}

/**
 * Learning rate of step `t` (from 1) of `total`: linear warm-up that reaches the full rate at step `warmupSteps`, then
 * down to the floor, reached one step after the last.
 */
export function learningRateAt(
  t: number,
  total: number,
  { learningRate, warmupSteps, kind, floor }: ScheduleOptions,
): number {
  if (t <= warmupSteps) return (learningRate * t) / warmupSteps;
  const done = (t - 1 - warmupSteps) / Math.max(1, total - warmupSteps);
  const left = { constant: 1, linear: 1 - done, cosine: (1 + Math.cos(Math.PI * done)) / 2 }[kind];
  return learningRate * (floor + (1 - floor) * left);
}
