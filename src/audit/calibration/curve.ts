/**
 * From rehearsed shifts to what may be expected: the probability of `affected`, and an interval for the measured shift.
 *
 * 1. Probability: isotonic in the size of the rehearsed shift. Every pool is given two cells more at the overall rate, so
 *    that no forecast is certain.
 * 2. Interval: misses (measured less rehearsed, counted away from zero) in bins of like size; the ends are the split
 *    conformal quantiles of the bin (Vovk, Gammerman and Shafer 2005; by size: Mondrian), which hold `level` of what is
 *    drawn alike, whatever its distribution.
 * 3. Both again for each data set from the others alone. Cells of one data set are not independent, so what these say
 *    of error and coverage is what counts.
 */
import { mean, must } from "../../core/index.ts";
import type { CalibrationCurve, Expected } from "../../records/index.ts";
import { calibrationError, reliability } from "./calibration-error.ts";
import { isotonic } from "./isotonic.ts";

/** One behaviour of one fine-tune. */
export interface RehearsedCell {
  readonly dataSet: string;
  readonly seed: number;
  /** Shift of the probability that the rehearsal saw. */
  readonly rehearsed: number;
  /** Shift of the probability that the audit measured. */
  readonly measured: number;
  readonly affected: boolean;
}

/** What one fit has learnt. */
export type Fitted = Pick<CalibrationCurve, "probability" | "misses">;

const LEVEL = 0.9;
/** What is fitted without one data set and judged over data sets needs some. */
export const LEAST_DATA_SETS = 5;
/** Fewer affected cells, or fewer others, teach nothing that holds elsewhere. */
const LEAST_OF_EACH = 10;
/** Cells of a bin at least; below 2 / (1 − level) − 1 a bin would have no ends. */
const BIN = 60;
const MOST_BINS = 10;

/** Null where there is too little to learn from. */
export function calibrationCurve(cells: readonly RehearsedCell[]): CalibrationCurve | null {
  const dataSets = [...new Set(cells.map(({ dataSet }) => dataSet))];
  const affected = cells.filter((cell) => cell.affected).length;
  if (dataSets.length < LEAST_DATA_SETS || Math.min(affected, cells.length - affected) < LEAST_OF_EACH) return null;
  const fits = new Map(dataSets.map((name) => [name, curveOf(cells.filter(({ dataSet }) => dataSet !== name))]));
  if ([...fits.values()].some(({ misses }) => misses.length === 0)) return null;
  const foreseen = cells.map((cell) => expectedOf(must(fits.get(cell.dataSet), cell.dataSet), cell.rehearsed));
  const happened = cells.map((cell) => cell.affected);
  const bins = reliability(
    foreseen.map(({ probability }) => probability),
    happened,
  );
  const rate = affected / cells.length;
  return {
    dataSets,
    seeds: [...new Set(cells.map(({ seed }) => seed))].sort((a, b) => a - b),
    cells: cells.length,
    affected,
    ...curveOf(cells),
    without: [...fits].map(([dataSet, fitted]) => ({ dataSet, ...fitted })),
    level: LEVEL,
    leftOut: {
      error: must(calibrationError(bins), "bins"),
      brier: mean(foreseen.map(({ probability }, i) => (probability - Number(happened[i])) ** 2)),
      brierOfRate: rate * (1 - rate),
      coverage: mean(foreseen.map(({ interval }, i) => Number(within(must(cells[i], "cell").measured, interval)))),
      bins,
    },
  };
}

/** `base`: the behaviour's probability in the base model, beyond whose ends no shift can carry it. */
export function expectedOf({ probability, misses }: Fitted, rehearsed: number, base?: number): Expected {
  const size = Math.abs(rehearsed);
  const step = must(atSize(probability, size), "a probability");
  const { median, low, high } = must(atSize(misses, size), "misses");
  const way = rehearsed < 0 ? -1 : 1;
  const ends = base === undefined ? [-1, 1] : [-base, 1 - base];
  const bound = (shift: number) => Math.min(must(ends[1], "end"), Math.max(must(ends[0], "end"), way * shift));
  const [one, other] = [bound(size + low), bound(size + high)];
  return {
    probability: step.value,
    shift: bound(size + median),
    interval: [Math.min(one, other), Math.max(one, other)],
  };
}

function curveOf(cells: readonly RehearsedCell[]): Fitted {
  const sizes = cells.map(({ rehearsed }) => Math.abs(rehearsed));
  const rate = cells.filter(({ affected }) => affected).length / cells.length;
  let highest = 0;
  const probability = isotonic(
    sizes,
    cells.map(({ affected }) => affected),
  ).map(({ from, value, n }) => {
    highest = Math.max(highest, (value * n + 2 * rate) / (n + 2));
    return { from, value: highest, n };
  });
  return { probability, misses: missesBySize(cells) };
}

/** Bins as equal in number as can be; equal sizes stay together. */
function missesBySize(cells: readonly RehearsedCell[]): CalibrationCurve["misses"] {
  const sorted = [...cells].sort((a, b) => Math.abs(a.rehearsed) - Math.abs(b.rehearsed));
  const size = (i: number) => Math.abs(must(sorted[i], "cell").rehearsed);
  const count = Math.min(MOST_BINS, Math.floor(sorted.length / BIN));
  const bins: CalibrationCurve["misses"] = [];
  for (let start = 0, k = 1; k <= count && start < sorted.length; k++) {
    let end = Math.max(start + 1, Math.round((k * sorted.length) / count));
    while (end < sorted.length && size(end) === size(end - 1)) end++;
    if (sorted.length - end < BIN) end = sorted.length;
    const found = sorted
      .slice(start, end)
      .map(({ rehearsed, measured }) => (rehearsed < 0 ? -measured : measured) - Math.abs(rehearsed))
      .sort((a, b) => a - b);
    bins.push({ from: size(start), n: found.length, median: medianOf(found), ...conformalEnds(found) });
    start = end;
  }
  return bins;
}

/** Of sorted values: (1 − level) / 2 of new ones lie below, and as many above. */
function conformalEnds(sorted: readonly number[]): { low: number; high: number } {
  const rank = Math.max(1, Math.floor(((sorted.length + 1) * (1 - LEVEL)) / 2));
  return { low: must(sorted[rank - 1], "value"), high: must(sorted[sorted.length - rank], "value") };
}

function medianOf(sorted: readonly number[]): number {
  const [below, above] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return (must(below, "value") + must(above, "value")) / 2;
}

const atSize = <T extends { readonly from: number }>(steps: readonly T[], size: number): T | undefined =>
  steps.findLast(({ from }) => from <= size) ?? steps[0];
const within = (value: number, [low, high]: readonly [number, number]) => low <= value && value <= high;
