/** The tiny random checkpoints of test/fixtures/models, and what tests of models, engine and training do with them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { must, rng } from "../src/core/index.ts";
import { openCheckpoint, openSafetensors, readTensor, type TensorStore } from "../src/data/index.ts";
import { type HostTensor, int64, type ModelSource } from "../src/engine/index.ts";
import {
  type Adapter,
  type AdapterModule,
  checkpointTensors,
  defineModel,
  moduleOfFiles,
} from "../src/models/index.ts";

export const goldenNames = [
  "llama-tied",
  "llama-untied",
  "llama3",
  "qwen2",
  "qwen3",
  "gemma3",
  "gemma3-vision",
  "gpt2",
] as const;
export type GoldenName = (typeof goldenNames)[number];

export interface Golden {
  readonly source: ModelSource;
  /** Logits and activations by hook point. */
  readonly values: TensorStore;
  /** `[batch, seq]` */
  readonly inputIds: readonly (readonly number[])[];
  readonly generation: readonly { readonly prompt: readonly number[]; readonly tokens: readonly number[] }[];
}

export const goldenFolder = (name: GoldenName) => join(import.meta.dirname, "fixtures/models", name);

const readJson = (name: GoldenName, file: string) => JSON.parse(readFileSync(join(goldenFolder(name), file), "utf8"));

export async function golden(name: GoldenName, config = "config.json"): Promise<Golden> {
  const { inputIds, generation } = readJson(name, "golden.json");
  const definition = defineModel(readJson(name, config), name);
  return {
    source: {
      definition,
      tensors: checkpointTensors(definition, await openCheckpoint(goldenFolder(name)), name),
      name,
    },
    values: await openSafetensors(join(goldenFolder(name), "golden.safetensors")),
    inputIds,
    generation,
  };
}

/** PEFT's own adapter with random B: rank 4, alpha 8, on all linear layers. */
export async function goldenAdapter(name: GoldenName): Promise<Adapter> {
  const file = await openSafetensors(join(goldenFolder(name), "adapter/adapter_model.safetensors"));
  const { r, lora_alpha: alpha } = readJson(name, "adapter/adapter_config.json");
  const definition = defineModel(readJson(name, "config.json"), name);
  const modules = new Map<string, AdapterModule>();
  for (const [key, location] of file) {
    const found = /^base_model\.model\.(.*)\.lora_A\.weight$/.exec(key)?.[1];
    if (found === undefined) continue;
    const b = must(file.get(key.replace("lora_A", "lora_B")), "B");
    modules.set(must(moduleOfFiles(found, definition), found), {
      A: await readTensor(location),
      B: await readTensor(b),
    });
  }
  return { rank: r, alpha, scale: alpha / r, modules };
}

/** Tokens and positions of rows of one length; `select` names every position. */
export function tokenFeeds(
  rows: readonly (readonly number[])[],
): Record<"tokens" | "positions" | "select", HostTensor> {
  const [batch, seq] = [rows.length, must(rows[0], "row").length];
  const flat = Int32Array.from(rows.flat());
  return {
    tokens: int64([batch, seq], flat),
    positions: int64(
      [batch, seq],
      flat.map((_, i) => i % seq),
    ),
    select: int64(
      [flat.length],
      flat.map((_, i) => i),
    ),
  };
}

/** The largest difference over the largest magnitude of `theirs`. Infinite where lengths differ. */
export function relativeDifference(ours: ArrayLike<number>, theirs: ArrayLike<number>): number {
  if (ours.length !== theirs.length) return Number.POSITIVE_INFINITY;
  let worst = 0;
  let largest = 0;
  for (let i = 0; i < ours.length; i++) {
    worst = Math.max(worst, Math.abs((ours[i] as number) - (theirs[i] as number)));
    largest = Math.max(largest, Math.abs(theirs[i] as number));
  }
  return worst / largest;
}

export function floats(tensor: HostTensor | undefined): Float32Array {
  const { data } = must(tensor, "an output");
  if (data instanceof Float32Array) return data;
  throw new Error("not float32");
}

/** Uniform in (−1, 1) × `scale`, from a fixed seed. */
export function randomFloats(count: number, name: string, scale = 1): Float32Array {
  const random = rng(17, name);
  return Float32Array.from({ length: count }, () => scale * (2 * random.next() - 1));
}
