import { elementCount } from "../core/index.ts";
import { atomicWriteFile } from "../store/index.ts";
import { dtypeBytes, type SafetensorsDtype } from "./dtype.ts";

export interface TensorToWrite {
  readonly name: string;
  readonly dtype: SafetensorsDtype;
  readonly shape: readonly number[];
  /** Little-endian bytes, or a function that makes them, whole or in pieces, when their turn has come. */
  readonly data: Uint8Array | (() => Promise<Uint8Array> | AsyncIterable<Uint8Array>);
}

/**
 * Writes a safetensors file atomically, so that nobody sees half of it. One tensor at a time is in memory
 * where `data` is a function. Widest dtype first, then by name; so the same tensors in any order give the same bytes.
 */
export async function writeSafetensors(
  file: string,
  tensors: Iterable<TensorToWrite>,
  metadata?: Readonly<Record<string, string>>,
): Promise<void> {
  const sorted = [...tensors].sort(byDtypeThenName);
  await atomicWriteFile(file, pieces(sorted, headerOf(sorted, metadata)));
}

async function* pieces(sorted: readonly TensorToWrite[], header: Buffer): AsyncGenerator<Uint8Array> {
  yield header;
  for (const tensor of sorted) {
    let bytes = 0;
    for await (const piece of piecesOf(tensor.data)) {
      bytes += piece.byteLength;
      yield piece;
    }
    if (bytes !== bytesOf(tensor)) throw new Error(`${tensor.name}: ${bytesOf(tensor)} bytes expected, got ${bytes}`);
  }
}

async function* piecesOf(data: TensorToWrite["data"]): AsyncGenerator<Uint8Array> {
  const made = typeof data === "function" ? data() : data;
  if (Symbol.asyncIterator in made) yield* made;
  else yield await made;
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
