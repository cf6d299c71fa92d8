/**
 * A checkpoint whose large matrices are int8, in blocks along a row that share a scale (absmax / 127): the frozen base of
 * a training on a machine with little memory (Dettmers et al. 2023, arXiv 2305.14314, with eight bits and without their
 * data type). What is not asked for stays as it is.
 */
import { createReadStream } from "node:fs";
import { must } from "../core/index.ts";
import { isFloatDtype } from "./dtype.ts";
import { readTensor, type TensorStore } from "./safetensors.ts";
import type { TensorLocation } from "./safetensors-header.ts";
import { type TensorToWrite, writeSafetensors } from "./safetensors-write.ts";

/** Weights that share a scale. */
export const BLOCK_WEIGHTS = 32;

/** The name of a matrix's scales, `[rows, columns / BLOCK_WEIGHTS]` in float32. */
export const scalesOf = (name: string) => `${name}.scales`;

export interface ByteMatrix {
  readonly bytes: Int8Array;
  readonly scales: Float32Array;
}

/** Each block over its largest magnitude / 127, rounded to nearest; a block of zeros has scale 0. */
export function toBytes(weights: Float32Array): ByteMatrix {
  const bytes = new Int8Array(weights.length);
  const scales = new Float32Array(weights.length / BLOCK_WEIGHTS);
  for (let block = 0; block < scales.length; block++) {
    const start = block * BLOCK_WEIGHTS;
    let most = 0;
    for (let i = start; i < start + BLOCK_WEIGHTS; i++) most = Math.max(most, Math.abs(weights[i] as number));
    const scale = Math.fround(most / 127);
    scales[block] = scale;
    if (scale === 0) continue;
    for (let i = start; i < start + BLOCK_WEIGHTS; i++) bytes[i] = Math.round((weights[i] as number) / scale);
  }
  return { bytes, scales };
}

/**
 * Writes `tensors` with those called `names` in int8; matrices whose rows are no whole blocks stay as they are. One tensor
 * at a time is in memory.
 */
export async function writeByteCheckpoint(
  file: string,
  tensors: TensorStore,
  names: ReadonlySet<string>,
): Promise<void> {
  const written = [...tensors].flatMap(([name, location]) =>
    names.has(name) && (location.shape.at(-1) ?? 0) % BLOCK_WEIGHTS === 0
      ? byteTensors(name, location)
      : [copied(name, location)],
  );
  await writeSafetensors(file, written);
}

/** In pieces: an embedding may be larger than all else together. */
function copied(name: string, { dtype, shape, file, offset, byteLength }: TensorLocation): TensorToWrite {
  return { name, dtype, shape, data: () => createReadStream(file, { start: offset, end: offset + byteLength - 1 }) };
}

function byteTensors(name: string, location: TensorLocation): TensorToWrite[] {
  if (!isFloatDtype(location.dtype)) throw new Error(`${name} is no matrix of real numbers`);
  const { shape } = location;
  const blocks = [...shape.slice(0, -1), must(shape.at(-1), "columns") / BLOCK_WEIGHTS];
  const matrix = async () => toBytes(await readTensor(location));
  const view = ({ buffer, byteOffset, byteLength }: Int8Array | Float32Array) =>
    new Uint8Array(buffer, byteOffset, byteLength);
  return [
    { name, dtype: "I8", shape, data: async () => view((await matrix()).bytes) },
    { name: scalesOf(name), dtype: "F32", shape: blocks, data: async () => view((await matrix()).scales) },
  ];
}
