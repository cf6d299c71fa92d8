/**
 * Adapters in PEFT's folder format: `adapter_config.json` and `adapter_model.safetensors`, keys
 * `base_model.model.<module>.lora_A.weight [rank, dIn]`, `.lora_B.weight [dOut, rank]` and, for DoRA,
 * `.lora_magnitude_vector [dOut]`.
 */
import { join } from "node:path";
import { UserError } from "../core/index.ts";
import {
  floatsToBytes,
  openSafetensors,
  readTensor,
  type TensorStore,
  type TensorToWrite,
  writeSafetensors,
} from "../data/index.ts";
import type { ModelSource } from "../engine/index.ts";
import {
  type Adapter,
  type AdapterModule,
  type LinearSpec,
  loraScale,
  type ModelDefinition,
  moduleInFiles,
  moduleOfFiles,
  type OwnRank,
  rankOf,
} from "../models/index.ts";
import { atomicWriteFile, hashFile, hashJson } from "../store/index.ts";
import { peftConfig, readPeftConfig } from "./peft-config.ts";
import { ownRanks } from "./targets.ts";

const PREFIX = "base_model.model.";

/** Writes `adapter` so that PEFT loads it. */
export async function writePeft(
  folder: string,
  adapter: Adapter,
  { definition, name }: Pick<ModelSource, "definition" | "name">,
): Promise<void> {
  const tensors = [...adapter.modules].flatMap(([module, values]) =>
    moduleTensors(`${PREFIX}${moduleInFiles(module, definition)}`, values, rankOf(adapter, values).rank),
  );
  await writeSafetensors(join(folder, "adapter_model.safetensors"), tensors, { format: "pt" });
  await atomicWriteFile(
    join(folder, "adapter_config.json"),
    `${JSON.stringify(peftConfig(adapter, definition, name), null, 2)}\n`,
  );
}

function moduleTensors(path: string, { A, B, magnitude }: AdapterModule, rank: number): TensorToWrite[] {
  const tensor = (name: string, shape: readonly number[], data: Float32Array): TensorToWrite => ({
    name: `${path}.${name}`,
    dtype: "F32",
    shape,
    data: floatsToBytes(data, "F32"),
  });
  return [
    tensor("lora_A.weight", [rank, A.length / rank], A),
    tensor("lora_B.weight", [B.length / rank, rank], B),
    ...(magnitude ? [tensor("lora_magnitude_vector", [magnitude.length], magnitude)] : []),
  ];
}

/** sha256 over both files of a PEFT folder: how strongly the weights act stands in the configuration. */
export async function adapterSha256(folder: string): Promise<string> {
  const [config, weights] = await Promise.all(
    ["adapter_config.json", "adapter_model.safetensors"].map((file) => hashFile(join(folder, file))),
  );
  return hashJson({ config, weights });
}

/** Reads a PEFT folder for `definition`; adapters of another model or of a kind that we cannot apply are refused. */
export async function readPeft(folder: string, definition: ModelDefinition): Promise<Adapter> {
  const config = await readPeftConfig(folder);
  const { r: rank, lora_alpha: alpha, use_rslora: rslora, use_dora: dora } = config;
  const scale = loraScale(rank, alpha, rslora);
  const patterns = { rankPattern: config.rank_pattern ?? {}, alphaPattern: config.alpha_pattern ?? {} };
  const ranks = ownRanks(definition, { targets: null, rank, alpha, rslora, ...patterns }, `adapter ${folder}`);
  const tensors = await openSafetensors(join(folder, "adapter_model.safetensors"));
  const modules = new Map<string, AdapterModule>();
  for (const [spelt, linear] of modulesIn(folder, tensors, definition)) {
    const own = ranks(linear.module);
    const read = { spelt, linear, own, rank: own?.rank ?? rank, dora };
    modules.set(linear.module, await readModule(folder, tensors, read));
  }
  if (modules.size === 0) throw wrongModel(folder, "no LoRA matrices");
  const kind = { ...(rslora ? { rslora } : {}), ...(dora ? { magnitudes: true } : {}) };
  return withLargestRank({ rank, alpha, scale, ...kind, modules });
}

/** Graphs hold matrices of one rank: the largest. Where that is a pattern's, the others' rank becomes their own. */
function withLargestRank(adapter: Adapter): Adapter {
  const all = [...adapter.modules.values()].map((module) => rankOf(adapter, module));
  const largest = Math.max(...all.map(({ rank }) => rank));
  if (largest === adapter.rank) return adapter;
  const { rslora = false, alpha } = adapter;
  const scale = loraScale(largest, alpha, rslora);
  const modules = [...adapter.modules].map(([name, module]): [string, AdapterModule] => {
    const own = rankOf(adapter, module);
    return [name, own.rank === largest && own.scale === scale ? plain(module) : { ...module, own }];
  });
  return { ...adapter, rank: largest, scale, modules: new Map(modules) };
}

function plain({ own: _, ...rest }: AdapterModule): AdapterModule {
  return rest;
}

/** The linear layers that tensors of the file belong to, by their names there. */
function modulesIn(folder: string, tensors: TensorStore, definition: ModelDefinition): Map<string, LinearSpec> {
  const linears = new Map(definition.linears.map((linear) => [linear.module, linear]));
  const found = new Map<string, LinearSpec>();
  for (const name of tensors.keys()) {
    const spelt = /^base_model\.model\.(.+)\.(?:lora_[AB]\.weight|lora_magnitude_vector(?:\.weight)?)$/.exec(name)?.[1];
    if (spelt === undefined) throw wrongModel(folder, `tensor ${name}`);
    const linear = linears.get(moduleOfFiles(spelt, definition) ?? "");
    if (!linear) throw wrongModel(folder, `module ${spelt}, which the model does not have`);
    found.set(spelt, linear);
  }
  return found;
}

interface ModuleToRead {
  readonly spelt: string;
  readonly linear: LinearSpec;
  readonly own: OwnRank | null;
  readonly rank: number;
  readonly dora: boolean;
}

async function readModule(
  folder: string,
  tensors: TensorStore,
  { spelt, linear: { module, dIn, dOut }, own, rank, dora }: ModuleToRead,
): Promise<AdapterModule> {
  const read = async (part: string, shape: readonly number[]) => {
    const path = `${PREFIX}${spelt}.${part}`;
    const location = tensors.get(path) ?? tensors.get(`${path}.weight`);
    if (location?.shape.join() === shape.join()) return readTensor(location);
    const got = location ? `shape [${location.shape.join(", ")}]` : "nothing";
    throw wrongModel(folder, `${module}.${part}: ${got} where [${shape.join(", ")}] belongs`);
  };
  const A = await read("lora_A", [rank, dIn]);
  const B = await read("lora_B", [dOut, rank]);
  const kind = own ? { own } : {};
  return dora ? { A, B, ...kind, magnitude: await read("lora_magnitude_vector", [dOut]) } : { A, B, ...kind };
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
  const finite = (data: Float32Array) => data.every(Number.isFinite);
  if (values.some(({ A, B, magnitude }) => !finite(A) || !finite(B) || (magnitude && !finite(magnitude))))
    return "numbers that are not finite";
  return values.every(({ B, magnitude }) => !magnitude && B.every((value) => value === 0))
    ? "an adapter that changes nothing (all B are zero)"
    : null;
}
