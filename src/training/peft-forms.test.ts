/**
 * Adapters in every form that PEFT writes: read, applied, merged, trained, written. Generator: test/fixtures/peft/forms.py
 * (its `--ours` loaded with PEFT the very bytes that our writer makes).
 */
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { floats, type GoldenName, golden, goldenFolder, relativeDifference, tokenFeeds } from "../../test/golden.ts";
import { must, UserError } from "../core/index.ts";
import { openSafetensors, readTensor, type Tokenizer } from "../data/index.ts";
import { type Engine, forwardProgram, languageModel, type ModelSource, startEngine } from "../engine/index.ts";
import { type Adapter, checkpointTensors, flattenAdapter, moduleInFiles } from "../models/index.ts";
import { hashFile } from "../store/index.ts";
import { writeMerged } from "./merge.ts";
import { adamWDefaults, adamWProgram, optimiserStep } from "./optimiser.ts";
import { readPeft, writePeft } from "./peft.ts";
import { fullMatches } from "./python-pattern.ts";
import { addGradient, lossWeight, type TrainingRow, trainingProgram } from "./step.ts";
import { type LoraShape, layoutOf, targetLinears } from "./targets.ts";
import { initialLora, initialMagnitudes, loraTrainable } from "./trainable.ts";

const folder = join(import.meta.dirname, "../../test/fixtures/peft");
interface Form {
  readonly base: GoldenName;
  readonly logits: number[];
  readonly training?: {
    learningRate: number;
    batches: { ids: number[]; weights: number[] }[][];
    losses: number[];
  };
}
const { forms, ids }: { forms: Record<string, Form>; ids: number[][] } = JSON.parse(
  readFileSync(join(folder, "forms.json"), "utf8"),
);
const ours: { forms: Record<string, { sha256: Record<string, string>; logits: number[] }> } = JSON.parse(
  readFileSync(join(folder, "ours.json"), "utf8"),
);

let engine: Engine;
let scratch: string;
beforeAll(async () => {
  engine = startEngine({ threads: 2 });
  scratch = await mkdtemp(join(tmpdir(), "peft-forms-"));
});
afterAll(async () => {
  await engine.close();
  await rm(scratch, { recursive: true });
});

/** The last three positions of each row, as the fixture has them. */
function ends(all: Float32Array, dVocab: number): number[] {
  const seq = must(ids[0], "row").length;
  return [...all].filter((_, i) => Math.floor(i / dVocab) % seq >= seq - 3);
}

async function withAdapter(source: ModelSource, adapter: Adapter): Promise<number[]> {
  const { rank: adapterRank, magnitudes: adapterMagnitudes = false } = adapter;
  const tokenizer = {} as Tokenizer;
  const model = languageModel({ engine, source, tokenizer, adapterRank, adapterMagnitudes });
  const tuned = await model.withAdapter(adapter);
  const rows: number[] = [];
  for (const row of ids) {
    const positions = row.map((_, i) => i);
    rows.push(...(await tuned.logits({ ids: row, positions })));
  }
  return ends(Float32Array.from(rows), source.definition.dimensions.dVocab);
}

async function plainLogits(source: ModelSource): Promise<number[]> {
  const program = forwardProgram(source, { outputs: ["logits"] });
  const out = await engine.run({ program, feeds: tokenFeeds(ids), fetches: ["logits"] });
  return ends(floats(out.logits), source.definition.dimensions.dVocab);
}

describe.each(Object.entries(forms))("%s", (name, { base, logits, training }) => {
  const open = async () => {
    const { source } = await golden(base);
    return { source, adapter: await readPeft(join(folder, name), source.definition) };
  };

  test("read and applied, the model says what PEFT's says", async () => {
    const { source, adapter } = await open();
    expect(relativeDifference(await withAdapter(source, adapter), logits)).toBeLessThan(1e-4);
  });

  test("without its adapter the model is the base, to the last bit", async () => {
    const { source, adapter } = await open();
    const { rank: adapterRank, magnitudes: adapterMagnitudes = false } = adapter;
    const tokenizer = {} as Tokenizer;
    const sequence = { ids: must(ids[0], "row"), positions: [0, 5, 8] };
    const plain = languageModel({ engine, source, tokenizer, adapterRank: null });
    const based = languageModel({ engine, source, tokenizer, adapterRank, adapterMagnitudes });
    expect(await based.logits(sequence)).toEqual(await plain.logits(sequence));
    const back = await (await based.withAdapter(adapter)).withAdapter(null);
    expect(await back.logits(sequence)).toEqual(await plain.logits(sequence));
  });

  test("merged it is the same model", async () => {
    const { source, adapter } = await open();
    const target = join(scratch, `${name}-merged`);
    const file = await writeMerged(target, source, goldenFolder(base), adapter);
    const tensors = checkpointTensors(source.definition, await openSafetensors(file), name);
    expect(relativeDifference(await plainLogits({ ...source, tensors }), logits)).toBeLessThan(1e-4);
  });

  test("written, it is the bytes that PEFT loaded to the same logits, and reads back the same", async () => {
    const { source, adapter } = await open();
    const target = join(scratch, name);
    await writePeft(target, adapter, { definition: source.definition, name: base });
    const loaded = must(ours.forms[name], name);
    for (const [file, sha256] of Object.entries(loaded.sha256)) expect(await hashFile(join(target, file))).toBe(sha256);
    expect(relativeDifference(loaded.logits, logits)).toBeLessThan(1e-5);
    expect(await readPeft(target, source.definition)).toEqual(adapter);
  });

  if (!training) return;
  test("gradients and ten losses are PEFT's", async () => {
    const { source, adapter } = await open();
    const { learningRate, batches, losses } = training;
    const layout = layoutOf(source.definition, shapeOf(name));
    const program = trainingProgram(source, loraTrainable(layout), 64);
    await engine.write("parameters", flattenAdapter(adapter, layout));
    for (const buffer of ["zero", "gradient", "m", "v"]) await engine.write(buffer, new Float32Array(layout.size));
    const options = { ...adamWDefaults, weightDecay: 0, maxGradNorm: Number.POSITIVE_INFINITY };
    const optimiser = adamWProgram(layout.size, options);
    for (const [i, batch] of batches.entries()) {
      const rows = batch.map(
        (row): TrainingRow => ({
          ids: Int32Array.from(row.ids),
          weights: Float32Array.from(row.weights),
        }),
      );
      const totalWeight = rows.reduce((sum, row) => sum + lossWeight(row), 0);
      const { scale } = adapter;
      const loss = await addGradient({
        engine,
        training: program,
        rows,
        paddedLength: 12,
        totalWeight,
        scale,
        first: true,
      });
      if (i === 0) await compareGradients(name, source, layout, await engine.read("gradient"));
      expect(Math.abs(loss / must(losses[i], "loss") - 1), `loss ${i}`).toBeLessThan(1e-4);
      await optimiserStep({ engine, program: optimiser, size: layout.size, options, t: i + 1, learningRate });
    }
  });
});

/** The options that the fixture's generator gave PEFT. */
function shapeOf(name: string): LoraShape {
  const config = JSON.parse(readFileSync(join(folder, name, "adapter_config.json"), "utf8"));
  return {
    rank: config.r,
    alpha: config.lora_alpha,
    rslora: config.use_rslora,
    dora: config.use_dora,
    targets: config.target_modules,
    layers: config.layers_to_transform,
    rankPattern: config.rank_pattern,
    alphaPattern: config.alpha_pattern,
  };
}

async function compareGradients(
  name: string,
  { definition }: ModelSource,
  { slots, rank }: ReturnType<typeof layoutOf>,
  flat: Float32Array,
) {
  const theirs = await openSafetensors(join(folder, name, "gradients.safetensors"));
  let compared = 0;
  for (const { module, dIn, dOut, offsetA, offsetB, offsetM, own } of slots) {
    const r = own?.rank ?? rank;
    const columns = (row: number) => [...flat.subarray(offsetB + row * rank, offsetB + row * rank + r)];
    const parts: [string, number[]][] = [
      ["lora_A", [...flat.subarray(offsetA, offsetA + r * dIn)]],
      ["lora_B", Array.from({ length: dOut }, (_, row) => columns(row)).flat()],
      ...(offsetM === null ? [] : [["lora_magnitude_vector", [...flat.subarray(offsetM, offsetM + dOut)]] as const]),
    ].map(([part, values]) => [part as string, values as number[]]);
    for (const [part, mine] of parts) {
      const key = `grad.base_model.model.${moduleInFiles(module, definition)}.${part}`;
      const expected = await readTensor(must(theirs.get(key), key));
      expect(relativeDifference(mine, expected), key).toBeLessThan(1e-4);
      compared += 1;
    }
  }
  expect(compared).toBe(theirs.size);
}

test("a start changes nothing: B is zero, magnitudes are the norms of the base's rows", async () => {
  const { source } = await golden("gpt2");
  const shape: LoraShape = { rank: 2, alpha: 4, dora: true, targets: null, rankPattern: { "mlp.c_fc": 5 } };
  const layout = layoutOf(source.definition, shape);
  const flat = initialLora(layout, 1);
  await initialMagnitudes(layout, source, flat);
  const program = forwardProgram(source, { outputs: ["logits"], adapter: layout });
  const feeds = {
    ...tokenFeeds(ids),
    adapter: { dtype: "float32" as const, shape: [layout.size], data: flat },
    adapter_scale: { dtype: "float32" as const, shape: [], data: Float32Array.of(2) },
  };
  const out = await engine.run({ program, feeds, fetches: ["logits"] });
  const { dVocab } = source.definition.dimensions;
  // m / ‖W‖ is 1 up to a rounding of the norm.
  expect(relativeDifference(ends(floats(out.logits), dVocab), await plainLogits(source))).toBeLessThan(1e-5);
});

describe("names of modules", () => {
  test.each([
    [null, null, 21],
    ["all-linear", null, 21],
    [["q_proj"], null, 3],
    [["self_attn.q_proj", "down_proj"], [1], 2],
    [["model.layers.2.mlp.up_proj"], null, 1],
    [".*\\.[01]\\..*(up|down)_proj", null, 4],
  ])("%j in layers %j are %i", async (targets, layers, count) => {
    const { source } = await golden("llama-tied");
    expect(targetLinears(source.definition, { targets, layers }).length).toBe(count);
  });

  test.each([[["proj"]], ["q_proj"], [[]]])("%j match nothing and are refused", async (targets) => {
    const { source } = await golden("llama-tied");
    expect(() => targetLinears(source.definition, { targets })).toThrow(UserError);
  });

  test("a pattern that would never end is stopped, a broken one is named", () => {
    const name = ["a".repeat(60)];
    expect(() => fullMatches("(a+)+b", name, "m")).toThrow(/in good time/);
    expect(() => fullMatches("(", name, "m")).toThrow(UserError);
    expect(fullMatches("(?P<all>a+)", name, "m")).toEqual(name);
  });
});

test.each([
  [{ bias: "all" }, "trained biases"],
  [{ lora_bias: true }, "trained biases"],
  [{ modules_to_save: ["lm_head"] }, "modules_to_save lm_head"],
  [{ use_qalora: true }, "use_qalora"],
  [{ layer_replication: [[0, 1]] }, "layer_replication"],
  [{ init_lora_weights: "pissa" }, "path_initial_model_for_weight_conversion"],
  [{ init_lora_weights: "pissa_niter_16" }, "got pissa_niter_16"],
  [{ init_lora_weights: "PiSSA" }, "got PiSSA"],
  [{ init_lora_weights: "olora" }, "path_initial_model_for_weight_conversion"],
  [{ init_lora_weights: "corda" }, "path_initial_model_for_weight_conversion"],
  [{ init_lora_weights: "lora_ga" }, "path_initial_model_for_weight_conversion"],
  [{ init_lora_weights: "loftq" }, "merge the adapter into the base"],
  [{ init_lora_weights: "something" }, "none that we know"],
  [{ init_lora_weights: 1 }, "init_lora_weights"],
  [{ peft_type: "IA3" }, "peft_type"],
  [{ r: 3 }, "shape"],
  [{ use_dora: true }, "lora_magnitude_vector"],
])("adapter_config.json with %j is refused by name", async (change, message) => {
  const { source } = await golden("llama-tied");
  const target = await mkdtemp(join(scratch, "refused-"));
  const from = join(folder, "layers");
  await writeFile(join(target, "adapter_model.safetensors"), readFileSync(join(from, "adapter_model.safetensors")));
  const config = { ...JSON.parse(readFileSync(join(from, "adapter_config.json"), "utf8")), ...change };
  await writeFile(join(target, "adapter_config.json"), JSON.stringify(config));
  await expect(readPeft(target, source.definition)).rejects.toThrow(message);
  await expect(readPeft(target, source.definition)).rejects.toThrow(UserError);
});

test.each([true, false, null, "gaussian", "eva", "orthogonal", "mica"])(
  "init_lora_weights %j leaves the base as it is, and is read",
  async (start) => {
    const { source } = await golden("llama-tied");
    const target = await mkdtemp(join(scratch, "start-"));
    const from = join(folder, "layers");
    await writeFile(join(target, "adapter_model.safetensors"), readFileSync(join(from, "adapter_model.safetensors")));
    const config = JSON.parse(readFileSync(join(from, "adapter_config.json"), "utf8"));
    await writeFile(join(target, "adapter_config.json"), JSON.stringify({ ...config, init_lora_weights: start }));
    expect(await readPeft(target, source.definition)).toEqual(await readPeft(from, source.definition));
  },
);

test("any adapter_config.json is read or refused with its name", async () => {
  const { source } = await golden("llama-tied");
  const target = await mkdtemp(join(scratch, "any-"));
  const from = join(folder, "layers");
  await writeFile(join(target, "adapter_model.safetensors"), readFileSync(join(from, "adapter_model.safetensors")));
  const config = JSON.parse(readFileSync(join(from, "adapter_config.json"), "utf8"));
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...Object.keys(config)), fc.jsonValue(), async (key, value) => {
      await writeFile(join(target, "adapter_config.json"), JSON.stringify({ ...config, [key]: value }));
      await readPeft(target, source.definition).catch((error) => {
        if (!(error instanceof UserError)) throw error;
      });
    }),
    { numRuns: 60 },
  );
});
