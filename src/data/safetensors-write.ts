import { type FileHandle, mkdir, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { elementCount, UserError } from "../core/index.ts";
import { dtypeBytes, type SafetensorsDtype } from "./dtype.ts";

export interface TensorToWrite {
  readonly name: string;
  readonly dtype: SafetensorsDtype;
  readonly shape: readonly number[];
  /** Little-endian bytes, or a function that makes them when their turn has come. */
  readonly data: Uint8Array | (() => Promise<Uint8Array>);
}

/**
 * Writes a safetensors file: beside, fsync, rename, so that nobody sees half of it. One tensor at a time is in memory
 * where `data` is a function. Widest dtype first, then by name; so the same tensors in any order give the same bytes.
 */
export async function writeSafetensors(
  file: string,
  tensors: Iterable<TensorToWrite>,
  metadata?: Readonly<Record<string, string>>,
): Promise<void> {
  const sorted = [...tensors].sort(byDtypeThenName);
  const header = headerOf(sorted, metadata);
  await writeBeside(file, async (handle) => {
    await writeAll(handle, header);
    for (const tensor of sorted) {
      const data = typeof tensor.data === "function" ? await tensor.data() : tensor.data;
      if (data.byteLength !== bytesOf(tensor)) {
        throw new Error(`${tensor.name}: ${bytesOf(tensor)} bytes expected, got ${data.byteLength}`);
      }
      await writeAll(handle, data);
    }
  });
}

const dtypeRank = new Map(Object.keys(dtypeBytes).map((dtype, rank) => [dtype, rank]));

function byDtypeThenName(a: TensorToWrite, b: TensorToWrite): number {
  const rank = (dtypeRank.get(b.dtype) ?? 0) - (dtypeRank.get(a.dtype) ?? 0);
  return rank || (a.name < b.name ? -1 : 1);
}

function bytesOf({ shape, dtype }: TensorToWrite): number {
  return elementCount(shape) * dtypeBytes[dtype];
}

/** Length and JSON, filled up with spaces so that the data starts at a multiple of 8 bytes. */
function headerOf(sorted: readonly TensorToWrite[], metadata?: Readonly<Record<string, string>>): Buffer {
  const entries = new Map<string, unknown>();
  if (metadata) entries.set("__metadata__", metadata);
  let at = 0;
  for (const tensor of sorted) {
    if (entries.has(tensor.name) || tensor.name === "__metadata__") throw new Error(`tensor ${tensor.name} twice`);
    const end = at + bytesOf(tensor);
    entries.set(tensor.name, { dtype: tensor.dtype, shape: tensor.shape, data_offsets: [at, end] });
    at = end;
  }
  // Not an object literal: a tensor called "1" would move to the front of it.
  const json = `{${[...entries].map(([name, entry]) => `${JSON.stringify(name)}:${JSON.stringify(entry)}`).join(",")}}`;
  const bytes = Buffer.from(json);
  const padded = Math.ceil(bytes.length / 8) * 8;
  const out = Buffer.alloc(8 + padded, " ");
  out.writeBigUInt64LE(BigInt(padded));
  bytes.copy(out, 8);
  return out;
}

async function writeAll(handle: FileHandle, data: Uint8Array): Promise<void> {
  const chunkBytes = 2 ** 30;
  for (let at = 0; at < data.byteLength; ) {
    const { bytesWritten } = await handle.write(data, at, Math.min(chunkBytes, data.byteLength - at));
    at += bytesWritten;
  }
}

let written = 0;

/** Lets `write` fill a file beside `file`, then puts it in its place; on any error `file` stays as it was. */
export async function writeBeside(file: string, write: (handle: FileHandle) => Promise<void>): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const beside = `${file}.${process.pid}.${written++}.tmp`;
  try {
    const handle = await open(beside, "w");
    try {
      await write(handle);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(beside, file);
  } catch (error) {
    await rm(beside, { force: true });
    throw diskFull(file, error) ?? error;
  }
}

function diskFull(file: string, error: unknown): UserError | null {
  const code = (error as NodeJS.ErrnoException).code;
  if (code !== "ENOSPC" && code !== "EDQUOT") return null;
  return new UserError(`writing ${file}`, { expected: "room on the disk", got: `${code}`, fix: "free some space" });
}
