/** What the writers of all formats share. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type FloatDtype, floatsToBytes, writeSafetensors } from "../../data/index.ts";

export interface NamedValues {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

export async function mkdirFor(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
}

export async function writeTensors(
  folder: string,
  file: string,
  dtype: FloatDtype,
  tensors: readonly NamedValues[],
): Promise<void> {
  await writeSafetensors(
    join(folder, file),
    tensors.map(({ name, shape, values }) => ({ name, dtype, shape, data: floatsToBytes(values, dtype) })),
  );
}

/** `matrix [rows, columns]` as `[columns, rows]`. */
export function transposed(matrix: Float32Array, rows: number, columns: number): Float32Array {
  const out = new Float32Array(matrix.length);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) out[j * rows + i] = matrix[i * columns + j] as number;
  return out;
}
