import { describe, expect, test } from "vitest";
import { type GoldenName, golden, goldenAdapter, goldenNames, randomFloats } from "../../../test/golden.ts";
import { randomDictionary } from "../../../test/language.ts";
import { must, rng } from "../../core/index.ts";
import { readTensor } from "../../data/index.ts";
import { dot, isotropicDirections, norm, rowAt, singularValues } from "../../geometry/index.ts";
import { type Adapter, rankOf } from "../../models/index.ts";
import { mergedWeight } from "../../training/index.ts";
import { lowRankSvd } from "./low-rank-svd.ts";
import { strongestSvd } from "./strongest-svd.ts";
import { chance95, weightView } from "./weight-view.ts";

/** s B A, `[dOut, dIn]` */
function product({ A, B }: { A: Float32Array; B: Float32Array }, rank: number, scale: number): Float64Array {
  const [dOut, dIn] = [B.length / rank, A.length / rank];
  return Float64Array.from({ length: dOut * dIn }, (_, at) => {
    const [i, j] = [Math.floor(at / dIn), at % dIn];
    let sum = 0;
    for (let r = 0; r < rank; r++) sum += must(B[i * rank + r], "B") * must(A[r * dIn + j], "A");
    return scale * sum;
  });
}

/** The golden adapter with magnitudes that are not the base's. */
async function goldenDora(name: GoldenName): Promise<Adapter> {
  const plain = await goldenAdapter(name);
  const modules = [...plain.modules].map(([module, values]) => {
    const magnitude = randomFloats(values.B.length / plain.rank, module).map((value) => 1 + 0.5 * value);
    return [module, { ...values, magnitude }] as const;
  });
  return { ...plain, magnitudes: true, modules: new Map(modules) };
}

describe("SVD from the factors", () => {
  test("by hand: (3 e_0)(e_1)ᵀ + (2 e_1)(e_0)ᵀ", () => {
    const B = Float32Array.of(3, 0, 0, 2, 0, 0);
    const A = Float32Array.of(0, 1, 1, 0);
    const { values, left, right } = lowRankSvd({ A, B }, 2, 0.5);
    expect([...values]).toEqual([1.5, 1]);
    expect([...left].map(Math.abs)).toEqual([1, 0, 0, 0, 1, 0]);
    expect([...right].map(Math.abs)).toEqual([0, 1, 1, 0]);
  });

  test.each([
    [9, 14, 4],
    [14, 9, 4],
    [6, 5, 5],
    [5, 6, 8],
  ])("%i × %i of rank %i is the dense one's", (dOut, dIn, rank) => {
    const module = { A: randomFloats(rank * dIn, `A${rank}`), B: randomFloats(dOut * rank, `B${rank}`) };
    const dense = product(module, rank, 2);
    const { values, left, right } = lowRankSvd(module, rank, 2);
    const expected = singularValues(dense, dOut, dIn).slice(0, values.length);
    for (const [k, value] of values.entries()) expect(value / must(expected[k], "value")).toBeCloseTo(1, 10);
    const rebuilt = dense.map((_, at) =>
      values.reduce(
        (sum, value, k) =>
          sum + value * must(left[k * dOut + Math.floor(at / dIn)], "u") * must(right[k * dIn + (at % dIn)], "v"),
        0,
      ),
    );
    for (const [at, value] of dense.entries()) expect(rebuilt[at]).toBeCloseTo(value, 10);
    for (let k = 0; k < values.length; k++) expect(norm(rowAt(left, dOut, k))).toBeCloseTo(1, 12);
  });

  test("columns that say the same twice make a smaller rank; zeros make none", () => {
    const B = Float32Array.of(1, 1, 2, 2, 0, 0);
    const A = Float32Array.of(1, 0, 0, 1);
    const { values } = lowRankSvd({ A, B }, 2, 1);
    expect(values.length).toBe(1);
    expect(values[0]).toBeCloseTo(Math.sqrt(10), 12);
    expect(lowRankSvd({ A, B: B.map(() => 0) }, 2, 1).values.length).toBe(0);
  });
});

describe("the strongest of a dense matrix", () => {
  test.each([
    [9, 14, 4],
    [30, 21, 3],
    [100, 140, 8],
    [140, 100, 8],
  ])("%i × %i, %i of them: the dense one's, and M v = σ u", (dOut, dIn, count) => {
    const matrix = randomFloats(dOut * dIn, `dense ${dOut}`);
    const { values, left, right } = strongestSvd(matrix, dIn, count);
    const expected = singularValues(matrix, dOut, dIn);
    expect(values.length).toBe(count);
    // A random matrix's values lie close together: the hardest case for a Krylov space of 64 steps.
    for (const [k, value] of values.entries()) expect(value / must(expected[k], "value")).toBeCloseTo(1, 3);
    expect(must(values[0], "value") / must(expected[0], "value")).toBeCloseTo(1, 8);
    const image = Float64Array.from({ length: dOut }, (_, o) => dot(rowAt(matrix, dIn, o), rowAt(right, dIn, 0)));
    for (const [o, value] of image.entries())
      expect(value).toBeCloseTo(must(values[0], "value") * must(rowAt(left, dOut, 0)[o], "u"), 3);
  });

  test("a matrix of lower rank has no more values than that; of zeros none", () => {
    const [dOut, dIn] = [12, 10];
    const module = { A: randomFloats(2 * dIn, "A2"), B: randomFloats(dOut * 2, "B2") };
    const { values } = strongestSvd(product(module, 2, 1), dIn, 4);
    const exact = lowRankSvd(module, 2, 1).values;
    expect(values.length).toBe(2);
    for (const [k, value] of values.entries()) expect(value / must(exact[k], "value")).toBeCloseTo(1, 10);
    expect(strongestSvd(new Float64Array(dOut * dIn), dIn, 4).values.length).toBe(0);
  });
});

describe.each(["llama-tied", "gemma3", "gpt2"] as const)("DoRA, %s", (name) => {
  test("what the view says is of the merged weight less the base's", async () => {
    const { source } = await golden(name);
    const adapter = await goldenDora(name);
    const views = await weightView({ source, adapter, dictionary: null });
    for (const [i, { module, dIn, dOut, transposed }] of source.definition.linears.entries()) {
      const { relative, singularValues: values } = must(views[i], module);
      const weight = await readTensor(must(source.tensors.get(`${module}.weight`), "weight"));
      const own = must(adapter.modules.get(module), module);
      const merged = mergedWeight(Float32Array.from(weight), own, { ...rankOf(adapter, own), transposed });
      const change = Float64Array.from(merged, (value, at) => value - must(weight[at], "weight"));
      expect(relative / (norm(change) / norm(weight))).toBeCloseTo(1, 6);
      const expected = transposed ? singularValues(change, dIn, dOut) : singularValues(change, dOut, dIn);
      for (const [k, value] of values.entries()) expect(value / must(expected[k], "value")).toBeCloseTo(1, 4);
    }
  });
});

describe.each(goldenNames)("%s", (name) => {
  test("every linear layer has the residual stream's width on the side that it declares", async () => {
    const { linears, dimensions, weights } = (await golden(name)).source.definition;
    for (const { stream, dIn, dOut } of linears) {
      expect(stream.side === "reads" ? dIn : dOut).toBe(dimensions.dModel);
      if (stream.gain)
        expect(weights.find(({ name: weight }) => weight === stream.gain?.weight)?.shape).toEqual([dimensions.dModel]);
    }
    expect(linears.some(({ stream }) => stream.side === "writes" && stream.gain)).toBe(name.startsWith("gemma3"));
  });

  test("norms are the dense ones; every module is there", async () => {
    const { source } = await golden(name);
    const adapter = await goldenAdapter(name);
    const views = await weightView({ source, adapter, dictionary: null });
    expect(views.map(({ module }) => module)).toEqual(source.definition.linears.map(({ module }) => module));
    const view = must(views[3], "module");
    const whole = product(must(adapter.modules.get(view.module), "module"), adapter.rank, adapter.scale);
    const weight = await readTensor(must(source.tensors.get(`${view.module}.weight`), "weight"));
    expect(view.relative / (norm(whole) / norm(weight))).toBeCloseTo(1, 10);
    expect(view.singularValues.length).toBe(adapter.rank);
    expect([view.writes, view.reads]).toEqual([[], []]);
  });

  test("a latent that a module writes or reads is found through the norm's gain", async () => {
    const { source } = await golden(name);
    const { dModel } = source.definition.dimensions;
    const dictionary = randomDictionary("blocks.0.hook_resid_post", dModel, 50, 4);
    const row = dictionary.decoder.subarray(17 * dModel, 18 * dModel);
    // What must stand in the factor so that, times the gain, it is latent 17's row.
    const planted = await Promise.all(
      source.definition.linears.map(async ({ module, dIn, dOut, stream }) => {
        const gain = stream.gain && (await readTensor(must(source.tensors.get(stream.gain.weight), "gain")));
        const offset = stream.gain?.offset ?? 0;
        const vector = row.map((value, i) => (gain ? value / (offset + must(gain[i], "gain")) : value));
        const writes = stream.side === "writes";
        const other = (width: number) => randomFloats(width, module);
        return [module, { A: writes ? other(dIn) : vector, B: writes ? vector : other(dOut) }] as const;
      }),
    );
    const adapter: Adapter = { rank: 1, alpha: 1, scale: 1, modules: new Map(planted) };
    const views = await weightView({ source, adapter, dictionary });
    for (const [i, { writes, reads }] of views.entries()) {
      const { side } = must(source.definition.linears[i], "linear").stream;
      const [found, none] = side === "writes" ? [writes, reads] : [reads, writes];
      expect(none).toEqual([]);
      expect(found[0]?.latent).toBe(17);
      expect(found[0]?.cosine).toBeCloseTo(1, 5);
    }
  });

  test("an adapter of B = 0 writes and reads nothing", async () => {
    const { source } = await golden(name);
    const dictionary = randomDictionary("blocks.0.hook_resid_post", source.definition.dimensions.dModel, 50, 4);
    const adapter = await goldenAdapter(name);
    const modules = new Map([...adapter.modules].map(([key, { A, B }]) => [key, { A, B: B.map(() => 0) }]));
    for (const view of await weightView({ source, adapter: { ...adapter, modules }, dictionary }))
      expect(view).toMatchObject({ singularValues: [0, 0, 0, 0], relative: 0, writes: [], reads: [] });
  });
});

test("the null's limit is passed by 5% of isotropic directions", () => {
  const [width, count, draws] = [24, 40, 4000];
  const random = rng(5, "chance");
  const rows = isotropicDirections(count, width, random);
  const limit = chance95(width, count);
  let beyond = 0;
  for (let draw = 0; draw < draws; draw++) {
    const direction = isotropicDirections(1, width, random);
    let peak = 0;
    for (let i = 0; i < count; i++) peak = Math.max(peak, Math.abs(dot(direction, rowAt(rows, width, i))));
    if (peak > limit) beyond++;
  }
  // Binomial, standard deviation 0.0034; fixed rows are not independent and make it a little rarer.
  expect(beyond / draws).toBeGreaterThan(0.035);
  expect(beyond / draws).toBeLessThan(0.061);
});
