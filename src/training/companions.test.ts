/** Models made from bases in half precision: what their configs say, and what their files hold. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type GoldenName, golden, goldenAdapter, goldenFolder } from "../../test/golden.ts";
import { must } from "../core/index.ts";
import { openSafetensors, readTensor } from "../data/index.ts";
import { inFloat32 } from "./companions.ts";
import { foldPeft } from "./fold-peft.ts";
import { openMade, writeMerged } from "./merge.ts";
import { readAllWeights } from "./trainable.ts";
import { writeWhole } from "./whole-model.ts";

let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "companions-"));
});
afterAll(() => rm(scratch, { recursive: true }));

const configOf = async (folder: string) => JSON.parse(await readFile(join(folder, "config.json"), "utf8"));

/** Bases whose files and configs are in half precision. */
const halves = ["llama3", "qwen3", "gemma3-vision"] as const satisfies readonly GoldenName[];

describe.each(halves)("from %s", (name) => {
  test("a merged model is float32: every weight, its config, and the base's values where nothing changed", async () => {
    const { source } = await golden(name);
    const all = await goldenAdapter(name);
    const [[module, values]] = [must([...all.modules][0], "module")];
    const folder = join(scratch, `merged-${name}`);
    const adapter = { ...all, modules: new Map([[module, values]]) };
    const { tensors } = await openMade(await writeMerged(folder, source, goldenFolder(name), adapter), source);
    for (const { name: weight } of source.definition.weights) {
      const [made, base] = [must(tensors.get(weight), weight), must(source.tensors.get(weight), weight)];
      expect(made.dtype, weight).toBe("F32");
      const kept = expect(await readTensor(made), weight);
      if (weight === `${module}.weight`) kept.not.toEqual(await readTensor(base));
      else kept.toEqual(await readTensor(base));
    }
    // A tower that plays no part takes no more room than it did.
    for (const [key, { dtype }] of source.tensors)
      if (!source.definition.weights.some((weight) => weight.name === key)) expect(tensors.get(key)?.dtype).toBe(dtype);
    expect((await configOf(folder)).torch_dtype).toBe("float32");
  });

  test("so is one whose every weight was trained", async () => {
    const { source } = await golden(name);
    const folder = join(scratch, `whole-${name}`);
    const flat = await readAllWeights(source);
    const { tensors } = await openMade(await writeWhole(folder, source, goldenFolder(name), flat), source);
    for (const { name: weight } of source.definition.weights) expect(tensors.get(weight)?.dtype, weight).toBe("F32");
    expect(await configOf(folder)).toEqual({ ...(await configOf(goldenFolder(name))), torch_dtype: "float32" });
  });
});

test("a folded model's config says float32, which is what its changed tensors are", async () => {
  const { source } = await golden("llama3");
  const folder = join(scratch, "folded");
  const adapter = join(goldenFolder("llama3"), "adapter");
  await foldPeft({ base: source, baseFolder: goldenFolder("llama3"), adapter, folder });
  expect((await configOf(folder)).torch_dtype).toBe("float32");
  const stored = await openSafetensors(join(folder, "model.safetensors"));
  expect(stored.get("model.layers.0.self_attn.q_proj.weight")?.dtype).toBe("F32");
});

describe("a config in float32", () => {
  test.each([
    ["the key of old", { torch_dtype: "bfloat16" }, { torch_dtype: "float32" }],
    ["the key of new", { dtype: "float16" }, { dtype: "float32" }],
    ["both", { torch_dtype: "bfloat16", dtype: "bfloat16" }, { torch_dtype: "float32", dtype: "float32" }],
    ["none", { vocab_size: 3 }, { vocab_size: 3, torch_dtype: "float32" }],
    [
      "the text model's too, a tower's not",
      {
        dtype: "bfloat16",
        text_config: { dtype: "bfloat16", vocab_size: 3 },
        vision_config: { torch_dtype: "bfloat16" },
      },
      {
        dtype: "float32",
        text_config: { dtype: "float32", vocab_size: 3 },
        vision_config: { torch_dtype: "bfloat16" },
      },
    ],
  ])("%s", (_, config, expected) => {
    expect(JSON.parse(inFloat32(JSON.stringify(config)))).toEqual(expected);
  });

  test("numbers stay as they are spelt, and texts that look like numbers stay texts", () => {
    const text = '{"a": 0.0, "b": [-1.50e-05, 1e6], "c": "1.0", "d \\" 2": "x", "torch_dtype": "bfloat16"}';
    const flat = inFloat32(text).replace(/\s+/g, "");
    expect(flat).toBe('{"a":0.0,"b":[-1.50e-05,1e6],"c":"1.0","d\\"2":"x","torch_dtype":"float32"}');
  });
});
