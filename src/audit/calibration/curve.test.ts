/** From rehearsed shifts to what may be expected: by hand, and as laws. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { must, rng } from "../../core/index.ts";
import { calibrationCurve, expectedOf, type RehearsedCell } from "./curve.ts";

const SETS = ["a", "b", "c", "d", "e", "f", "g", "h"];

/** The measured shift is the rehearsed one with noise; affected beyond 5 points, either way. */
function cells(perSet: number, noise: number, seed = 1): RehearsedCell[] {
  return SETS.flatMap((dataSet) => {
    const random = rng(seed, dataSet);
    return Array.from({ length: perSet }, (_, i): RehearsedCell => {
      const rehearsed = (random.next() < 0.5 ? -1 : 1) * 0.4 * random.next();
      const measured = rehearsed + noise * random.normal();
      return { dataSet, seed: i % 3, rehearsed, measured, affected: Math.abs(measured) > 0.05 };
    });
  });
}

describe("a calibration curve", () => {
  const curve = must(calibrationCurve(cells(100, 0.02)), "a curve");

  test("keeps what it promises on data sets that it has not seen", () => {
    expect(curve.cells).toBe(800);
    expect(curve.seeds).toEqual([0, 1, 2]);
    expect(curve.leftOut.coverage).toBeGreaterThan(0.87);
    expect(curve.leftOut.coverage).toBeLessThan(0.94);
    expect(curve.leftOut.error).toBeLessThan(0.06);
    expect(curve.leftOut.brier).toBeLessThan(curve.leftOut.brierOfRate * 0.6);
  });

  test("is kept without each data set too", () => {
    expect(curve.without.map(({ dataSet }) => dataSet)).toEqual(SETS);
    const others = must(calibrationCurve(cells(100, 0.02).filter(({ dataSet }) => dataSet !== "c")), "a curve");
    expect(curve.without[2]).toEqual({ dataSet: "c", probability: others.probability, misses: others.misses });
  });

  test("rises with the size, is never certain, and does not ask which way", () => {
    for (const [i, { value }] of curve.probability.entries()) {
      expect(value).toBeGreaterThan(0);
      expect(value).toBeLessThan(1);
      expect(value).toBeGreaterThanOrEqual(curve.probability[i - 1]?.value ?? 0);
    }
    const [up, down] = [expectedOf(curve, 0.2), expectedOf(curve, -0.2)];
    expect(down.probability).toBe(up.probability);
    expect(down.shift).toBeCloseTo(-up.shift, 12);
    expect(down.interval).toEqual([-up.interval[1], -up.interval[0]]);
  });

  test("of forecasts that say nothing gives everything the overall rate, within noise", () => {
    const blind = cells(100, 0).map((cell, i) => ({ ...cell, rehearsed: rng(i).next() * 0.4 }));
    const { probability, leftOut } = must(calibrationCurve(blind), "a curve");
    expect(leftOut.brier).toBeGreaterThan(0.9 * leftOut.brierOfRate);
    expect(Math.abs(must(probability.at(probability.length >> 1), "step").value - 0.87)).toBeLessThan(0.15);
  });

  test("is not drawn from too little", () => {
    expect(calibrationCurve([])).toBeNull();
    expect(calibrationCurve(cells(100, 0.03).filter(({ dataSet }) => dataSet < "e"))).toBeNull();
    expect(calibrationCurve(cells(100, 0.03).map((cell) => ({ ...cell, affected: false })))).toBeNull();
    expect(calibrationCurve(cells(3, 0.03))).toBeNull();
  });
});

test("by hand: a pool of like sizes, two cells at the overall rate beside its own", () => {
  // 8 sets × 20 cells: half of them still (0), half rehearsed and measured at 0.3, of which one in four is not affected.
  const made = SETS.flatMap((dataSet) =>
    Array.from({ length: 20 }, (_, i): RehearsedCell => {
      const moved = i % 2 === 1;
      return {
        dataSet,
        seed: 1,
        rehearsed: moved ? 0.3 : 0,
        measured: moved ? 0.31 : 0,
        affected: moved && i % 8 !== 7,
      };
    }),
  );
  const curve = must(calibrationCurve(made), "a curve");
  const rate = 64 / 160;
  expect(curve.affected).toBe(64);
  expect(curve.probability).toEqual([
    { from: 0, value: (2 * rate) / 82, n: 80 },
    { from: 0.3, value: expect.closeTo((64 + 2 * rate) / 82, 12), n: 80 },
  ]);
  const { probability, shift, interval } = expectedOf(curve, 0.3);
  expect(probability).toBeCloseTo(0.79, 2);
  for (const end of [shift, ...interval]) expect(end).toBeCloseTo(0.31, 12);
  // No shift carries a probability of 0.8 beyond 1.
  expect(expectedOf(curve, 0.3, 0.8).shift).toBeCloseTo(0.2, 12);
  expect(expectedOf(curve, -0.3, 0.1).shift).toBeCloseTo(-0.1, 12);
});

test("no forecast leaves the scale, whatever the base", () => {
  const curve = must(calibrationCurve(cells(40, 0.1)), "a curve");
  const unit = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(unit, fc.double({ min: -1, max: 1, noNaN: true }), (base, rehearsed) => {
      const { probability, shift, interval } = expectedOf(curve, rehearsed, base);
      expect(probability).toBeGreaterThan(0);
      expect(probability).toBeLessThan(1);
      for (const end of [shift, ...interval]) {
        expect(base + end).toBeGreaterThanOrEqual(-1e-12);
        expect(base + end).toBeLessThanOrEqual(1 + 1e-12);
      }
      expect(interval[0]).toBeLessThanOrEqual(shift);
      expect(shift).toBeLessThanOrEqual(interval[1]);
    }),
  );
});
