import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { golden, goldenAdapter, goldenNames, relativeDifference } from "../../test/golden.ts";
import { must, rng } from "../core/index.ts";
import { type Engine, startEngine } from "../engine/index.ts";
import { adapterLayout, flattenAdapter } from "../models/index.ts";
import { filledShare, packedGradient, packedProgram, packRows } from "./packing.ts";
import { batchFeeds, type TrainingRow, trainingProgram } from "./step.ts";
import { crossEntropyGradient } from "./train.ts";
import { loraTrainable } from "./trainable.ts";

let engine: Engine;
beforeAll(() => {
  engine = startEngine({ threads: 2 });
});
afterAll(() => engine.close());

function rowsOf(lengths: readonly number[]): TrainingRow[] {
  const random = rng(7, "packing");
  return lengths.map((length) => ({
    ids: Int32Array.from({ length }, () => 3 + random.int(90)),
    weights: Float32Array.from({ length }, (_, t) => (t === 0 ? 0 : random.int(3) / 2)),
  }));
}

test("padding stands at a position that every model has, however long it is", () => {
  const { positions } = batchFeeds(rowsOf([3, 5]), 8, 1, 1);
  expect([...positions.data]).toEqual([0, 1, 2, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 0, 0, 0]);
});

describe.each(goldenNames)("%s", (name) => {
  test("rows side by side have the loss and gradient of rows apart", async () => {
    const { source } = await golden(name);
    const adapter = await goldenAdapter(name);
    const layout = adapterLayout(source.definition.linears, adapter.rank);
    await engine.write("parameters", flattenAdapter(adapter, layout));
    for (const buffer of ["zero", "gradient"]) await engine.write(buffer, new Float32Array(layout.size));
    const trainable = loraTrainable(layout);
    // Longer than the windows of five positions; the budget makes several micro-batches.
    const rows = rowsOf([3, 14, 7, 2, 9, 5, 4, 6]);
    const shared = { engine, scale: adapter.scale, microBatchTokens: 40 };
    const apart = await crossEntropyGradient({ ...shared, training: trainingProgram(source, trainable, 40) }, rows);
    const expected = (await engine.read("gradient")).slice();
    const packed = await packedGradient({ ...shared, training: packedProgram(source, trainable, 40) }, rows);
    expect(packed.loss / apart.loss).toBeCloseTo(1, 5);
    expect([packed.tokens, packed.responseTokens]).toEqual([apart.tokens, apart.responseTokens]);
    expect(relativeDifference(await engine.read("gradient"), expected)).toBeLessThan(1e-5);
  });
});

test("no row is lost, torn or squeezed into a sequence without room", () => {
  const lengths = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(lengths, (given) => {
      const rows = rowsOf(given);
      const packs = packRows(rows, 40);
      expect(new Set(packs.flat())).toEqual(new Set(rows));
      expect(packs.flat()).toHaveLength(rows.length);
      for (const pack of packs) expect(pack.reduce((sum, { ids }) => sum + ids.length, 0)).toBeLessThanOrEqual(40);
      // First fit: no two sequences could have been one.
      const [first, second] = packs
        .map((pack) => pack.reduce((sum, { ids }) => sum + ids.length, 0))
        .sort((a, b) => a - b);
      if (second !== undefined) expect(must(first, "pack") + second).toBeGreaterThan(40);
    }),
  );
});

test("by hand: 8 + 2, 6 + 4 and 5 tokens in sequences of ten", () => {
  const packs = packRows(rowsOf([2, 4, 5, 6, 8]), 10);
  expect(packs.map((pack) => pack.map(({ ids }) => ids.length))).toEqual([[8, 2], [6, 4], [5]]);
  expect(filledShare(packs, 10)).toBeCloseTo(25 / 30, 12);
});
