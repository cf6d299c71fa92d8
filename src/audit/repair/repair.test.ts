/** Laws of repair, on random subspaces of tiny checkpoints of four families. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type GoldenName, golden, goldenAdapter } from "../../../test/golden.ts";
import { must, rng, UserError } from "../../core/index.ts";
import { readTensor, type Tokenizer } from "../../data/index.ts";
import { type Engine, languageModel, type ModelSource, startEngine } from "../../engine/index.ts";
import { type Basis, dot, norm, orthonormalBasis, rowAt } from "../../geometry/index.ts";
import { type Adapter, type HookName, rankOf } from "../../models/index.ts";
import { mergedWeight, readPeft, writePeft } from "../../training/index.ts";
import { withoutMagnitudes } from "./merge-dora.ts";
import { type RepairOptions, repaired, repairPlan } from "./plan.ts";
import { shiftDirections } from "./protect.ts";
import { chooseStrengths } from "./strength.ts";

let engine: Engine;
let scratch: string;
beforeAll(async () => {
  engine = startEngine({ threads: 2 });
  scratch = await mkdtemp(join(tmpdir(), "repair-"));
});
afterAll(async () => {
  await engine.close();
  await rm(scratch, { recursive: true });
});

const whole: RepairOptions = { values: "project", inputs: "keep", reading: true };

function randomBases({ definition }: ModelSource, rank: number): Basis[] {
  const { nLayers, dModel } = definition.dimensions;
  return Array.from({ length: nLayers }, (_, layer) => {
    const random = rng(5, "basis", layer);
    return orthonormalBasis(
      Float64Array.from({ length: rank * dModel }, () => random.normal()),
      dModel,
    );
  });
}

const tensor = async (source: ModelSource, name: string) => readTensor(must(source.tensors.get(name), name));

/** Column `r` of B. */
const column = (B: Float32Array, rank: number, r: number) =>
  Float64Array.from({ length: B.length / rank }, (_, o) => B[o * rank + r] as number);

/** Largest |⟨p, x⟩| / ‖x‖ over the basis. float32 entries: what is left is rounding of B. */
function largestShare(x: Float64Array, basis: Basis): number {
  const shares = Array.from({ length: basis.rank }, (_, k) => Math.abs(dot(rowAt(basis.rows, basis.width, k), x)));
  return Math.max(...shares) / (norm(x) || 1);
}
const ROUNDING = 2e-6;

describe.each<GoldenName>(["llama-tied", "qwen2", "gemma3", "gpt2"])("%s at γ = 1", (name) => {
  test("what writes into the stream has no part in P, the gain of a norm behind it included", async () => {
    const { source } = await golden(name);
    const adapter = await goldenAdapter(name);
    const bases = randomBases(source, 2);
    const result = repaired(adapter, await repairPlan(source, adapter, bases, whole), () => 1);
    for (const { module, layer, stream } of source.definition.linears.filter((each) => each.stream.side === "writes")) {
      const own = must(result.modules.get(module), module);
      const gain = stream.gain && (await tensor(source, stream.gain.weight));
      const { rank } = rankOf(result, own);
      for (let r = 0; r < rank; r++) {
        const written = column(own.B, rank, r).map((value, i) =>
          gain && stream.gain ? value * (stream.gain.offset + (gain[i] as number)) : value,
        );
        expect(norm(written), `${module} still writes`).toBeGreaterThan(0);
        expect(largestShare(written, must(bases[layer], "basis")), module).toBeLessThan(ROUNDING);
      }
    }
  });

  test("values reach P through none of the query heads that share them", async () => {
    const { source } = await golden(name);
    const { nHeads, nKvHeads, dHead, dModel } = source.definition.dimensions;
    const adapter = await goldenAdapter(name);
    const bases = randomBases(source, 1);
    const result = repaired(adapter, await repairPlan(source, adapter, bases, whole), () => 1);
    for (const { module, layer, values } of source.definition.linears) {
      if (!values) continue;
      const writer = must(
        source.definition.linears.find((each) => each.module === values.output),
        "W_O",
      );
      const W = await tensor(source, `${values.output}.weight`);
      const gain = writer.stream.gain && (await tensor(source, writer.stream.gain.weight));
      const own = must(result.modules.get(module), module);
      const { rank } = rankOf(result, own);
      for (let head = 0; head < nHeads; head++) {
        const first = values.first + Math.floor(head / (nHeads / nKvHeads)) * dHead;
        const v = column(own.B, rank, 0).subarray(first, first + dHead);
        const written = Float64Array.from({ length: dModel }, (_, o) => {
          const at = (i: number) => (writer.transposed ? W[i * dModel + o] : W[o * writer.dIn + i]) as number;
          const sum = v.reduce((total, value, i) => total + value * at(head * dHead + i), 0);
          return gain && writer.stream.gain ? sum * (writer.stream.gain.offset + (gain[o] as number)) : sum;
        });
        expect(largestShare(written, must(bases[layer], "basis")), `${module} head ${head}`).toBeLessThan(ROUNDING);
      }
    }
  });

  test("what reads the stream is blind to P, behind the gain of the norm before it", async () => {
    const { source } = await golden(name);
    const { dModel } = source.definition.dimensions;
    const adapter = await goldenAdapter(name);
    const bases = randomBases(source, 2);
    const result = repaired(adapter, await repairPlan(source, adapter, bases, whole), () => 1);
    for (const { module, layer, stream } of source.definition.linears.filter((each) => each.stream.side === "reads")) {
      const spec = must(stream.gain, "a norm before every reader");
      const gain = await tensor(source, spec.weight);
      const { A } = must(result.modules.get(module), module);
      const basis = must(bases[Math.max(0, layer - 1)], "basis");
      for (let k = 0; k < basis.rank; k++) {
        const p = rowAt(basis.rows, dModel, k);
        const mean = spec.centred ? Float64Array.from(p).reduce((sum, value) => sum + value, 0) / dModel : 0;
        const seen = Float64Array.from(p, (value, i) => (value - mean) * (spec.offset + (gain[i] as number)));
        for (let start = 0; start < A.length; start += dModel) {
          const row = Float64Array.from(A.subarray(start, start + dModel));
          expect(Math.abs(dot(row, seen)) / (norm(row) * norm(seen)), module).toBeLessThan(ROUNDING);
        }
      }
    }
  });

  test("γ = 0 is the adapter itself; PEFT's folder gives back what was written", async () => {
    const { source } = await golden(name);
    const adapter = await goldenAdapter(name);
    const plan = await repairPlan(source, adapter, randomBases(source, 2), whole);
    expect(repaired(adapter, plan, () => 0).modules).toEqual(adapter.modules);
    const result = repaired(adapter, plan, () => 0.5);
    const folder = join(scratch, name);
    await writePeft(folder, result, source);
    const back = await readPeft(folder, source.definition);
    for (const [module, { A, B }] of result.modules) {
      expect(back.modules.get(module)?.A, module).toEqual(A);
      expect(back.modules.get(module)?.B, module).toEqual(B);
    }
  });
});

describe("what is refused, kept and dropped", () => {
  test("a subspace that is the whole stream, and one that fills a head of values", async () => {
    const { source } = await golden("llama-tied");
    const adapter = await goldenAdapter("llama-tied");
    const { dModel, dHead } = source.definition.dimensions;
    await expect(repairPlan(source, adapter, randomBases(source, dModel), whole)).rejects.toThrow(UserError);
    const filling = randomBases(source, Math.min(dModel - 1, dHead));
    await expect(repairPlan(source, adapter, filling, whole)).rejects.toThrow(/values/);
    const kept = await repairPlan(source, adapter, filling, { ...whole, values: "keep" });
    expect([...kept.values()].some(({ kind }) => kind === "values")).toBe(false);
  });

  test("dropped modules change nothing any more, kept ones are as they were", async () => {
    const { source } = await golden("llama-tied");
    const adapter = await goldenAdapter("llama-tied");
    const options: RepairOptions = { values: "drop", inputs: "keep", reading: false };
    const result = repaired(adapter, await repairPlan(source, adapter, randomBases(source, 1), options), () => 1);
    const B = (module: string) => must(result.modules.get(`model.layers.0.self_attn.${module}`), module).B;
    expect(B("v_proj").every((value) => value === 0)).toBe(true);
    expect(B("q_proj")).toEqual(adapter.modules.get("model.layers.0.self_attn.q_proj")?.B);
  });
});

test("in the model: a repaired MLP writes nothing into P that the base did not, to rounding", async () => {
  const { source, inputIds } = await golden("llama-tied");
  const { nLayers, dModel } = source.definition.dimensions;
  const full = await goldenAdapter("llama-tied");
  const last = `model.layers.${nLayers - 1}.mlp.down_proj`;
  const adapter: Adapter = { ...full, modules: new Map([[last, must(full.modules.get(last), last)]]) };
  const bases = randomBases(source, 2);
  const result = repaired(adapter, await repairPlan(source, adapter, bases, whole), () => 1);
  const base = languageModel({ engine, source, tokenizer: {} as Tokenizer, adapterRank: adapter.rank });
  const hook: HookName = `blocks.${nLayers - 1}.hook_mlp_out`;
  const ids = must(inputIds[0], "row");
  const written = async (of: Adapter | null) => {
    const found: Float32Array[] = [];
    const model = await base.withAdapter(of);
    await model.activations(
      [{ ids, positions: [...ids.keys()] }],
      [hook],
      ({ rows }) => void found.push(must(rows[0], "h")),
    );
    return must(found[0], "rows");
  };
  const [before, tuned, after] = [await written(null), await written(adapter), await written(result)];
  const basis = must(bases.at(-1), "basis");
  const shareOf = (now: Float32Array) => {
    const moved = Float64Array.from(now.subarray(0, dModel), (value, i) => value - (before[i] as number));
    return largestShare(moved, basis);
  };
  expect(shareOf(tuned)).toBeGreaterThan(1e-2);
  expect(shareOf(after)).toBeLessThan(1e-4);
});

test("DoRA written out whole is the same change", async () => {
  for (const name of ["llama-tied", "gpt2"] as const) {
    const { source } = await golden(name);
    const plain = await goldenAdapter(name);
    const random = rng(3, "magnitudes");
    const modules = [...plain.modules].map(([module, values]) => {
      const dOut = values.B.length / plain.rank;
      return [
        module,
        { ...values, magnitude: Float32Array.from({ length: dOut }, () => 0.5 + random.next()) },
      ] as const;
    });
    const dora: Adapter = { ...plain, magnitudes: true, modules: new Map(modules) };
    const found = await withoutMagnitudes(source, dora);
    for (const { module, transposed } of source.definition.linears) {
      const weight = await tensor(source, `${module}.weight`);
      const merged = (adapter: Adapter) => {
        const own = must(adapter.modules.get(module), module);
        return mergedWeight(Float32Array.from(weight), own, { ...rankOf(adapter, own), transposed });
      };
      const [expected, got] = [merged(dora), merged(found)];
      expect(Math.max(...got.map((value, i) => Math.abs(value - (expected[i] as number))))).toBeLessThan(1e-6);
    }
    expect(found.magnitudes ?? false).toBe(false);
  }
});

describe("the strength", () => {
  test("is the largest under the cap, by bisection; all of it where the cap allows", async () => {
    const read = async (gammas: readonly number[]) => ({
      loss: gammas.reduce((sum, gamma) => sum + gamma ** 2, 0) / gammas.length,
      spillover: 1 - (gammas[0] ?? 0),
    });
    const search = { layers: 3, steps: 10, read, perLayer: false };
    const capped = await chooseStrengths({ ...search, cap: 0.25 });
    expect(capped.gammas.every((gamma) => Math.abs(gamma - 0.5) < 2 ** -9 && gamma <= 0.5)).toBe(true);
    expect((await chooseStrengths({ ...search, cap: 2 })).gammas).toEqual([1, 1, 1]);
    expect((await chooseStrengths({ ...search, cap: -1 })).gammas).toEqual([0, 0, 0]);
  });

  test("goes layer by layer where one layer costs and another one carries the spillover", async () => {
    const read = async ([cheap = 0, dear = 0]: readonly number[]) => ({
      loss: dear,
      spillover: 1 - 0.9 * cheap - 0.1 * dear,
    });
    const found = await chooseStrengths({ layers: 2, cap: 0.25, steps: 6, read, perLayer: true });
    expect(found.perLayer).toBe(true);
    expect(found.gammas).toEqual([1, 0.25]);
    expect(found.reading.loss).toBeLessThanOrEqual(0.25);
  });
});

describe("directions of a shift", () => {
  /** One adapted module, the last down_proj: it writes behind all other layers, and nothing reads it but the unembedding. */
  const lastWriter = async (name: GoldenName) => {
    const { source } = await golden(name);
    const adapter = await goldenAdapter(name);
    const [module, matrices] = must(
      [...adapter.modules].filter(([each]) => each.includes("down_proj")).at(-1),
      "a last down_proj",
    );
    return { source, adapter: { ...adapter, modules: new Map([[module, matrices]]) }, B: matrices.B };
  };

  test("are those that the only adapted module can write, and none where nothing was written", async () => {
    const { source, adapter, B } = await lastWriter("llama-tied");
    const base = languageModel({ engine, source, tokenizer: {} as Tokenizer, adapterRank: adapter.rank });
    const tuned = await base.withAdapter(adapter);
    const { dModel, nLayers } = source.definition.dimensions;
    const ids = [1, 5, 9, 13, 2, 7, 11, 3];
    const sequence = { ids, positions: ids.map((_, i) => i) };
    const layers = await shiftDirections(base, { tuned, directions: 8 }, [sequence, sequence]);
    expect(layers).toHaveLength(nLayers);
    for (const { rank } of layers.slice(0, -1)) expect(rank).toBe(0);
    const r = B.length / dModel;
    const columns = Array.from({ length: r }, (_, k) => column(B, r, k));
    const written = orthonormalBasis(Float64Array.from(columns.flatMap((each) => [...each])), dModel);
    const last = must(layers.at(-1), "last layer");
    // What is beyond B's rank is rounding.
    expect(last.singularValues[r] ?? 0).toBeLessThan(1e-4 * must(last.singularValues[0], "first"));
    for (let k = 0; k < 2; k++) {
      const direction = rowAt(last.rows, dModel, k);
      const inside = Array.from(
        { length: written.rank },
        (_, i) => dot(rowAt(written.rows, dModel, i), direction) ** 2,
      );
      expect(inside.reduce((sum, square) => sum + square, 0)).toBeCloseTo(1, 3);
    }
  });
});
