import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type GoldenName, goldenFolder, goldenNames } from "../../test/golden.ts";
import { must, UserError } from "../core/index.ts";
import { openCheckpoint, type TensorStore } from "../data/index.ts";
import { checkpointTensors, defineModel, moduleInFiles, moduleOfFiles } from "./index.ts";

const configOf = (name: GoldenName): Record<string, unknown> =>
  JSON.parse(readFileSync(join(goldenFolder(name), "config.json"), "utf8"));
const definitionOf = (name: GoldenName) => defineModel(configOf(name), name);

function renamed(store: TensorStore, from: RegExp, to: string): TensorStore {
  return new Map([...store].map(([name, location]) => [name.replace(from, to), location]));
}

describe.each(goldenNames)("%s", (name) => {
  test("a missing tensor and an unknown one are named; rotation tables are not missed", async () => {
    const stored = await openCheckpoint(goldenFolder(name));
    const definition = definitionOf(name);
    const tensors = checkpointTensors(definition, stored, name);
    for (const { name: weight } of definition.weights) expect(tensors.has(weight)).toBe(true);
    const gone = new Map(
      [...stored].filter(([key]) => !key.endsWith("1.mlp.up_proj.weight") && !/h\.1\.ln_2/.test(key)),
    );
    expect(() => checkpointTensors(definition, gone, name)).toThrow(/(h|layers)\.1\..*got nothing/);
    const any = must([...stored.values()][0], "tensor");
    const more = new Map([...stored, ["model.layers.0.self_attn.q_proj.weight_scale", any]]);
    expect(() => checkpointTensors(definition, more, name)).toThrow("weight_scale");
  });

  test("a module's name in files and back", () => {
    const definition = definitionOf(name);
    for (const { module } of definition.linears)
      expect(moduleOfFiles(moduleInFiles(module, definition), definition)).toBe(module);
    expect(moduleOfFiles("model.layers.99.mlp.up_proj", definition)).toBe(null);
  });

  test("a key that nobody understands is named", () => {
    expect(() => defineModel({ ...configOf(name), quantization_config: { bits: 4 } }, name)).toThrow(
      /quantization_config/,
    );
  });

  test("any value of any key is taken or refused with its name", () => {
    const config = configOf(name);
    const key = fc.constantFrom(...Object.keys(config));
    const value = fc.oneof(
      fc.jsonValue(),
      fc.integer(),
      fc.double(),
      fc.constantFrom(0, -1, 2 ** 24, 1e300, "x", [], {}),
    );
    fc.assert(
      fc.property(key, value, (changed, to) => {
        try {
          defineModel({ ...config, [changed]: to }, name);
        } catch (error) {
          if (!(error instanceof UserError)) throw error;
        }
      }),
      { numRuns: 150 },
    );
  });
});

test("GPT-2 as the hub has it and as transformers saves it are one model", async () => {
  const stored = await openCheckpoint(goldenFolder("gpt2"));
  const saved = renamed(stored, /^/, "transformer.");
  const definition = definitionOf("gpt2");
  expect(checkpointTensors(definition, saved, "m")).toEqual(checkpointTensors(definition, stored, "m"));
});

test("Gemma 3 with a vision tower, under the names of old and new files", async () => {
  const stored = await openCheckpoint(goldenFolder("gemma3-vision"));
  const fresh = renamed(stored, /^language_model\.model\./, "model.language_model.");
  const definition = definitionOf("gemma3-vision");
  const tensors = checkpointTensors(definition, stored, "m");
  expect(checkpointTensors(definition, fresh, "m")).toEqual(tensors);
  expect([...tensors.keys()].some((key) => key.includes("vision_tower"))).toBe(true);
});
