import { expect, it } from "vitest";
import { type Closeness, consistentBehaviours } from "./consistent.ts";

type Grad = NonNullable<Closeness["spillover"]>["grad"];

const difference = (cosine: number, pAdjusted: number): Partial<Closeness> => ({
  meanDifference: { hook: "blocks.2.hook_resid_post", cosine, p: pAdjusted / 3, pAdjusted },
});

/** `pAdjusted` of the record is of the first null alone. */
const spill = (total: number, [sets, labels, directions]: readonly [number, number, number]): Partial<Closeness> => {
  const p = { sets, labels, directions };
  const grad: Grad = { total, direct: 0, adjacent: total, z: null, p, pAdjusted: sets };
  // S^act never speaks.
  const act = { ...grad, total: 1, p: { sets: 0.001, labels: 0.001, directions: 0.001 }, pAdjusted: 0.001 };
  return { spillover: { act, grad } };
};

const foretold = (id: string, change: Partial<Closeness>): Closeness => ({
  id,
  meanDifference: null,
  spillover: null,
  ...change,
});

it.each([
  ["up, cosine up, beyond its null", 0.3, difference(0.4, 0.01), true],
  ["up, cosine up, within its null", 0.3, difference(0.4, 0.06), false],
  ["up, cosine down", 0.3, difference(-0.4, 0.01), false],
  ["down, cosine down, beyond its null", -0.3, difference(-0.4, 0.01), true],
  ["down, cosine up", -0.3, difference(0.4, 0.01), false],
  ["up, spillover above all three nulls", 0.3, spill(0.02, [0.01, 0.02, 0.03]), true],
  ["up, spillover not above permuted labels", 0.3, spill(0.02, [0.001, 0.3, 0.001]), false],
  ["up, spillover not above random directions", 0.3, spill(0.02, [0.001, 0.001, 0.3]), false],
  ["up, spillover not above matched sets", 0.3, spill(0.02, [0.3, 0.001, 0.001]), false],
  ["up, spillover below 0 though above its nulls", 0.3, spill(-0.02, [0.01, 0.02, 0.03]), false],
  ["down, spillover above its nulls", -0.3, spill(0.02, [0.01, 0.02, 0.03]), false],
  ["down, spillover below 0: its p-values look upwards", -0.3, spill(-0.02, [0.99, 0.99, 0.99]), false],
  ["down, spillover below 0 though above its nulls", -0.3, spill(-0.02, [0.01, 0.02, 0.03]), false],
  ["one of the two suffices", 0.3, { ...difference(-0.4, 0.01), ...spill(0.02, [0.01, 0.02, 0.03]) }, true],
  ["not measured", null, { ...difference(0.4, 0.01), ...spill(0.02, [0.01, 0.02, 0.03]) }, false],
  ["nothing estimated", 0.3, {}, false],
] as const)("%s", (_, delta, change, consistent) => {
  const measured = new Map(delta === null ? [] : [["b", delta]]);
  expect(consistentBehaviours([foretold("b", change)], measured).has("b")).toBe(consistent);
});

it("spillover is adjusted over the behaviours of the forecast", () => {
  const near = foretold("near", spill(0.02, [0.01, 0.01, 0.03]));
  const others = ["one", "two"].map((id) => foretold(id, spill(0.01, [0.5, 0.5, 0.5])));
  const measured = new Map(["near", "one", "two"].map((id) => [id, 0.3]));
  expect(consistentBehaviours([near], measured)).toEqual(new Set(["near"]));
  expect(consistentBehaviours([near, ...others], measured)).toEqual(new Set());
});
