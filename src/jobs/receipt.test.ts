/** Which rows a receipt trains again without. */
import { expect, test } from "vitest";
import { mostBlamed } from "./receipt.ts";

const influences = Float64Array.of(3, -4, 1, -2, 0);

test("a behaviour that rose: the rows that push it up most", () => {
  // 3 of 3 − 4 + 1 − 2 = −2: all rows together push it down, and explain no share of a rise.
  expect(mostBlamed(influences, 0.2, 2)).toEqual({ rows: [0, 2], predictedShare: null });
  expect(mostBlamed(Float64Array.of(3, -1, 6), 0.2, 1)).toEqual({ rows: [2], predictedShare: 6 / 8 });
});

test("a behaviour that fell: the rows that push it down most, with their share of the whole push", () => {
  expect(mostBlamed(influences, -0.2, 2)).toEqual({ rows: [1, 3], predictedShare: -6 / -2 });
  expect(mostBlamed(Float64Array.of(3, -1, 6), -0.2, 1)).toEqual({ rows: [1], predictedShare: null });
});

test("rows that push nowhere explain nothing", () => {
  expect(mostBlamed(new Float64Array(3), -0.2, 1)).toEqual({ rows: [0], predictedShare: null });
});
