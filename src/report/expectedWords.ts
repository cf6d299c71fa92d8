/** A calibrated forecast in words. */
import type { CalibrationNote, Expected } from "../records/index.ts";
import { count, counted, plainPoints, points, pointsSpan } from "./format.ts";

/** "94%"; no forecast is certain, so none reads 0% or 100%. */
export function chance({ probability }: Pick<Expected, "probability">): string {
  if (probability < 0.005) return "under 1%";
  if (probability >= 0.995) return "over 99%";
  return `${Math.round(100 * probability)}%`;
}

/** "+41.0 (+20.1 to +63.0)". */
export const expectedPoints = ({ shift, interval }: Pick<Expected, "shift" | "interval">) =>
  `${points(shift)} (${pointsSpan(interval)})`;

/** Where the percentages come from, and how right such forecasts were where nothing was fitted to them. */
export function calibrationWords({ dataSets, seeds, cells, margin, level, error, coverage }: CalibrationNote): string {
  return `Calibrated on ${count(cells)} shifts of this very base: ${counted(dataSets, "data set")}, ${counted(seeds, "seed")}, the same settings, a margin of ±${plainPoints(margin)} points. Forecasting each data set from the others, its percentages were off by ${(100 * error).toFixed(1)} points on average, and ${Math.round(100 * coverage)}% of the measured shifts lay in their interval (${Math.round(100 * level)}% were promised).`;
}
