/**
 * PEFT's forms that no graph here takes as an input: LoRA of the embedding and of the head, whole modules saved beside it
 * (`modules_to_save`), trained biases. The tuned model is written out instead: base and adapter in one checkpoint.
 *
 * What a tensor of the adapter's file means is said by the end of its name:
 *
 * - `lora_A.weight`, `lora_B.weight`, `lora_magnitude_vector`: a change of a matrix, as in `peft.ts`
 * - `lora_embedding_A [rank, dVocab]`, `lora_embedding_B [dModel, rank]`: s (B A)ᵀ added to the table
 * - `lora_B.bias`: s b added to the layer's bias (`lora_bias`)
 * - `base_layer.weight`, `weight`, `bias`: the tensor itself, in place of the base's
 *
 * Where table and head are one tensor in the base and one of them changes, the folded model has two.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { must, UserError } from "../core/index.ts";
import {
  floatsToBytes,
  openSafetensors,
  readTensor,
  type TensorLocation,
  type TensorStore,
  type TensorToWrite,
  writeSafetensors,
} from "../data/index.ts";
import type { ModelSource } from "../engine/index.ts";
import { loraScale, type ModelDefinition, tensorOfFiles } from "../models/index.ts";
import { writeCompanions } from "./companions.ts";
import { addProduct, bringToMagnitude, copiedTensor } from "./merge.ts";
import { isForFolding, type PeftConfig, readPeftConfig } from "./peft-config.ts";
import { suffixMatches } from "./python-pattern.ts";

const HEAD = "lm_head.weight";

export interface FoldRequest {
  readonly base: ModelSource;
  /** The base's own folder: its config and tokenizer go with the folded model. */
  readonly baseFolder: string;
  /** PEFT's folder. */
  readonly adapter: string;
  /**
   * Gets the folded model. Tensors that the adapter changes are float32, as the config says of all; the others stay as
   * narrow as they are, for a fold lies in the cache and every reader of its config widens them, which rounds nothing.
   */
  readonly folder: string;
}

export async function foldPeft({ base, baseFolder, adapter, folder }: FoldRequest): Promise<void> {
  const { definition } = base;
  const scaleOf = scales(await readPeftConfig(adapter, "folded"), adapter);
  const changes = changesIn(adapter, await openSafetensors(join(adapter, "adapter_model.safetensors")), definition);
  const { embedding, unembedding } = definition;
  const splits = embedding === unembedding && (changes.has(embedding) || changes.has(HEAD));
  const stored = new Map(base.tensors);
  if (splits) stored.set(HEAD, { ...must(stored.get(embedding), embedding), name: HEAD });
  const transposed = new Set(
    definition.linears.filter((each) => each.transposed).map(({ module }) => `${module}.weight`),
  );
  const tensors = [...stored].map(([name, location]) => {
    const change = changes.get(name);
    if (!change) return copiedTensor(location);
    return changed(location, { ...change, ...scaleOf(change.spelt), adapter, transposed: transposed.has(name) });
  });
  await mkdir(folder, { recursive: true });
  await writeCompanions(baseFolder, folder, { untied: splits });
  await writeSafetensors(join(folder, "model.safetensors"), tensors, { format: "pt" });
}

/** What the adapter says of one tensor of the model. */
interface Change {
  /** The module, as the adapter's file spells it. */
  readonly spelt: string;
  /** By the end of their names. */
  readonly parts: ReadonlyMap<string, TensorLocation>;
}

/** Ends of names, and of which of a module's tensors they speak. */
const endings: Readonly<Record<string, "weight" | "bias">> = {
  "lora_A.weight": "weight",
  "lora_B.weight": "weight",
  "lora_B.bias": "bias",
  lora_magnitude_vector: "weight",
  lora_embedding_A: "weight",
  lora_embedding_B: "weight",
  "base_layer.weight": "weight",
  "base_layer.bias": "bias",
  weight: "weight",
  bias: "bias",
};

function changesIn(folder: string, tensors: TensorStore, definition: ModelDefinition): Map<string, Change> {
  const known = new Set([...definition.weights.map(({ name }) => name), HEAD]);
  const found = new Map<string, { spelt: string; parts: Map<string, TensorLocation> }>();
  for (const [name, location] of tensors) {
    const ending = Object.keys(endings).find((each) => name.endsWith(`.${each}`));
    const spelt = ending && /^base_model\.model\.(.+)$/.exec(name.slice(0, -ending.length - 1))?.[1];
    const tensor = spelt && tensorOfFiles(`${spelt}.${endings[ending]}`, definition);
    if (!spelt || !tensor || !known.has(tensor))
      throw unfit(folder, `tensor ${name}, which the model has no place for`);
    const change = found.get(tensor) ?? { spelt, parts: new Map() };
    change.parts.set(ending, location);
    found.set(tensor, change);
  }
  return found;
}

function unfit(folder: string, got: string): UserError {
  return new UserError(`adapter ${folder}`, {
    expected: "tensors that fit the base model",
    got,
    fix: "give the base model that the adapter was trained on",
  });
}

/** Rank and scale of a module, patterns heeded. */
function scales(config: PeftConfig, folder: string): (spelt: string) => { rank: number; scale: number } {
  const of = <T>(table: Readonly<Record<string, T>> | null | undefined, spelt: string, usual: T) =>
    Object.entries(table ?? {}).find(([pattern]) => suffixMatches(pattern, [spelt], folder).length > 0)?.[1] ?? usual;
  return (spelt) => {
    const rank = of(config.rank_pattern, spelt, config.r);
    const alpha = of(config.alpha_pattern, spelt, config.lora_alpha);
    return { rank, scale: loraScale(rank, alpha, config.use_rslora) };
  };
}

interface Applied extends Change {
  readonly rank: number;
  readonly scale: number;
  /** Is the tensor `[dIn, dOut]`? */
  readonly transposed: boolean;
  /** The adapter's folder. */
  readonly adapter: string;
}

function changed(location: TensorLocation, change: Applied): TensorToWrite {
  const { name, shape } = location;
  return { name, dtype: "F32", shape, data: async () => floatsToBytes(await valuesOf(location, change), "F32") };
}

async function valuesOf(location: TensorLocation, change: Applied): Promise<Float32Array> {
  const { parts, rank, scale, transposed } = change;
  const { shape } = location;
  const size = shape.reduce((product, dim) => product * dim, 1);
  const read = async (ending: string, count: number) => {
    const part = parts.get(ending);
    const values = part && (await readTensor(part));
    if (values && values.length !== count)
      throw unfit(change.adapter, `${part.name} of shape [${part.shape.join(", ")}]`);
    return values ?? null;
  };
  const whole = (await read("base_layer.weight", size)) ?? (await read("base_layer.bias", size));
  const own = whole ?? (await read("weight", size)) ?? (await read("bias", size)) ?? (await readTensor(location));
  // Copied: what comes from a file may be a view of bytes that others read.
  const values = own.slice();
  const bias = await read("lora_B.bias", size);
  if (bias) return values.map((value, i) => value + scale * (bias[i] as number));
  const [rows = 0, columns = 0] = shape;
  const [dOut, dIn] = transposed ? [columns, rows] : [rows, columns];
  const [A, B] = [await read("lora_A.weight", rank * dIn), await read("lora_B.weight", dOut * rank)];
  if (A && B) addProduct(values, { A, B }, { rank, scale, transposed });
  const magnitude = await read("lora_magnitude_vector", dOut);
  if (magnitude) bringToMagnitude(values, magnitude, transposed);
  // The table is (B A)ᵀ: as a product, Bᵀ takes A's place.
  const tokens = await read("lora_embedding_A", rank * rows);
  const directions = await read("lora_embedding_B", columns * rank);
  if (tokens && directions)
    addProduct(values, { A: flipped(directions, rank), B: flipped(tokens, rows) }, { rank, scale });
  return values;
}

/** The transpose of a matrix with so many columns. */
function flipped(matrix: Float32Array, columns: number): Float32Array {
  const rows = matrix.length / columns;
  return Float32Array.from(matrix, (_, i) => matrix[(i % rows) * columns + Math.floor(i / rows)] as number);
}

/** Is the adapter in a form that graphs do not take? */
export async function needsFolding(folder: string): Promise<boolean> {
  if (isForFolding(await readPeftConfig(folder, "folded"))) return true;
  const tensors = await openSafetensors(join(folder, "adapter_model.safetensors"));
  return [...tensors.keys()].some((name) => /\.(lora_embedding_[AB]|lm_head\.lora_[AB]\.weight)$/.test(name));
}
