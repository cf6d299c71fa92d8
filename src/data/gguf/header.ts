import { open } from "node:fs/promises";
import { elementCount, UserError } from "../../core/index.ts";
import { ggmlType } from "./types.ts";

/** A metadata value. 64-bit integers are bigints where they exceed 2^53. */
export type GgufValue = number | bigint | boolean | string | readonly GgufValue[];

/** One tensor as the header lists it. */
export interface GgufTensor {
  readonly name: string;
  /** Row-major, as PyTorch has it: the file lists dimensions the other way round. */
  readonly shape: readonly number[];
  /** Number of the ggml type. */
  readonly type: number;
  /** Absolute, in bytes. */
  readonly offset: number;
  /** Null where the type cannot be read. */
  readonly byteLength: number | null;
}

export interface GgufHeader {
  readonly version: number;
  readonly metadata: ReadonlyMap<string, GgufValue>;
  readonly tensors: readonly GgufTensor[];
}

/** Far above any real file; hostile counts stop here, long before memory does. */
const caps = { entries: 1_000_000, arrayItems: 10_000_000, stringBytes: 10_000_000, nesting: 4, headerBytes: 2 ** 29 };

/** Reads the header of a GGUF file (versions 2 and 3, little-endian). `UserError` for a damaged file. */
export async function readGgufHeader(file: string): Promise<GgufHeader> {
  const handle = await open(file, "r").catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
    throw new UserError(`GGUF file ${file}`, { expected: "a file", got: "nothing there", fix: "check the path" });
  });
  try {
    const { size } = await handle.stat();
    for (let length = Math.min(size, 2 ** 24); ; length = Math.min(size, length * 4)) {
      const bytes = Buffer.alloc(length);
      const { bytesRead } = await handle.read(bytes, 0, length, 0);
      const header = parseGgufHeader(bytes.subarray(0, bytesRead), { file, fileBytes: size });
      if (header !== "more") return header;
    }
  } finally {
    await handle.close();
  }
}

class NeedsMore extends Error {}

/** Parses a header from the first bytes of a file; `"more"` where the file goes on and they do not suffice. */
export function parseGgufHeader(
  bytes: Uint8Array,
  { file, fileBytes }: { file: string; fileBytes: number },
): GgufHeader | "more" {
  const cursor = new Cursor(bytes, file, fileBytes);
  try {
    return parseHeader(cursor);
  } catch (error) {
    if (!(error instanceof NeedsMore)) throw error;
    if (bytes.length >= fileBytes) throw cursor.damaged("a whole header", `an end at byte ${fileBytes}: truncated`);
    if (bytes.length >= caps.headerBytes) throw cursor.damaged(`a header below ${caps.headerBytes} bytes`, "more");
    return "more";
  }
}

function parseHeader(cursor: Cursor): GgufHeader {
  if (cursor.u32() !== 0x46554747) throw cursor.damaged('"GGUF" at its start', "another kind of file");
  const version = cursor.u32();
  if ((version & 0xffff) === 0) throw cursor.damaged("a little-endian file", "a big-endian one");
  if (version !== 2 && version !== 3) throw cursor.damaged("version 2 or 3", `${version}`);
  const tensorCount = cursor.count("tensors", caps.entries, 24);
  const entryCount = cursor.count("metadata entries", caps.entries, 13);
  const metadata = new Map<string, GgufValue>();
  for (let i = 0; i < entryCount; i++) {
    const key = cursor.string();
    if (metadata.has(key)) throw cursor.damaged("every key once", `${JSON.stringify(key)} twice`);
    metadata.set(key, cursor.value(cursor.u32(), 0));
  }
  const listed = Array.from({ length: tensorCount }, () => readTensorInfo(cursor));
  const tensors = placeTensors(listed, alignmentOf(metadata, cursor), cursor);
  return { version, metadata, tensors };
}

interface ListedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: number;
  readonly offset: number;
}

function readTensorInfo(cursor: Cursor): ListedTensor {
  const name = cursor.string();
  const dims = cursor.u32();
  if (dims > 4) throw cursor.damaged(`${JSON.stringify(name)} with at most 4 dimensions`, `${dims}`);
  const shape = Array.from({ length: dims }, () => cursor.size(`dimension of ${JSON.stringify(name)}`)).reverse();
  return { name, shape, type: cursor.u32(), offset: cursor.size(`offset of ${JSON.stringify(name)}`) };
}

function alignmentOf(metadata: ReadonlyMap<string, GgufValue>, cursor: Cursor): number {
  const alignment = metadata.get("general.alignment") ?? 32;
  const sound = typeof alignment === "number" && alignment >= 1 && alignment <= 2 ** 20;
  if (sound && (alignment & (alignment - 1)) === 0) return alignment;
  throw cursor.damaged("a power of two as general.alignment", `${alignment}`);
}

function placeTensors(listed: readonly ListedTensor[], alignment: number, cursor: Cursor): GgufTensor[] {
  const dataStart = Math.ceil(cursor.at / alignment) * alignment;
  const tensors = listed.map((tensor) => placeTensor(tensor, dataStart, cursor));
  const names = new Set<string>();
  let end = dataStart;
  for (const { name, offset, byteLength } of [...tensors].sort((a, b) => a.offset - b.offset)) {
    if (names.has(name)) throw cursor.damaged("every tensor once", `${JSON.stringify(name)} twice`);
    names.add(name);
    if (offset < end) throw cursor.damaged("tensors that do not overlap", `${JSON.stringify(name)} in another`);
    if (offset % alignment !== 0)
      throw cursor.damaged(`offsets by ${alignment}`, `${JSON.stringify(name)} at ${offset}`);
    end = offset + (byteLength ?? 0);
    if (end > cursor.fileBytes) {
      throw cursor.damaged(`${end} bytes (${JSON.stringify(name)} ends there)`, `${cursor.fileBytes}: truncated`);
    }
  }
  return tensors;
}

function placeTensor({ name, shape, type, offset }: ListedTensor, dataStart: number, cursor: Cursor): GgufTensor {
  const layout = ggmlType(type);
  const count = elementCount(shape);
  if (!Number.isSafeInteger(count)) throw cursor.damaged(`${JSON.stringify(name)} below 2^53 weights`, `${shape}`);
  const row = shape.at(-1) ?? 1;
  if (layout && row % layout.weights !== 0) {
    throw cursor.damaged(`rows of ${layout.name} in blocks of ${layout.weights}`, `${JSON.stringify(name)} [${shape}]`);
  }
  const byteLength = layout && (count / layout.weights) * layout.bytes;
  return { name, shape, type, offset: dataStart + offset, byteLength };
}

/** Reads little-endian values one after the other; running out of bytes throws `NeedsMore`. */
class Cursor {
  at = 0;
  readonly fileBytes: number;
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  private readonly file: string;
  private readonly decoder = new TextDecoder("utf-8", { ignoreBOM: true });

  constructor(bytes: Uint8Array, file: string, fileBytes: number) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.file = file;
    this.fileBytes = fileBytes;
  }

  damaged(expected: string, got: string): UserError {
    return new UserError(`GGUF file ${this.file}`, { expected, got, fix: "download or export the file again" });
  }

  private take(length: number): number {
    const from = this.at;
    if (from + length > this.bytes.length) throw new NeedsMore();
    this.at = from + length;
    return from;
  }

  u32(): number {
    return this.view.getUint32(this.take(4), true);
  }

  /** An unsigned 64-bit number that must be exact in a double. */
  size(what: string): number {
    const value = this.view.getBigUint64(this.take(8), true);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw this.damaged(`a sane ${what}`, `${value}`);
    return Number(value);
  }

  /** A number of things of at least `minBytes` each: no more than the cap, and no more than the file can hold. */
  count(what: string, cap: number, minBytes: number): number {
    const count = this.size(`number of ${what}`);
    const room = Math.floor((this.fileBytes - this.at) / minBytes);
    if (count > Math.min(cap, room)) throw this.damaged(`at most ${Math.min(cap, room)} ${what}`, `${count}`);
    return count;
  }

  string(): string {
    const length = this.count("bytes of a string", caps.stringBytes, 1);
    const from = this.take(length);
    return this.decoder.decode(this.bytes.subarray(from, from + length));
  }

  value(type: number, depth: number): GgufValue {
    if (type === 8) return this.string();
    if (type === 9) return this.array(depth);
    const scalar = scalars[type];
    if (!scalar) throw this.damaged("a known type of metadata", `number ${type}`);
    const value = scalar.read(this.view, this.take(scalar.bytes));
    return typeof value === "bigint" && Number.isSafeInteger(Number(value)) ? Number(value) : value;
  }

  private array(depth: number): GgufValue[] {
    if (depth >= caps.nesting) throw this.damaged(`arrays nested at most ${caps.nesting} deep`, "more");
    const type = this.u32();
    const minBytes = type === 8 ? 8 : type === 9 ? 12 : (scalars[type]?.bytes ?? 1);
    const count = this.count("array items", caps.arrayItems, minBytes);
    const items: GgufValue[] = [];
    for (let i = 0; i < count; i++) items.push(this.value(type, depth + 1));
    return items;
  }
}

interface Scalar {
  readonly bytes: number;
  readonly read: (view: DataView, at: number) => number | bigint | boolean;
}

/** The metadata types that are neither strings (8) nor arrays (9). */
const scalars: Readonly<Record<number, Scalar>> = {
  0: { bytes: 1, read: (view, at) => view.getUint8(at) },
  1: { bytes: 1, read: (view, at) => view.getInt8(at) },
  2: { bytes: 2, read: (view, at) => view.getUint16(at, true) },
  3: { bytes: 2, read: (view, at) => view.getInt16(at, true) },
  4: { bytes: 4, read: (view, at) => view.getUint32(at, true) },
  5: { bytes: 4, read: (view, at) => view.getInt32(at, true) },
  6: { bytes: 4, read: (view, at) => view.getFloat32(at, true) },
  7: { bytes: 1, read: (view, at) => view.getUint8(at) !== 0 },
  10: { bytes: 8, read: (view, at) => view.getBigUint64(at, true) },
  11: { bytes: 8, read: (view, at) => view.getBigInt64(at, true) },
  12: { bytes: 8, read: (view, at) => view.getFloat64(at, true) },
};
