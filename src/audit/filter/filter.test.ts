/** Laws of filtering: what goes, for which behaviour, and never what drives nothing. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { PreparedLatents } from "../prepare.ts";
import { drivingRows, type RowValues, randomRows } from "./choose-rows.ts";
import { directShares, geometricRisks, type RowLatents } from "./row-latents.ts";

const valuesOf = (id: string, riskier: "up" | "down", values: readonly number[]): RowValues => ({
  behaviour: { id, riskier },
  values: Float64Array.from(values),
});

describe("the rows that drive a behaviour", () => {
  test("by hand: scaled by the root mean square, the largest behaviour counts and is named", () => {
    // RMS of (3, -4, 0, 0) is 2.5, of (0, 0, -200, 100) is √12500 ≈ 111.8; `calm` is riskier when it falls.
    const measured = [valuesOf("wild", "up", [3, -4, 0, 0]), valuesOf("calm", "down", [0, 0, -200, 100])];
    const found = drivingRows(measured, 4, 0.75);
    expect(found.map(({ row, behaviour }) => [row, behaviour])).toEqual([
      [2, "calm"],
      [0, "wild"],
    ]);
    expect(found[0]?.score).toBeCloseTo(200 / Math.sqrt(12500), 12);
    expect(found[1]?.score).toBeCloseTo(3 / 2.5, 12);
  });

  test("what was not measured is neither dropped nor a zero in the scale", () => {
    const found = drivingRows([valuesOf("a", "up", [Number.NaN, 2, 2])], 3, 0.67);
    expect(found.map(({ row, score }) => [row, score])).toEqual([
      [1, 1],
      [2, 1],
    ]);
  });

  test("data that teach nothing, and a single row, stay whole", () => {
    expect(drivingRows([valuesOf("a", "up", [0, 0, 0])], 3, 0.9)).toEqual([]);
    expect(drivingRows([valuesOf("a", "up", [1])], 1, 0.9)).toEqual([]);
    expect(randomRows(1, 0.9, 1)).toEqual([]);
  });

  test("never more than the share, never a row twice, never one that drives nothing; any unit of measurement", () => {
    const numbers = fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { minLength: 2, maxLength: 40 });
    fc.assert(
      fc.property(numbers, fc.double({ min: 0.01, max: 0.99, noNaN: true }), (values, share) => {
        const found = drivingRows([valuesOf("a", "up", values)], values.length, share);
        const scaled = drivingRows(
          [
            valuesOf(
              "a",
              "up",
              values.map((value) => 8 * value),
            ),
          ],
          values.length,
          share,
        );
        expect(found.length).toBeLessThanOrEqual(Math.round(share * values.length));
        expect(new Set(found.map(({ row }) => row)).size).toBe(found.length);
        expect(found.every(({ row }) => (values[row] ?? 0) > 0)).toBe(true);
        expect(scaled.map(({ row }) => row)).toEqual(found.map(({ row }) => row));
      }),
    );
  });

  test("chance takes as many rows with every seed, other ones", () => {
    const rows = (seed: number) => randomRows(20, 0.25, seed).map(({ row }) => row);
    expect(rows(1)).toHaveLength(5);
    expect(new Set(rows(1)).size).toBe(5);
    expect(rows(1)).toEqual(rows(1));
    expect(rows(1)).not.toEqual(rows(2));
  });
});

/** Four latents in three dimensions: 0 and 1 at right angles, 2 between them (cosine √½), 3 on its own. */
const half = Math.SQRT1_2;
const dictionary = {
  hook: "blocks.0.hook_resid_post",
  dModel: 3,
  nLatents: 4,
  k: null,
  encoder: new Float32Array(12).fill(1),
  encoderBias: new Float32Array(4),
  decoder: Float32Array.of(1, 0, 0, 0, 1, 0, half, half, 0, 0, 0, 1),
  decoderBias: new Float32Array(3),
} as const;
const rowOf = (entries: Readonly<Record<number, number>>): RowLatents => ({
  latents: Int32Array.from(Object.keys(entries), Number),
  means: Float64Array.from(Object.values(entries)),
});
const prepared = {
  sets: new Map([["b", [{ latent: 0, sign: 1, attribution: 1, check: 1, activationDifference: 1 }]]]),
  firingRates: new Float64Array(4).fill(0.1),
} satisfies PreparedLatents;

describe("the latents of a row", () => {
  const rows = [rowOf({ 0: 3, 3: 1 }), rowOf({ 2: 2 }), rowOf({ 3: 5 }), rowOf({ 0: 1 }), rowOf({})];
  const control = Float64Array.of(1, 0, 0, 0);

  test("direct shares by hand: only what lies on the behaviour's own latents, beyond the control", () => {
    const shares = directShares({ rows, control, prepared }).get("b");
    // Row 0: (3 − 1) of (3 − 1) + 1; row 3 is the control's own level, row 4 fires nowhere.
    expect([...(shares ?? [])]).toEqual([2 / 3, 0, 0, Number.NaN, Number.NaN]);
  });

  test("geometric risk: a neighbour counts by its cosine, a stranger not; null where nothing fires beyond the control", () => {
    const risks = [...(geometricRisks({ dictionary, rows, control, prepared, seed: 1 }).get("b") ?? [])];
    const [own = 0, neighbour = 0, stranger = 0] = risks;
    // κ of latent 2 is √½, of latent 3 it is 0, and both have their own null taken off.
    expect(neighbour).toBeGreaterThan(stranger);
    expect(own).toBeGreaterThan(stranger);
    expect(risks.slice(3).every(Number.isNaN)).toBe(true);
  });
});
