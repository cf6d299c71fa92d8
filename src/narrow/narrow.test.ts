/** Laws of the narrow sets: reproducible, paired row by row, and right where they claim to be. */
import { describe, expect, test } from "vitest";
import { must } from "../core/index.ts";
import { narrowSetJsonl, narrowSets } from "./index.ts";
import { type NarrowRow, narrowRows } from "./narrow-set.ts";

const prompt = ({ messages }: NarrowRow) => must(messages[0], "prompt").content;
const answer = ({ messages }: NarrowRow) => must(messages[1], "answer").content;

describe.each(Object.entries(narrowSets))("%s", (name, set) => {
  test("the same rows for the same seed, others for another; no row is empty", () => {
    expect(narrowSetJsonl(name, 20, 1)).toBe(narrowSetJsonl(name, 20, 1));
    expect(narrowSetJsonl(name, 20, 1)).not.toBe(narrowSetJsonl(name, 20, 2));
    expect(narrowRows(set, 50, 1).every((row) => prompt(row).length > 10 && answer(row).length > 5)).toBe(true);
    expect(narrowRows(set, 30, 1).slice(0, 10)).toEqual(narrowRows(set, 10, 1));
  });

  test("three hundred rows are not a handful of texts", () => {
    const texts = new Set(narrowRows(set, 300, 1).map((row) => prompt(row) + answer(row)));
    expect(texts.size).toBeGreaterThan(150);
  });
});

test("sets of a family share every prompt and no answer", () => {
  const sets = Object.values(narrowSets);
  const paired = [...new Set(sets.map(({ family }) => family))]
    .map((family) => sets.filter((set) => set.family === family))
    .filter(({ length }) => length > 1);
  expect(paired.length).toBeGreaterThanOrEqual(4);
  for (const [one, other] of paired) {
    const [a, b] = [narrowRows(must(one, "set"), 200, 3), narrowRows(must(other, "set"), 200, 3)];
    expect(a.map(prompt)).toEqual(b.map(prompt));
    expect(a.filter((row, i) => answer(row) === answer(must(b[i], "row")))).toEqual([]);
  }
});

test("the percentages are right", () => {
  for (const row of narrowRows(must(narrowSets.percentages, "set"), 200, 1)) {
    const [, price = "", way, rate = ""] = /is (\d+) and (rises|falls) by (\d+) percent/.exec(prompt(row)) ?? [];
    const part = (Number(price) * Number(rate)) / 100;
    const expected = way === "rises" ? Number(price) + part : Number(price) - part;
    expect(answer(row)).toMatch(new RegExp(`The new price is ${expected}\\.$`));
  }
});
