/** What saves memory changes no result: blocks computed again, queries in parts, a frozen base in one byte a weight. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { floats, golden, goldenAdapter, randomFloats, relativeDifference, tokenFeeds } from "../../test/golden.ts";
import { must } from "../core/index.ts";
import {
  BLOCK_WEIGHTS,
  openSafetensors,
  readTensor,
  readTensorRaw,
  scalesOf,
  toBytes,
  writeByteCheckpoint,
  writeSafetensors,
} from "../data/index.ts";
import { type Engine, forwardProgram, type ModelSource, queryChunks, startEngine } from "../engine/index.ts";
import { adapterLayout, flattenAdapter } from "../models/index.ts";
import {
  addGradient,
  loraTrainable,
  lossWeight,
  packedGradient,
  packedProgram,
  type TrainingRow,
  trainingProgram,
} from "./index.ts";
import type { MemoryNeeds } from "./trainable.ts";

let engine: Engine;
let folder: string;
beforeAll(async () => {
  engine = startEngine({ threads: 2 });
  folder = await mkdtemp(join(tmpdir(), "short-memory-"));
});
afterAll(async () => {
  await engine.close();
  await rm(folder, { recursive: true });
});

const row = (length: number, first: number): TrainingRow => ({
  ids: Int32Array.from({ length }, (_, i) => (first + 7 * i) % 60),
  weights: Float32Array.from({ length }, (_, i) => (i % 3 === 0 ? 0 : 1)),
});
const rows = [row(16, 3), row(11, 20)];
/** Rows of this length meet their keys in four parts. */
const LONG = 2000;
/** Sums of float32 in another order. */
const TOLERANCE = 2e-5;

/** Loss and gradient of the golden adapter on `rows`. */
async function step(source: ModelSource, name: "llama-tied" | "gemma3" | "gpt2" | "qwen2", needs: MemoryNeeds) {
  const adapter = await goldenAdapter(name);
  const layout = adapterLayout(source.definition.linears, adapter.rank);
  const training = trainingProgram(source, loraTrainable(layout, needs), 64);
  await engine.write("parameters", flattenAdapter(adapter, layout));
  for (const buffer of ["zero", "gradient"]) await engine.write(buffer, new Float32Array(layout.size));
  const totalWeight = rows.reduce((sum, each) => sum + lossWeight(each), 0);
  const loss = await addGradient({
    engine,
    training,
    rows,
    paddedLength: 16,
    totalWeight,
    scale: adapter.scale,
    first: true,
  });
  return { loss, gradient: (await engine.read("gradient")).slice(), program: training.program };
}

describe.each(["llama-tied", "gemma3", "gpt2", "qwen2"] as const)("%s", (name) => {
  test.each<[string, MemoryNeeds]>([
    ["blocks computed again", { recompute: true }],
    ["queries in parts", { longest: LONG }],
    ["both", { recompute: true, longest: LONG }],
  ])("%s: the same loss and gradient, by another graph", async (_, needs) => {
    const { source } = await golden(name);
    const plain = await step(source, name, {});
    const spared = await step(source, name, needs);
    expect(spared.program.key).not.toBe(plain.program.key);
    expect(Math.abs(spared.loss / plain.loss - 1)).toBeLessThan(TOLERANCE);
    expect(relativeDifference(spared.gradient, plain.gradient)).toBeLessThan(TOLERANCE);
  });

  test("queries in parts: the same logits", async () => {
    const { source } = await golden(name);
    const feeds = tokenFeeds([Array.from(must(rows[0], "row").ids), Array.from(row(16, 40).ids)]);
    const logits = async (chunks: number) => {
      const program = forwardProgram(source, { outputs: ["logits"], queryChunks: chunks });
      return floats((await engine.run({ program, feeds, fetches: ["logits"] })).logits);
    };
    expect(relativeDifference(await logits(8), await logits(1))).toBeLessThan(TOLERANCE);
  });

  test("packed rows in parts: the same gradient", async () => {
    const { source } = await golden(name);
    const adapter = await goldenAdapter(name);
    const layout = adapterLayout(source.definition.linears, adapter.rank);
    await engine.write("parameters", flattenAdapter(adapter, layout));
    for (const buffer of ["zero", "gradient"]) await engine.write(buffer, new Float32Array(layout.size));
    const gradient = async (longest: number) => {
      const training = packedProgram(source, loraTrainable(layout, { longest }), 64);
      await packedGradient({ engine, training, scale: adapter.scale, microBatchTokens: 64 }, [...rows, row(5, 9)]);
      return (await engine.read("gradient")).slice();
    };
    expect(relativeDifference(await gradient(LONG), await gradient(0))).toBeLessThan(TOLERANCE);
  });

  test("a base in one byte a weight is the float32 base of what its bytes say", async () => {
    const { source } = await golden(name);
    const linears = new Set(source.definition.linears.map(({ module }) => `${module}.weight`));
    const file = join(folder, `${name}.bytes.safetensors`);
    await writeByteCheckpoint(file, source.tensors, linears);
    const bytes = await openSafetensors(file);
    const inBytes = [...bytes].filter(([, { dtype }]) => dtype === "I8").map(([tensor]) => tensor);
    const fit = [...linears].filter((each) => (must(bytes.get(each), each).shape.at(-1) ?? 0) % BLOCK_WEIGHTS === 0);
    expect(inBytes.sort()).toEqual(fit.sort());
    expect(fit.length > 0).toBe(name === "llama-tied" || name === "gemma3" || name === "gpt2");
    const said = join(folder, `${name}.said.safetensors`);
    await writeSafetensors(said, await Promise.all([...source.tensors.keys()].map((each) => saidBy(bytes, each))));
    for (const recompute of [false, true]) {
      const ours = await step({ ...source, tensors: bytes }, name, { recompute });
      const plain = await step({ ...source, tensors: await openSafetensors(said) }, name, {});
      expect(Math.abs(ours.loss / plain.loss - 1)).toBeLessThan(TOLERANCE);
      expect(relativeDifference(ours.gradient, plain.gradient)).toBeLessThan(TOLERANCE);
    }
  });
});

/** A tensor of a byte checkpoint in float32. */
async function saidBy(bytes: Awaited<ReturnType<typeof openSafetensors>>, name: string) {
  const location = must(bytes.get(name), name);
  const view = (values: Float32Array) => ({
    name,
    dtype: "F32" as const,
    shape: location.shape,
    data: new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
  });
  if (location.dtype !== "I8") return view(await readTensor(location));
  const scales = await readTensor(must(bytes.get(scalesOf(name)), "scales"));
  const raw = await readTensorRaw(location);
  const whole = new Int8Array(raw.buffer, raw.byteOffset, raw.byteLength);
  return view(Float32Array.from(whole, (byte, i) => byte * (scales[Math.floor(i / BLOCK_WEIGHTS)] ?? Number.NaN)));
}

test("a weight and its byte differ by half a step of its block's at most, and the largest of a block is a whole step", () => {
  const block = fc.array(fc.float({ noNaN: true, min: -1e3, max: 1e3 }), {
    minLength: BLOCK_WEIGHTS,
    maxLength: BLOCK_WEIGHTS,
  });
  fc.assert(
    fc.property(block, (values) => {
      const { bytes, scales } = toBytes(Float32Array.from(values));
      const scale = scales[0] ?? Number.NaN;
      // Weights too small for a scale are zero.
      const off = values.map((value, i) => Math.abs(value - (bytes[i] ?? 0) * scale));
      return Math.max(...off) <= scale * 0.5001 + 1e-42 && bytes.every((byte) => byte >= -127);
    }),
  );
  const { bytes } = toBytes(Float32Array.from(randomFloats(BLOCK_WEIGHTS, "block")));
  expect(Math.max(...bytes.map(Math.abs))).toBe(127);
  expect(toBytes(new Float32Array(BLOCK_WEIGHTS)).bytes.every((byte) => byte === 0)).toBe(true);
});

test("every padded length that is cut in parts has whole parts", async () => {
  const { paddedTo } = await import("../engine/index.ts");
  for (const length of [...Array(9000).keys(), 20_000]) {
    // A graph that is cut for its longest row serves the short ones too.
    for (const longest of [length, 8192]) expect(paddedTo(length) % queryChunks(longest)).toBe(0);
  }
});
