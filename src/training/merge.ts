/** A model with its adapter folded in: W + scale · B A, written as a checkpoint that any tool loads. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { must } from "../core/index.ts";
import {
  floatsToBytes,
  openSafetensors,
  readTensor,
  readTensorRaw,
  type TensorLocation,
  type TensorToWrite,
  writeSafetensors,
} from "../data/index.ts";
import type { ModelSource } from "../engine/index.ts";
import { type Adapter, type AdapterModule, checkpointTensors, type LinearSpec, rankOf } from "../models/index.ts";
import { writeCompanions } from "./companions.ts";

/**
 * `weight [dOut, dIn] + scale · B [dOut, rank] A [rank, dIn]`, in place; `transposed`: the weight is `[dIn, dOut]`. Sums
 * run in double precision.
 */
export function addProduct(
  weight: Float32Array,
  { A, B }: AdapterModule,
  { rank, scale, transposed = false }: { rank: number; scale: number; transposed?: boolean },
): void {
  const dIn = A.length / rank;
  const dOut = B.length / rank;
  const row = new Float64Array(dIn);
  for (let o = 0; o < dOut; o++) {
    row.fill(0);
    for (let r = 0; r < rank; r++) {
      const b = scale * (B[o * rank + r] as number);
      if (b === 0) continue;
      for (let i = 0; i < dIn; i++) row[i] = (row[i] as number) + b * (A[r * dIn + i] as number);
    }
    for (let i = 0; i < dIn; i++) {
      const at = transposed ? i * dOut + o : o * dIn + i;
      weight[at] = (weight[at] as number) + (row[i] as number);
    }
  }
}

/** Scales each output row of `weight` to its norm in `magnitude [dOut]` (DoRA), in place. */
export function bringToMagnitude(weight: Float32Array, magnitude: Float32Array, transposed: boolean): void {
  const dOut = magnitude.length;
  const dIn = weight.length / dOut;
  const at = (o: number, i: number) => (transposed ? i * dOut + o : o * dIn + i);
  for (let o = 0; o < dOut; o++) {
    let square = 0;
    for (let i = 0; i < dIn; i++) square += (weight[at(o, i)] as number) ** 2;
    const factor = square === 0 ? 1 : (magnitude[o] as number) / Math.sqrt(square);
    for (let i = 0; i < dIn; i++) weight[at(o, i)] = (weight[at(o, i)] as number) * factor;
  }
}

/** `weight` with the module's change in it, in place. */
export function mergedWeight(
  weight: Float32Array,
  module: AdapterModule,
  options: { readonly rank: number; readonly scale: number; readonly transposed: boolean },
): Float32Array {
  addProduct(weight, module, options);
  if (module.magnitude) bringToMagnitude(weight, module.magnitude, options.transposed);
  return weight;
}

/**
 * Writes `<folder>/model.safetensors` with the base's config and tokenizer beside it. All weights of the model are in
 * float32, which the config says too: a half-precision file would round away small changes, and one of two types is read
 * differently by different tools. What the forward pass does not use (a vision tower) is copied as it is.
 */
export async function writeMerged(
  folder: string,
  base: ModelSource,
  baseFolder: string,
  adapter: Adapter,
): Promise<string> {
  await mkdir(folder, { recursive: true });
  const linears = new Map(base.definition.linears.map((linear) => [`${linear.module}.weight`, linear]));
  const used = new Set(base.definition.weights.map(({ name }) => name));
  const tensors = [...base.tensors].map(([name, location]) =>
    used.has(name) ? mergedTensor(location, linears.get(name), adapter) : copiedTensor(location),
  );
  const file = join(folder, "model.safetensors");
  await writeSafetensors(file, tensors, { format: "pt" });
  await writeCompanions(baseFolder, folder);
  return file;
}

/** The model that lies in `file`, which `writeMerged` or `writeWhole` made of `base`; names in files are the base's files'. */
export async function openMade(file: string, { definition, name }: ModelSource): Promise<ModelSource> {
  return { definition, name, tensors: checkpointTensors(definition, await openSafetensors(file), name) };
}

/** Byte by byte, under the name that the base's files give it. */
export function copiedTensor(location: TensorLocation): TensorToWrite {
  const { name, dtype, shape } = location;
  return { name, dtype, shape, data: () => readTensorRaw(location) };
}

/** In float32, under the name that the base's files give it. */
function mergedTensor(location: TensorLocation, linear: LinearSpec | undefined, adapter: Adapter): TensorToWrite {
  const { name, shape } = location;
  const module = linear && adapter.modules.get(linear.module);
  const data = async () => {
    const weight = await readTensor(location);
    if (module) mergedWeight(weight, module, { ...rankOf(adapter, module), transposed: linear.transposed });
    return floatsToBytes(weight, "F32");
  };
  return { name, dtype: "F32", shape, data };
}

/** How far two models are apart at the same positions: logits `[n, dVocab]` of each. KL in nats, of b from a. */
export function logitDistance(
  a: Float32Array,
  b: Float32Array,
  dVocab: number,
): { maxDifference: number; meanKlNats: number } {
  let maxDifference = 0;
  let kl = 0;
  const n = a.length / dVocab;
  for (let row = 0; row < n; row++) {
    const p = a.subarray(row * dVocab, (row + 1) * dVocab);
    const q = b.subarray(row * dVocab, (row + 1) * dVocab);
    const [normP, normQ] = [logSumExp(p), logSumExp(q)];
    for (let i = 0; i < dVocab; i++) {
      const [lp, lq] = [must(p[i], "logit"), must(q[i], "logit")];
      maxDifference = Math.max(maxDifference, Math.abs(lp - lq));
      kl += Math.exp(lp - normP) * (lp - normP - (lq - normQ));
    }
  }
  return { maxDifference, meanKlNats: Math.max(0, kl / n) };
}

function logSumExp(values: Float32Array): number {
  const top = values.reduce((max, value) => Math.max(max, value), -Infinity);
  let sum = 0;
  for (const value of values) sum += Math.exp(value - top);
  return top + Math.log(sum);
}
