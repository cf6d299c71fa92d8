import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { goldenFolder, goldenNames } from "../../test/golden.ts";
import { UserError } from "../core/index.ts";
import { Graph } from "../tensor/index.ts";
import { defineModel, type ModelDefinition } from "./index.ts";

type Config = Record<string, unknown>;
const configOf = (name: (typeof goldenNames)[number]): Config =>
  JSON.parse(readFileSync(join(goldenFolder(name), "config.json"), "utf8"));

/** Which constants a graph of the model holds says which windows and frequencies it was built with. */
function builtFrom(definition: ModelDefinition): string {
  const graph = new Graph();
  const tokens = graph.input("tokens", "int64", ["batch", "seq"]);
  const positions = graph.input("positions", "int64", ["batch", "seq"]);
  const widths = new Map(definition.linears.map(({ module, dOut }) => [module, dOut]));
  const shapes = new Map(definition.weights.map(({ name, shape }) => [name, shape]));
  const weight = (name: string) =>
    graph.weight(name, "float32", shapes.get(name) ?? [], { file: "w", offset: 0, byteLength: 0 });
  definition.forward({
    graph,
    tokens,
    positions,
    weight,
    linear: (module, x) =>
      graph.emit("Gemm", [x, weight(`${module}.weight`)], "float32", ["rows", widths.get(module) ?? 0]),
    hook: (_, x) => x,
    hooked: () => false,
    cache: null,
    fused: false,
    queryChunks: 1,
    block: (x, build) => build(x),
    visible: null,
  });
  return JSON.stringify([
    graph.nodes,
    graph.initializers.map(({ data }) => (data instanceof Uint8Array ? [...data] : 0)),
  ]);
}

describe.each(goldenNames)("%s", (name) => {
  test("has a weight for every linear layer, and names nothing twice", () => {
    const { weights, linears, hooks } = defineModel(configOf(name), name);
    const names = weights.map((weight) => weight.name);
    expect(new Set(names).size).toBe(names.length);
    expect(new Set(hooks).size).toBe(hooks.length);
    for (const { module, dIn, dOut, bias, transposed } of linears) {
      expect(weights).toContainEqual({ name: `${module}.weight`, shape: transposed ? [dIn, dOut] : [dOut, dIn] });
      expect(names.includes(`${module}.bias`)).toBe(bias);
    }
  });

  test.each([
    ["attention_bias", true],
    ["hidden_size", "many"],
    ["model_type", "mamba"],
    ["rope_scaling", { rope_type: "dynamic" }],
    ["rope_scaling", { rope_type: "linear" }],
  ])("config.json %s = %j is the user's mistake", (key, value) => {
    expect(() => defineModel({ ...configOf(name), [key]: value }, name)).toThrow(UserError);
  });
});

test.each([
  ["llama-tied", "hidden_act"],
  ["llama-tied", "mlp_bias"],
  ["gemma3", "hidden_activation"],
] as const)("%s: another %s is refused", (name, key) => {
  expect(() => defineModel({ ...configOf(name), [key]: "relu" }, name)).toThrow(UserError);
});

describe.each(["llama-tied", "qwen2", "qwen3"] as const)("the rotation of %s", (name) => {
  const { rope_theta: _, rope_scaling: _a, ...base } = configOf(name);
  const linear = { rope_type: "linear", factor: 2 };
  const built = (more: Config) => builtFrom(defineModel({ ...base, ...more }, "m"));

  test.each<[string, Config]>([
    ["rope_scaling", { rope_scaling: { ...linear, rope_theta: 500_000 } }],
    ["rope_parameters", { rope_parameters: { ...linear, rope_theta: 500_000 } }],
    [
      "both alike",
      { rope_parameters: { ...linear, rope_theta: 500_000 }, rope_scaling: { type: "linear", factor: 2 } },
    ],
    ["a table and the key beside it", { rope_scaling: { ...linear, rope_theta: 500_000 }, rope_theta: 500_000 }],
    ["an empty table beside another", { rope_parameters: { ...linear, rope_theta: 500_000 }, rope_scaling: {} }],
  ])("is what the table says: %s", (_name, said) => {
    expect(built(said)).toBe(built({ rope_theta: 500_000, rope_scaling: linear }));
    expect(built(said)).not.toBe(built({ rope_scaling: linear }));
  });

  test.each<[Config, RegExp]>([
    [{ rope_parameters: { rope_type: "default", rope_theta: "500000" } }, /rope_parameters\.rope_theta.*"500000"/],
    [{ rope_parameters: { rope_type: "default", rope_theta: 0 } }, /rope_parameters\.rope_theta/],
    [{ rope_scaling: { ...linear, rope_theta: -1 } }, /rope_scaling\.rope_theta/],
    [{ rope_scaling: "yarn" }, /rope_scaling.*"yarn"/],
    [{ rope_parameters: "yarn" }, /rope_parameters.*"yarn"/],
    [{ rope_scaling: [linear] }, /rope_scaling/],
    [{ rope_parameters: true }, /rope_parameters/],
    [{ rope_scaling: linear, rope_parameters: { ...linear, factor: 4 } }, /expected one rotation/],
    [{ rope_scaling: linear, rope_parameters: { rope_type: "default" } }, /expected one rotation/],
    [
      { rope_scaling: { ...linear, rope_theta: 1e4 }, rope_parameters: { ...linear, rope_theta: 1e6 } },
      /expected one rotation, got 10000 and 1000000/,
    ],
    [{ rope_scaling: { ...linear, rope_theta: 1e6 }, rope_theta: 1e4 }, /expected one rotation/],
    [{ rope_theta: "500000" }, /rope_theta/],
    [{ rope_parameters: { full_attention: linear, sliding_attention: linear } }, /rope_parameters\.full_attention/],
  ])("%j is the user's mistake", (said, message) => {
    expect(() => defineModel({ ...base, ...said }, "m")).toThrow(UserError);
    expect(() => defineModel({ ...base, ...said }, "m")).toThrow(message);
  });
});

describe("gemma3", () => {
  const base = configOf("gemma3");
  const { layer_types: types, ...implied } = base;

  test("layer types follow from the pattern where the config does not name them", () => {
    expect(builtFrom(defineModel(implied, "m"))).toBe(builtFrom(defineModel(base, "m")));
    const other = { ...implied, sliding_window_pattern: 2 };
    expect(builtFrom(defineModel(other, "m"))).not.toBe(builtFrom(defineModel(base, "m")));
  });

  test("the linear scaling of rope reaches the full layers only", () => {
    const scaled = defineModel({ ...base, rope_scaling: { rope_type: "linear", factor: 8 } }, "m");
    const v5 = {
      full_attention: { rope_type: "linear", factor: 8, rope_theta: 1e6 },
      sliding_attention: { rope_type: "default", rope_theta: 1e4 },
    };
    const { rope_scaling: _, rope_theta: _a, rope_local_base_freq: _b, ...rest } = base;
    expect(builtFrom(scaled)).toBe(builtFrom(defineModel({ ...rest, rope_parameters: v5 }, "m")));
    expect(builtFrom(scaled)).not.toBe(builtFrom(defineModel(base, "m")));
  });

  test("two tables for the full layers must say one thing", () => {
    const scaling = { rope_type: "linear", factor: 8 };
    const tables = (full: object) => ({ rope_scaling: scaling, rope_parameters: { full_attention: full } });
    const built = (more: Config) => builtFrom(defineModel({ ...base, ...more }, "m"));
    expect(built(tables({ ...scaling, rope_theta: 1e6 }))).toBe(built({ rope_scaling: scaling }));
    expect(() => built(tables({ rope_type: "default" }))).toThrow(/expected one rotation/);
  });

  test.each([
    ["layer_types", ["full_attention"]],
    ["layer_types", Array(7).fill("chunked_attention")],
    ["final_logit_softcapping", 30],
    ["attn_logit_softcapping", 50],
    ["use_bidirectional_attention", true],
    ["rope_parameters", { rope_type: "linear", factor: 8 }],
    ["rope_parameters", { full_attention: { rope_type: "default" }, chunked_attention: { rope_type: "default" } }],
    ["rope_parameters", { full_attention: { rope_theta: "1000000" } }],
    ["rope_parameters", { full_attention: { rope_theta: 5 } }],
    ["rope_parameters", { sliding_attention: { rope_theta: 5 } }],
    ["rope_parameters", { sliding_attention: "default" }],
    ["rope_parameters", "linear"],
    ["rope_scaling", "linear"],
    ["rope_scaling", { rope_type: "linear", factor: 8, rope_theta: 5 }],
  ])("%s = %j is refused", (key, value) => {
    expect(() => defineModel({ ...base, [key]: value }, "m")).toThrow(UserError);
  });
});
