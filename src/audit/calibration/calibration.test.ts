/** Calibration by hand. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { auroc } from "./auroc.ts";
import { calibrationError, reliability } from "./calibration-error.ts";
import { ceiling, halves } from "./ceiling.ts";
import { doubleCentred } from "./double-centred.ts";
import { isotonic, probabilityOf } from "./isotonic.ts";
import {
  behaviourMeans,
  type EstimateCell,
  fitRidge,
  leaveOneDataSetOut,
  leftOutProbabilities,
  predict,
} from "./leave-one-out.ts";
import { intervalOverDataSets } from "./over-data-sets.ts";
import { averageRanks, spearman } from "./rank-correlation.ts";

describe("Spearman", () => {
  test("by hand, ties at their average rank", () => {
    expect(averageRanks([10, 30, 20, 30])).toEqual([1, 3.5, 2, 3.5]);
    // d = (0, 1, -1, 1, -1): 1 − 6·4 / (5·24) = 0.8
    expect(spearman([1, 2, 3, 4, 5], [1, 3, 2, 5, 4])).toBeCloseTo(0.8, 12);
    expect(spearman([1, 1, 1], [1, 2, 3])).toBeNull();
  });

  test("sees order alone, and turns with it", () => {
    const pairs = fc.uniqueArray(fc.double({ min: -20, max: 20, noNaN: true }), { minLength: 3, maxLength: 12 });
    fc.assert(
      fc.property(pairs, (values) => {
        const distinct = [...new Set(values.map((value) => Math.round(value * 1e3) / 1e3 + 0))];
        if (distinct.length < 3) return;
        expect(
          spearman(
            distinct,
            distinct.map((value) => value ** 3),
          ),
        ).toBeCloseTo(1, 9);
        expect(
          spearman(
            distinct,
            distinct.map((value) => -Math.atan(value)),
          ),
        ).toBeCloseTo(-1, 9);
      }),
    );
  });
});

describe("double centring", () => {
  const cells = (values: Readonly<Record<string, number>>) =>
    Object.entries(values).map(([key, value]) => ({ dataSet: key[0] ?? "", behaviour: key[1] ?? "", value }));

  test("by hand: the interaction of a 2 × 2 table is all that is left", () => {
    // Grand mean 4, rows 3 and 5, columns 2 and 6: left 1, −1, −1, 1.
    expect(doubleCentred(cells({ ax: 2, ay: 4, bx: 2, by: 8 }))).toEqual([1, -1, -1, 1]);
  });

  test("an additive table leaves nothing, with cells missing too", () => {
    const left = doubleCentred(
      cells({ ax: 1 + 10, ay: 1 + 20, az: 1 + 5, bx: 2 + 10, by: 2 + 20, cz: 7 + 5, cx: 7 + 10 }),
    );
    expect(Math.max(...left.map(Math.abs))).toBeLessThan(1e-9);
  });
});

test("AUROC by hand: wins over pairs, ties half", () => {
  // Positives 0.9, 0.5; negatives 0.5, 0.1, 0.7: 0.9 beats three, 0.5 beats one and ties one: 4.5 / 6.
  expect(auroc([0.9, 0.5, 0.5, 0.1, 0.7], [true, true, false, false, false])).toBeCloseTo(0.75, 12);
  expect(auroc([1, 2], [true, true])).toBeNull();
});

describe("calibration error", () => {
  test("by hand, two bins", () => {
    const bins = reliability([0.1, 0.3, 0.8, 0.6], [false, true, true, true], 2);
    expect(bins.map(({ n, observed }) => [n, observed])).toEqual([
      [2, 0.5],
      [2, 1],
    ]);
    // |0.2 − 0.5| and |0.7 − 1|
    expect(calibrationError(bins)).toBeCloseTo(0.3, 12);
  });

  test("forecasts that come true have none; equal ones stay in one bin; none, none", () => {
    expect(calibrationError(reliability([0, 0, 1, 1], [false, false, true, true]))).toBe(0);
    expect(reliability([0.5, 0.5, 0.5, 0.5], [true, false, true, false], 4)).toEqual([
      { n: 4, forecast: 0.5, observed: 0.5 },
    ]);
    expect(calibrationError([])).toBeNull();
  });
});

test("isotonic regression by hand: violators are pooled, and the fit never falls", () => {
  // 0, 1, 0, 1 in order: the middle two pool to ½.
  const steps = isotonic([1, 2, 3, 4], [false, true, false, true]);
  expect(steps).toEqual([
    { from: 1, value: 0, n: 1 },
    { from: 2, value: 0.5, n: 2 },
    { from: 4, value: 1, n: 1 },
  ]);
  expect([0, 1.5, 2.5, 9].map((score) => probabilityOf(steps, score))).toEqual([0, 0, 0.5, 1]);
  const scores = fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.boolean()), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(scores, (cells) => {
      const fit = isotonic(
        cells.map(([score]) => score),
        cells.map(([, yes]) => yes),
      );
      expect(fit.every(({ value }, i) => i === 0 || value > (fit[i - 1]?.value ?? 0))).toBe(true);
    }),
  );
});

test("the ceiling by hand: halves that correlate ½ make a whole of reliability ⅔", () => {
  expect(ceiling(0.5)).toBeCloseTo(Math.sqrt(2 / 3), 12);
  expect(ceiling(1)).toBe(1);
  expect(ceiling(-0.1)).toBeNull();
  expect(halves([1, 2, 5])).toEqual([3, 2]);
  expect(halves([1])).toBeNull();
});

describe("leaving one data set out", () => {
  const cell = (dataSet: string, behaviour: string, estimates: (number | null)[], measured: number): EstimateCell => ({
    dataSet,
    behaviour,
    estimates,
    measured,
  });

  test("a line is found, its slope and intercept by hand, and nothing is left", () => {
    const line = [0, 1, 2, 3].map((x) => cell(`d${x}`, "b", [x, null], 2 * x + 1));
    const fit = fitRidge(line, 0);
    expect(predict(fit, [10, null])).toBeCloseTo(21, 9);
    expect(fit.spread).toBeLessThan(1e-9);
  });

  test("a data set's own measurements never reach its forecast", () => {
    const cells = ["a", "b", "c"].flatMap((dataSet, d) =>
      ["x", "y", "z"].map((behaviour, b) => cell(dataSet, behaviour, [d + 2 * b, (d * b) % 3], d + b * b)),
    );
    const spoilt = cells.map((each) => (each.dataSet === "a" ? { ...each, measured: 1e6 } : each));
    const [clean, dirty] = [leaveOneDataSetOut(cells), leaveOneDataSetOut(spoilt)];
    expect(dirty.forecasts.slice(0, 3)).toEqual(clean.forecasts.slice(0, 3));
    expect(dirty.forecasts.slice(3)).not.toEqual(clean.forecasts.slice(3));
    expect(behaviourMeans(spoilt).slice(0, 3)).toEqual(behaviourMeans(cells).slice(0, 3));
    const judged = (all: readonly EstimateCell[]) =>
      leftOutProbabilities(all.map((each, i) => ({ ...each, affected: i % 2 === 0 })));
    expect(judged(spoilt).slice(0, 3)).toEqual(judged(cells).slice(0, 3));
    expect(judged(spoilt).slice(3)).not.toEqual(judged(cells).slice(3));
  });
});

test("the interval over data sets holds the value, and whole data sets are drawn", () => {
  const cells = Array.from({ length: 12 }, (_, d) =>
    [0, 1].map((b) => ({ dataSet: `d${d}`, value: d + b / 2 })),
  ).flat();
  const mean = (drawn: readonly { readonly value: number }[]) =>
    drawn.reduce((sum, { value }) => sum + value, 0) / drawn.length;
  const sizes = new Set<number>();
  const found = intervalOverDataSets(
    cells,
    (drawn) => {
      sizes.add(drawn.length);
      return mean(drawn);
    },
    { seed: 1, draws: 500 },
  );
  expect(sizes).toEqual(new Set([24]));
  expect(found?.[0]).toBeLessThan(mean(cells));
  expect(found?.[1]).toBeGreaterThan(mean(cells));
  // Of two data sets it would be their two values.
  expect(intervalOverDataSets(cells.slice(0, 4), mean, { seed: 1, draws: 500 })).toBeNull();
});
