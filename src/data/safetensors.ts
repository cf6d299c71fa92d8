import { type FileHandle, open, readdir, readFile, realpath } from "node:fs/promises";
import { basename, join } from "node:path";
import { must, UserError } from "../core/index.ts";
import { bytesToFloats, isFloatDtype } from "./dtype.ts";
import { duplicateKey } from "./json-keys.ts";
import { damaged, maxHeaderBytes, parseSafetensorsHeader, type TensorLocation } from "./safetensors-header.ts";

/** Tensors by name. */
export type TensorStore = ReadonlyMap<string, TensorLocation>;

/** Node reads at most 2 GiB - 1 byte at once. */
const readChunkBytes = 2 ** 30;

/** The tensors of one safetensors file, in file order; nothing but the header is read. `UserError` for a damaged file. */
export async function openSafetensors(file: string): Promise<TensorStore> {
  const path = await realPathOf(file);
  const handle = await open(path, "r");
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) throw damaged(path, "a file", "something else (a folder?)");
    if (stat.size < 8) throw damaged(path, "at least 8 bytes", `${stat.size}`);
    const headerBytes = Number((await readExactly(handle, path, 0, 8)).readBigUInt64LE());
    if (headerBytes > maxHeaderBytes)
      throw damaged(path, `a header of at most ${maxHeaderBytes} bytes`, `${headerBytes}`);
    const dataStart = 8 + headerBytes;
    if (dataStart > stat.size)
      throw damaged(path, `a header of ${headerBytes} bytes`, `a file of ${stat.size}: truncated`);
    const header = await readExactly(handle, path, 8, headerBytes);
    const locations = parseSafetensorsHeader(header, { file: path, dataStart, fileBytes: stat.size });
    return new Map(locations.map((location) => [location.name, location]));
  } finally {
    await handle.close();
  }
}

async function realPathOf(file: string): Promise<string> {
  try {
    return await realpath(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw new UserError(`safetensors file ${file}`, {
      expected: "a file",
      got: "nothing there",
      fix: "check the path",
    });
  }
}

async function readExactly(handle: FileHandle, path: string, offset: number, length: number): Promise<Buffer> {
  const buffer = Buffer.from(new ArrayBuffer(length));
  let done = 0;
  while (done < length) {
    const { bytesRead } = await handle.read(buffer, done, Math.min(length - done, readChunkBytes), offset + done);
    if (bytesRead === 0) throw damaged(path, `${offset + length} bytes`, `an end at ${offset + done}: it is truncated`);
    done += bytesRead;
  }
  return buffer;
}

/** The bytes of a tensor as they lie in its file, in a buffer of their own. */
export async function readTensorRaw(location: TensorLocation): Promise<Uint8Array> {
  const handle = await open(location.file, "r");
  try {
    return await readExactly(handle, location.file, location.offset, location.byteLength);
  } finally {
    await handle.close();
  }
}

/** A tensor's elements as float32, in row-major order of `shape`. Throws for integer types. */
export async function readTensor(location: TensorLocation): Promise<Float32Array> {
  if (!isFloatDtype(location.dtype)) {
    throw new UserError(`tensor ${JSON.stringify(location.name)} of ${location.file}`, {
      expected: "F32, F16, BF16 or F64",
      got: location.dtype,
      fix: "export the weights in one of these",
    });
  }
  return bytesToFloats(await readTensorRaw(location), location.dtype);
}

const indexName = "model.safetensors.index.json";

/** The tensors of a model folder: `model.safetensors`, or the shards that `model.safetensors.index.json` lists. */
export async function openCheckpoint(folder: string): Promise<TensorStore> {
  const names = await listFolder(folder);
  if (names.includes(indexName)) return openShards(folder);
  if (names.includes("model.safetensors")) return openSafetensors(join(folder, "model.safetensors"));
  const pickles = names.filter((name) => /\.(bin|pt|pth|ckpt)$/.test(name));
  throw new UserError(`model folder ${folder}`, {
    expected: `model.safetensors or ${indexName}`,
    got: pickles.length > 0 ? `${pickles[0]}, a pickle file, which may run code and is never read` : "neither",
    fix: "save the model as safetensors (in Python: model.save_pretrained(folder, safe_serialization=True))",
  });
}

async function listFolder(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== "ENOENT" && code !== "ENOTDIR") throw error;
    const got = code === "ENOENT" ? "nothing there" : "a file";
    throw new UserError(`model folder ${folder}`, { expected: "a folder", got, fix: "check the path" });
  }
}

async function openShards(folder: string): Promise<TensorStore> {
  const index = join(folder, indexName);
  const map = parseWeightMap(index, await readFile(index, "utf8"));
  const shards = new Map<string, TensorStore>();
  for (const shard of [...new Set(map.values())].sort()) shards.set(shard, await openSafetensors(join(folder, shard)));
  const store = new Map<string, TensorLocation>();
  for (const [name, shard] of map) {
    const location = must(shards.get(shard), shard).get(name);
    if (!location) throw indexFault(index, `${JSON.stringify(name)} in ${shard}`, "no such tensor there");
    store.set(name, location);
  }
  for (const [shard, tensors] of shards) {
    const stray = [...tensors.keys()].find((name) => map.get(name) !== shard);
    if (stray !== undefined)
      throw indexFault(index, `all tensors of ${shard}`, `no entry for ${JSON.stringify(stray)}`);
  }
  return store;
}

function parseWeightMap(index: string, text: string): Map<string, string> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw indexFault(index, "JSON", "something else");
  }
  const twice = duplicateKey(text);
  if (twice !== null) throw indexFault(index, "every name once", `${JSON.stringify(twice)} twice`);
  const weightMap = (parsed as { weight_map?: unknown } | null)?.weight_map;
  if (typeof weightMap !== "object" || weightMap === null) throw indexFault(index, "a weight_map", "none");
  const entries = Object.entries(weightMap as Record<string, unknown>);
  for (const [name, shard] of entries) {
    if (typeof shard !== "string" || basename(shard) !== shard || !/^[^\\/:]+\.safetensors$/.test(shard)) {
      throw indexFault(index, `a file name of this folder for ${JSON.stringify(name)}`, `${JSON.stringify(shard)}`);
    }
  }
  return new Map(entries as [string, string][]);
}

function indexFault(index: string, expected: string, got: string): UserError {
  return new UserError(`shard index ${index}`, { expected, got, fix: "download or export the model again" });
}
