/** Laws of adapters as graph inputs, on the tiny checkpoints. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  floats,
  golden,
  goldenAdapter,
  goldenFolder,
  goldenNames,
  randomFloats,
  relativeDifference,
  tokenFeeds,
} from "../../test/golden.ts";
import { must } from "../core/index.ts";
import { openSafetensors, readTensor, readTensorRaw, writeSafetensors } from "../data/index.ts";
import { type Adapter, adapterLayout, flattenAdapter, unflattenAdapter } from "../models/index.ts";
import { type Engine, float32, forwardProgram, type ModelSource, scalarTensor, startEngine } from "./index.ts";

let engine: Engine;
let folder: string;
beforeAll(() => {
  engine = startEngine({ threads: 2 });
  folder = mkdtempSync(join(tmpdir(), "penumbra-adapter-"));
});
afterAll(async () => {
  await engine.close();
  rmSync(folder, { recursive: true });
});

async function logits(source: ModelSource, ids: readonly (readonly number[])[]): Promise<Float32Array> {
  const program = forwardProgram(source, { outputs: ["logits"] });
  return floats((await engine.run({ program, feeds: tokenFeeds(ids), fetches: ["logits"] })).logits);
}

async function adapted(source: ModelSource, ids: readonly (readonly number[])[], flat: Float32Array, scale: number) {
  const layout = adapterLayout(source.definition.linears, 4);
  const program = forwardProgram(source, { outputs: ["logits"], adapter: layout });
  const feeds = { ...tokenFeeds(ids), adapter: float32([layout.size], flat), adapter_scale: scalarTensor(scale) };
  return floats((await engine.run({ program, feeds, fetches: ["logits"] })).logits);
}

/** The checkpoint with W + scale · B A in place of each W that the adapter changes. */
async function merged(source: ModelSource, adapter: Adapter): Promise<ModelSource> {
  const file = join(folder, `${source.name}.safetensors`);
  await writeSafetensors(
    file,
    [...source.tensors].map(([name, location]) => ({
      name,
      dtype: "F32" as const,
      shape: location.shape,
      data: async () => new Uint8Array((await mergedWeight(source, name, adapter)).buffer),
    })),
  );
  return { ...source, tensors: await openSafetensors(file) };
}

async function mergedWeight({ tensors, definition }: ModelSource, name: string, adapter: Adapter) {
  const location = must(tensors.get(name), name);
  const weight = await readTensor(location);
  const linear = definition.linears.find(({ module }) => `${module}.weight` === name);
  const module = linear && adapter.modules.get(linear.module);
  if (!module) return weight;
  const { dIn, transposed } = linear;
  const columns = must(location.shape[1], "columns");
  return weight.map((value, i) => {
    const place = [Math.floor(i / columns), i % columns] as const;
    const [row, column] = transposed ? [place[1], place[0]] : place;
    let change = 0;
    for (let r = 0; r < adapter.rank; r++) {
      change += (module.B[row * adapter.rank + r] as number) * (module.A[r * dIn + column] as number);
    }
    return value + adapter.scale * change;
  });
}

describe.each(goldenNames)("%s", (name) => {
  test("with B = 0, or at scale 0, the adapter changes no bit", async () => {
    const { source, inputIds } = await golden(name);
    const layout = adapterLayout(source.definition.linears, 4);
    const withoutB = randomFloats(layout.size, "A");
    for (const { offsetB, dOut } of layout.slots) withoutB.fill(0, offsetB, offsetB + dOut * 4);
    const base = await logits(source, inputIds);
    expect(await adapted(source, inputIds, withoutB, 2)).toEqual(base);
    expect(await adapted(source, inputIds, randomFloats(layout.size, "any"), 0)).toEqual(base);
    expect(await adapted(source, inputIds, randomFloats(layout.size, "any"), 1e-3)).not.toEqual(base);
  });

  test("applied it is merged, and both are PEFT's", async () => {
    const { source } = await golden(name);
    const adapter = await goldenAdapter(name);
    const theirs = await openSafetensors(join(goldenFolder(name), "lora.safetensors"));
    const { ids, mask, expected } = await peftRows(theirs);
    const flat = flattenAdapter(adapter, adapterLayout(source.definition.linears, adapter.rank));
    const { dVocab } = source.definition.dimensions;
    const real = (all: Float32Array) => all.filter((_, i) => mask[Math.floor(i / dVocab)] === 1);
    const ours = real(await adapted(source, ids, flat, adapter.scale));
    // float32 sums in another order, through up to seven layers.
    expect(relativeDifference(ours, real(await logits(await merged(source, adapter), ids)))).toBeLessThan(1e-5);
    expect(relativeDifference(ours, real(expected))).toBeLessThan(1e-4);
  });

  test("written flat and read back it is the same adapter", async () => {
    const { source } = await golden(name);
    const adapter = await goldenAdapter(name);
    const layout = adapterLayout(source.definition.linears, adapter.rank);
    const back = unflattenAdapter(flattenAdapter(adapter, layout), layout, adapter);
    expect(new Map([...back.modules].sort())).toEqual(new Map([...adapter.modules].sort()));
  });
});

async function peftRows(store: Awaited<ReturnType<typeof openSafetensors>>) {
  const { ids, attention_mask, logits: theirLogits } = Object.fromEntries(store);
  const int = async (location: typeof ids) => {
    const raw = await readTensorRaw(must(location, "ids"));
    return Array.from(new BigInt64Array(raw.slice().buffer), Number);
  };
  const seq = must(ids?.shape[1], "seq");
  const flat = await int(ids);
  return {
    ids: Array.from({ length: flat.length / seq }, (_, row) => flat.slice(row * seq, (row + 1) * seq)),
    mask: await int(attention_mask),
    expected: await readTensor(must(theirLogits, "logits")),
  };
}

test("an adapter of another rank, or with a module that the model has not, is refused", async () => {
  const { source } = await golden("llama-tied");
  const adapter = await goldenAdapter("llama-tied");
  const layout = (rank: number) => adapterLayout(source.definition.linears, rank);
  expect(() => flattenAdapter(adapter, layout(8))).toThrow(/rank 4 in a layout of rank 8/);
  const strange = {
    ...adapter,
    modules: new Map([["model.layers.9.mlp.up_proj", must([...adapter.modules.values()][0], "module")]]),
  };
  expect(() => flattenAdapter(strange, layout(4))).toThrow(/model.layers.9.mlp.up_proj/);
});
