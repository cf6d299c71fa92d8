import { mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { elementCount, pick } from "../../core/index.ts";
import { atomicWriteFile, hashFile } from "../../store/index.ts";
import { floatsToBytes } from "../dtype.ts";
import { readTensorRaw } from "../safetensors.ts";
import { type TensorToWrite, writeSafetensors } from "../safetensors-write.ts";
import { type Architecture, architectures, type Change, transformersName } from "./architectures.ts";
import { dequantise } from "./dequantise.ts";
import { type GgufHeader, type GgufTensor, readGgufHeader } from "./header.ts";
import { Metadata } from "./metadata.ts";
import { tokenizerFiles } from "./tokenizer.ts";
import { ggmlType, ggmlTypeName, readableTypes } from "./types.ts";

/** Part of the cache's key: raise it when the folder's contents change for the same file. */
const converterVersion = 2;

/**
 * A GGUF file as a transformers folder: `config.json`, `model.safetensors` in float32, `tokenizer.json`,
 * `tokenizer_config.json`, and `source.json` with the GGUF's sha256. Made once: the folder is found again by that
 * hash, and appears whole or not at all.
 */
export async function ggufToCheckpoint(file: string, cacheDir: string): Promise<{ folder: string }> {
  const header = await readGgufHeader(file);
  const sha256 = await hashFile(file);
  const folder = join(cacheDir, `${sha256}-v${converterVersion}`);
  const running = conversions.get(folder) ?? convertOnce(file, header, { sha256, folder, cacheDir });
  conversions.set(folder, running);
  try {
    await running;
    return { folder };
  } finally {
    conversions.delete(folder);
  }
}

/** Conversions under way in this process, by folder. */
const conversions = new Map<string, Promise<void>>();

interface Target {
  readonly sha256: string;
  readonly folder: string;
  readonly cacheDir: string;
}

async function convertOnce(file: string, header: GgufHeader, { sha256, folder, cacheDir }: Target): Promise<void> {
  if (await exists(folder)) return;
  await removeAbandoned(cacheDir, folder);
  const building = `${folder}.${process.pid}.tmp`;
  try {
    await mkdir(building, { recursive: true });
    await writeCheckpoint(file, header, building);
    await atomicWriteFile(join(building, "source.json"), `${JSON.stringify({ sha256, converterVersion })}\n`);
    await rename(building, folder).catch(async (error) => {
      // Another process may have been faster; its folder is the same.
      if (!(await exists(folder))) throw error;
    });
  } finally {
    await rm(building, { recursive: true, force: true });
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** Removes what killed processes left half-built; in this process nothing is under way for this folder. */
async function removeAbandoned(cacheDir: string, folder: string): Promise<void> {
  const names = (await exists(cacheDir)) ? await readdir(cacheDir) : [];
  for (const name of names) {
    const path = join(cacheDir, name);
    const pid = path.startsWith(`${folder}.`) && /\.(\d+)\.tmp$/.exec(name)?.[1];
    if (pid && !isRunning(Number(pid))) await rm(path, { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return pid !== process.pid;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

async function writeCheckpoint(file: string, header: GgufHeader, folder: string): Promise<void> {
  const metadata = new Metadata(header, file);
  const arch = metadata.text("general.architecture");
  const architecture = pick(architectures, arch, `architecture of ${file}`);
  const ropeFactors = await ropeFactorsOf(file, header.tensors);
  const config = architecture.config({ metadata, tensors: header.tensors, ropeFactors });
  const { tokenizer, tokenizerConfig } = tokenizerFiles(metadata);
  const tensors = header.tensors
    .filter(({ name }) => name !== ROPE_FACTORS)
    .map((tensor) => tensorToWrite(tensor, { file, metadata, architecture }));
  const text = (value: unknown) => `${JSON.stringify(value)}\n`;
  await atomicWriteFile(join(folder, "config.json"), text(config));
  await atomicWriteFile(join(folder, "tokenizer.json"), text(tokenizer));
  await atomicWriteFile(join(folder, "tokenizer_config.json"), text(tokenizerConfig));
  await writeSafetensors(join(folder, "model.safetensors"), tensors, { format: "pt" });
}

/** A table that belongs in the config: one divisor per rotary frequency. */
const ROPE_FACTORS = "rope_freqs.weight";
const LARGEST_TABLE = 4096;

async function ropeFactorsOf(file: string, tensors: readonly GgufTensor[]): Promise<Float32Array | null> {
  const table = tensors.find(({ name }) => name === ROPE_FACTORS);
  if (!table || elementCount(table.shape) > LARGEST_TABLE || table.byteLength === null) return null;
  return readRows(file, table, 0, elementCount(table.shape) / (table.shape.at(-1) ?? 1));
}

interface Source {
  readonly file: string;
  readonly metadata: Metadata;
  readonly architecture: Architecture;
}

function tensorToWrite(tensor: GgufTensor, { file, metadata, architecture }: Source): TensorToWrite {
  if (tensor.byteLength === null) {
    const names = Object.values(readableTypes).map(({ name }) => name);
    throw metadata.fault(`tensors of type ${names.join(", ")}`, `${tensor.name} of ${ggmlTypeName(tensor.type)}`);
  }
  const change = architecture.change(tensor.name, metadata);
  const { shape } = tensor;
  if (change.kind === "unpermute" && (shape[0] ?? 0) % (2 * change.heads) !== 0) {
    throw metadata.fault(`${tensor.name} with an even number of rows for each of ${change.heads} heads`, `[${shape}]`);
  }
  const name = transformersName(tensor.name, architecture, metadata);
  if (change.kind === "transpose" && shape.length !== 2)
    throw metadata.fault(`${tensor.name} as a matrix`, `[${shape}]`);
  return {
    name,
    dtype: "F32",
    shape: change.kind === "transpose" ? shape.toReversed() : shape,
    data: () => convertedPieces(file, tensor, change),
  };
}

/** Weights of one read, so that a large embedding never stands in memory whole. */
const pieceWeights = 2 ** 22;

/** The float32 bytes of a tensor, some rows at a time; all of them at once where rows change places. */
async function* convertedPieces(file: string, tensor: GgufTensor, change: Change): AsyncGenerator<Uint8Array> {
  const rowWeights = tensor.shape.at(-1) ?? 1;
  const rows = elementCount(tensor.shape) / rowWeights;
  const moves = change.kind === "unpermute" || change.kind === "transpose";
  const rowsAtOnce = moves ? rows : Math.max(1, Math.floor(pieceWeights / rowWeights));
  for (let row = 0; row < rows; row += rowsAtOnce) {
    const weights = await readRows(file, tensor, row, Math.min(rowsAtOnce, rows - row));
    yield floatsToBytes(changed(weights, rowWeights, change), "F32");
  }
}

/** Weights of `count` rows from `row` on, `[count, columns]`. */
async function readRows(file: string, tensor: GgufTensor, row: number, count: number): Promise<Float32Array> {
  const type = ggmlType(tensor.type);
  if (!type) throw new Error(`${tensor.name} cannot be read`);
  const rowBytes = ((tensor.shape.at(-1) ?? 1) / type.weights) * type.bytes;
  const place = { file, offset: tensor.offset + row * rowBytes, byteLength: count * rowBytes };
  return dequantise(await readTensorRaw({ name: tensor.name, dtype: "U8", shape: [place.byteLength], ...place }), type);
}

function changed(weights: Float32Array, columns: number, change: Change): Float32Array {
  if (change.kind === "unpermute") return unpermute(weights, columns, change.heads);
  if (change.kind === "transpose") return transpose(weights, columns);
  return change.kind === "minus-one" ? weights.map((weight) => weight - 1) : weights;
}

/**
 * Rows of a head in the file go 0, half, 1, half + 1, ...; transformers wants 0, 1, ..., half, half + 1, ...
 * `weights` is `[heads dHead, columns]`.
 */
export function unpermute(weights: Float32Array, columns: number, heads: number): Float32Array {
  const out = new Float32Array(weights.length);
  const headRows = weights.length / columns / heads;
  const half = headRows / 2;
  for (let head = 0; head < heads; head++) {
    for (let row = 0; row < headRows; row++) {
      const from = head * headRows + (row % half) * 2 + Math.floor(row / half);
      out.set(weights.subarray(from * columns, (from + 1) * columns), (head * headRows + row) * columns);
    }
  }
  return out;
}

/** `[rows, columns]` → `[columns, rows]` */
function transpose(weights: Float32Array, columns: number): Float32Array {
  const rows = weights.length / columns;
  const out = new Float32Array(weights.length);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      out[column * rows + row] = weights[row * columns + column] as number;
  return out;
}
