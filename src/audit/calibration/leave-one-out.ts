/**
 * Combining estimates: ridge regression of the measured shift on several estimates, each data set forecast by what the
 * others taught. Everything that is fitted (means, scales, weights, residual spread) is fitted without it.
 */
import { meanOrNull } from "../../core/index.ts";
import { isotonic, probabilityOf, type Step } from "./isotonic.ts";

export interface EstimateCell extends OfDataSet {
  readonly behaviour: string;
  /** In a fixed order; null: not estimated, taken as the mean of those that are. */
  readonly estimates: readonly (number | null)[];
  readonly measured: number;
}

export interface OfDataSet {
  readonly dataSet: string;
  /** Data sets that are nearly one are left out, and drawn, together: what they share. Absent: the data set stands alone. */
  readonly group?: string;
}

export const groupOf = ({ group, dataSet }: OfDataSet): string => group ?? dataSet;

export interface Fit {
  readonly means: readonly number[];
  readonly scales: readonly number[];
  /** Of the standardised estimates. */
  readonly weights: readonly number[];
  readonly intercept: number;
  /** Root mean square of what the fit leaves. */
  readonly spread: number;
}

/** (XᵀX + λnI)w = Xᵀy on standardised estimates; the intercept is not shrunk. */
export function fitRidge(cells: readonly EstimateCell[], lambda = 1e-3): Fit {
  const width = cells[0]?.estimates.length ?? 0;
  const columns = Array.from({ length: width }, (_, k) => cells.flatMap(({ estimates }) => estimates[k] ?? []));
  // What was estimated nowhere has no values, and no part in the fit.
  const means = columns.map((column) => meanOrNull(column) ?? 0);
  const scales = columns.map(
    (column, k) => Math.sqrt(meanOrNull(column.map((value) => (value - (means[k] as number)) ** 2)) ?? 0) || 1,
  );
  const rows = cells.map(({ estimates }) => standardised(estimates, means, scales));
  const intercept = meanOrNull(cells.map(({ measured }) => measured)) ?? 0;
  const products = Array.from({ length: width }, (_, i) =>
    Array.from(
      { length: width },
      (_, j) => sumOver(rows, (row) => (row[i] as number) * (row[j] as number)) + (i === j ? lambda * rows.length : 0),
    ),
  );
  const towards = Array.from({ length: width }, (_, i) =>
    rows.reduce((sum, row, r) => sum + (row[i] as number) * ((cells[r] as EstimateCell).measured - intercept), 0),
  );
  const fit = { means, scales, weights: solve(products, towards), intercept, spread: 0 };
  const misses = cells.map((cell) => (predict(fit, cell.estimates) - cell.measured) ** 2);
  return { ...fit, spread: Math.sqrt(meanOrNull(misses) ?? 0) };
}

export function predict({ means, scales, weights, intercept }: Fit, estimates: EstimateCell["estimates"]): number {
  const row = standardised(estimates, means, scales);
  return intercept + weights.reduce((sum, weight, k) => sum + weight * (row[k] as number), 0);
}

export interface LeftOut {
  /** Forecast of each cell by the fit without its data set, in the order of the cells. */
  readonly forecasts: readonly number[];
  /** That fit's spread. */
  readonly spreads: readonly number[];
}

export function leaveOneDataSetOut(cells: readonly EstimateCell[], lambda?: number): LeftOut {
  const fits = new Map(
    [...new Set(cells.map(groupOf))].map((group) => [
      group,
      fitRidge(
        cells.filter((cell) => groupOf(cell) !== group),
        lambda,
      ),
    ]),
  );
  const fitOf = (cell: EstimateCell) => fits.get(groupOf(cell)) as Fit;
  return {
    forecasts: cells.map((cell) => predict(fitOf(cell), cell.estimates)),
    spreads: cells.map((cell) => fitOf(cell).spread),
  };
}

/**
 * Probability of `affected` of each cell from the size of its forecast: isotonic over the other data sets, whose forecasts come from
 * fits that have seen neither their own set nor this one.
 */
export function leftOutProbabilities(cells: readonly (EstimateCell & { readonly affected: boolean })[]): number[] {
  const forecasts = leaveOneDataSetOut(cells).forecasts;
  const curves = new Map<string, Step[]>();
  for (const group of new Set(cells.map(groupOf))) {
    const others = cells.filter((cell) => groupOf(cell) !== group);
    const sizes = leaveOneDataSetOut(others).forecasts.map(Math.abs);
    const happened = others.map(({ affected }) => affected);
    curves.set(group, isotonic(sizes, happened));
  }
  return cells.map((cell, i) => probabilityOf(curves.get(groupOf(cell)) ?? [], Math.abs(forecasts[i] as number)));
}

/** The baseline that knows no data: each behaviour's mean shift in the other data sets. */
export function behaviourMeans(cells: readonly EstimateCell[]): number[] {
  return cells.map((own) => {
    const others = cells.filter((cell) => groupOf(cell) !== groupOf(own) && cell.behaviour === own.behaviour);
    return meanOrNull(others.map(({ measured }) => measured)) ?? 0;
  });
}

function standardised(
  estimates: EstimateCell["estimates"],
  means: readonly number[],
  scales: readonly number[],
): number[] {
  return estimates.map((value, k) => (value === null ? 0 : (value - (means[k] as number)) / (scales[k] as number)));
}

const sumOver = (rows: readonly number[][], of: (row: number[]) => number) =>
  rows.reduce((sum, row) => sum + of(row), 0);

/** Gaussian elimination with partial pivoting. An unknown that no equation names (an estimate that nobody made) is 0. */
function solve(matrix: readonly number[][], right: readonly number[]): number[] {
  const rows = matrix.map((row, i) => [...row, right[i] as number]);
  const n = rows.length;
  for (let k = 0; k < n; k++) {
    const pivot = rows
      .slice(k)
      .reduce(
        (best, row, i) => (Math.abs(row[k] as number) > Math.abs((rows[best] as number[])[k] as number) ? k + i : best),
        k,
      );
    [rows[k], rows[pivot]] = [rows[pivot] as number[], rows[k] as number[]];
    const top = rows[k] as number[];
    if (top[k] === 0) continue;
    for (let i = k + 1; i < n; i++) {
      const row = rows[i] as number[];
      const factor = (row[k] as number) / (top[k] as number);
      for (let j = k; j <= n; j++) row[j] = (row[j] as number) - factor * (top[j] as number);
    }
  }
  const found = new Array<number>(n).fill(0);
  for (let k = n - 1; k >= 0; k--) {
    const row = rows[k] as number[];
    const rest = row.slice(k + 1, n).reduce((sum, value, j) => sum + value * (found[k + 1 + j] as number), 0);
    found[k] = row[k] === 0 ? 0 : ((row[n] as number) - rest) / (row[k] as number);
  }
  return found;
}
