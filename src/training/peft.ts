/**
 * Adapters in PEFT's folder format: `adapter_config.json` and `adapter_model.safetensors`, keys
 * `base_model.model.<module>.lora_A.weight [rank, dIn]` and `.lora_B.weight [dOut, rank]`.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { must, UserError } from "../core/index.ts";
import { floatsToBytes, openSafetensors, readTensor, type TensorStore, writeSafetensors } from "../data/index.ts";
import type { ModelSource } from "../engine/index.ts";
import {
  type Adapter,
  type AdapterModule,
  type LinearSpec,
  type ModelDefinition,
  moduleInFiles,
  moduleOfFiles,
} from "../models/index.ts";
import { atomicWriteFile } from "../store/index.ts";

const PREFIX = "base_model.model.";

/** What we read of `adapter_config.json`; other keys are other methods' business and are checked to be off. */
const PeftConfig = z.looseObject({
  peft_type: z.literal("LORA"),
  r: z.number().int().positive(),
  lora_alpha: z.number(),
  use_rslora: z.boolean().default(false),
  use_dora: z.boolean().default(false),
  bias: z.string().default("none"),
  lora_bias: z.boolean().default(false),
  rank_pattern: z.record(z.string(), z.number()).default({}),
  alpha_pattern: z.record(z.string(), z.number()).default({}),
  modules_to_save: z.array(z.string()).nullish(),
});

/** Writes `adapter` so that PEFT loads it; `targetModules` are the suffixes that it was trained on. */
export async function writePeft(
  folder: string,
  adapter: Adapter,
  { definition, name }: Pick<ModelSource, "definition" | "name">,
): Promise<void> {
  const tensors = [...adapter.modules].flatMap(([module, { A, B }]) => [
    {
      name: `${PREFIX}${moduleInFiles(module, definition)}.lora_A.weight`,
      dtype: "F32" as const,
      shape: [adapter.rank, A.length / adapter.rank],
      data: floatsToBytes(A, "F32"),
    },
    {
      name: `${PREFIX}${moduleInFiles(module, definition)}.lora_B.weight`,
      dtype: "F32" as const,
      shape: [B.length / adapter.rank, adapter.rank],
      data: floatsToBytes(B, "F32"),
    },
  ]);
  await writeSafetensors(join(folder, "adapter_model.safetensors"), tensors, { format: "pt" });
  await atomicWriteFile(
    join(folder, "adapter_config.json"),
    `${JSON.stringify(peftConfig(adapter, definition, name), null, 2)}\n`,
  );
}

function peftConfig({ rank, alpha, modules }: Adapter, definition: ModelDefinition, baseName: string): object {
  const suffixes = [
    ...new Set([...modules.keys()].map((module) => must(module.split(".").at(-1), "a module name"))),
  ].sort();
  return {
    peft_type: "LORA",
    task_type: "CAUSAL_LM",
    base_model_name_or_path: baseName,
    revision: null,
    inference_mode: true,
    r: rank,
    lora_alpha: alpha,
    lora_dropout: 0,
    bias: "none",
    fan_in_fan_out: definition.linears.some(({ transposed }) => transposed),
    use_rslora: false,
    use_dora: false,
    init_lora_weights: true,
    target_modules: suffixes,
    modules_to_save: null,
    layers_to_transform: null,
    layers_pattern: null,
    rank_pattern: {},
    alpha_pattern: {},
  };
}

/** Reads a PEFT folder for `definition`; adapters of another model or of a kind that we cannot apply are refused. */
export async function readPeft(folder: string, definition: ModelDefinition): Promise<Adapter> {
  const config = await readConfig(folder);
  const tensors = await openSafetensors(join(folder, "adapter_model.safetensors"));
  const linears = new Map(definition.linears.map((linear) => [linear.module, linear]));
  const modules = new Map<string, AdapterModule>();
  for (const name of tensors.keys()) {
    const spelt = moduleOf(folder, name);
    const module = moduleOfFiles(spelt, definition);
    const linear = module === null ? undefined : linears.get(module);
    if (!linear) throw wrongModel(folder, `module ${spelt}, which the model does not have`);
    if (!modules.has(linear.module))
      modules.set(linear.module, await readModule(folder, tensors, { linear, spelt, rank: config.r }));
  }
  if (modules.size === 0) throw wrongModel(folder, "no LoRA matrices");
  const scale = config.lora_alpha / (config.use_rslora ? Math.sqrt(config.r) : config.r);
  return { rank: config.r, alpha: config.lora_alpha, scale, modules };
}

async function readConfig(folder: string): Promise<z.infer<typeof PeftConfig>> {
  const path = join(folder, "adapter_config.json");
  const text = await readFile(path, "utf8").catch(() => {
    throw new UserError(folder, {
      expected: "a PEFT adapter (adapter_config.json)",
      got: "no such file",
      fix: "give the folder that holds adapter_config.json",
    });
  });
  const parsed = PeftConfig.safeParse(parseJson(path, text));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new UserError(path, {
      expected: "a LoRA configuration of PEFT",
      got: `${issue?.path.join(".")}: ${issue?.message}`,
      fix: "give a LoRA adapter",
    });
  }
  refuseUnsupported(path, parsed.data);
  return parsed.data;
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UserError(path, { expected: "JSON", got: "something else", fix: "save the adapter again" });
  }
}

function refuseUnsupported(path: string, config: z.infer<typeof PeftConfig>): void {
  const off = (what: string) =>
    new UserError(path, {
      expected: "plain or rank-stabilised LoRA",
      got: what,
      fix: "merge the adapter into its base and audit the merged folder",
    });
  if (config.use_dora) throw off("use_dora");
  if (config.bias !== "none" || config.lora_bias) throw off("trained biases");
  if (config.modules_to_save?.length) throw off(`modules_to_save ${config.modules_to_save.join(", ")}`);
  if (Object.keys(config.rank_pattern).length + Object.keys(config.alpha_pattern).length > 0)
    throw off("rank_pattern or alpha_pattern");
}

function moduleOf(folder: string, name: string): string {
  const found = /^base_model\.model\.(.+)\.lora_[AB]\.weight$/.exec(name);
  if (found?.[1]) return found[1];
  throw wrongModel(folder, `tensor ${name}`);
}

async function readModule(
  folder: string,
  tensors: TensorStore,
  { linear: { module, dIn, dOut }, spelt, rank }: { linear: LinearSpec; spelt: string; rank: number },
): Promise<AdapterModule> {
  const read = async (part: "A" | "B", shape: readonly number[]) => {
    const location = tensors.get(`${PREFIX}${spelt}.lora_${part}.weight`);
    if (location?.shape.join() === shape.join()) return readTensor(location);
    const got = location ? `shape [${location.shape.join(", ")}]` : "nothing";
    throw wrongModel(folder, `${module}.lora_${part}: ${got} where [${shape.join(", ")}] belongs`);
  };
  return { A: await read("A", [rank, dIn]), B: await read("B", [dOut, rank]) };
}

function wrongModel(folder: string, got: string): UserError {
  return new UserError(`adapter ${folder}`, {
    expected: "LoRA matrices that fit the base model",
    got,
    fix: "give the base model that the adapter was trained on",
  });
}

/** Does the adapter change anything? A B of zeros (or NaN) is a training that did not happen. */
export function adapterFault(adapter: Adapter): string | null {
  const values = [...adapter.modules.values()];
  if (values.some(({ A, B }) => ![...A].every(Number.isFinite) || ![...B].every(Number.isFinite)))
    return "numbers that are not finite";
  return values.every(({ B }) => B.every((value) => value === 0))
    ? "an adapter that changes nothing (all B are zero)"
    : null;
}
