/**
 * The directory of a ZIP file (APPNOTE 6.3, ZIP64 included): where each member's bytes lie. NumPy's .npz and PyTorch's
 * files are ZIPs whose members are stored as they are, so that a tensor in them is a place in the file.
 */
import { type FileHandle, open } from "node:fs/promises";
import { promisify } from "node:util";
import { inflateRaw } from "node:zlib";
import { UserError } from "../core/index.ts";

export interface ZipMember {
  readonly name: string;
  readonly compressed: boolean;
  /** Of the data, in bytes. */
  readonly offset: number;
  readonly storedBytes: number;
  readonly bytes: number;
}

export interface ZipFile {
  readonly file: string;
  readonly members: ReadonlyMap<string, ZipMember>;
}

const MAX_MEMBERS = 65_535;
const MAX_DIRECTORY_BYTES = 2 ** 26;
/** Deflate makes at most 1,032 bytes of one: what says more is no honest member. */
const MAX_RATIO = 1032;
const MAX_INFLATED_BYTES = 2 ** 31;

const fault = (file: string, expected: string, got: string) =>
  new UserError(`file ${file}`, { expected, got, fix: "download or export the file again" });

export async function openZip(file: string): Promise<ZipFile> {
  const handle = await open(file, "r").catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
    throw new UserError(`file ${file}`, { expected: "a file", got: "nothing there", fix: "check the path" });
  });
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) throw fault(file, "a file", "a folder");
    const reader = readerOf(handle, file, stat.size);
    const { entries, offset, bytes } = await directoryPlace(reader, file, stat.size);
    const directory = await reader(offset, bytes);
    return { file, members: await readMembers(directory, entries, reader, file, stat.size) };
  } finally {
    await handle.close();
  }
}

/** A member's bytes, inflated where it is compressed. */
export async function readZipMember({ file }: ZipFile, member: ZipMember): Promise<Uint8Array> {
  if (member.bytes > MAX_INFLATED_BYTES) throw fault(file, "members of at most 2 GiB", `${member.bytes} bytes`);
  const handle = await open(file, "r");
  try {
    const stored = await readerOf(handle, file, (await handle.stat()).size)(member.offset, member.storedBytes);
    return member.compressed ? await inflated(file, stored, member.bytes) : stored;
  } finally {
    await handle.close();
  }
}

async function inflated(file: string, stored: Uint8Array, bytes: number): Promise<Uint8Array> {
  if (bytes > MAX_RATIO * stored.length + 64) throw fault(file, "an honest size", `${bytes} of ${stored.length} bytes`);
  const made = await promisify(inflateRaw)(stored, { maxOutputLength: Math.max(1, bytes) }).catch(() => null);
  if (made?.length !== bytes) throw fault(file, `a member of ${bytes} bytes`, "other data");
  return made;
}

type Reader = (offset: number, length: number) => Promise<Buffer>;

function readerOf(handle: FileHandle, file: string, fileBytes: number): Reader {
  return async (offset, length) => {
    if (offset < 0 || length < 0 || offset + length > fileBytes)
      throw fault(file, `${offset + length} bytes`, `${fileBytes}: it is truncated or damaged`);
    const buffer = Buffer.from(new ArrayBuffer(length));
    for (let done = 0; done < length; ) {
      const { bytesRead } = await handle.read(buffer, done, Math.min(length - done, 2 ** 30), offset + done);
      if (bytesRead === 0) throw fault(file, `${offset + length} bytes`, `an end at ${offset + done}`);
      done += bytesRead;
    }
    return buffer;
  };
}

const END_BYTES = 22;
const LOCATOR_BYTES = 20;

async function directoryPlace(read: Reader, file: string, fileBytes: number) {
  const tailBytes = Math.min(fileBytes, END_BYTES + 0xffff);
  const tail = await read(fileBytes - tailBytes, tailBytes);
  let at = tail.length - END_BYTES;
  while (at >= 0 && tail.readUInt32LE(at) !== 0x06054b50) at--;
  if (at < 0) throw fault(file, "a ZIP file", "no end record");
  let entries = tail.readUInt16LE(at + 10);
  let bytes = tail.readUInt32LE(at + 12);
  let offset = tail.readUInt32LE(at + 16);
  const locator = at - LOCATOR_BYTES;
  if (locator >= 0 && tail.readUInt32LE(locator) === 0x07064b50) {
    const record = await read(wide(file, tail, locator + 8), 56);
    if (record.readUInt32LE(0) !== 0x06064b50) throw fault(file, "a ZIP64 end record", "something else");
    entries = wide(file, record, 32);
    bytes = wide(file, record, 40);
    offset = wide(file, record, 48);
  }
  if (entries > MAX_MEMBERS || bytes > MAX_DIRECTORY_BYTES) throw fault(file, "a ZIP of few members", `${entries}`);
  return { entries, offset, bytes };
}

function wide(file: string, buffer: Buffer, at: number): number {
  const value = at + 8 <= buffer.length ? buffer.readBigUInt64LE(at) : -1n;
  if (value < 0n || value > BigInt(Number.MAX_SAFE_INTEGER)) throw fault(file, "a sound size", String(value));
  return Number(value);
}

async function readMembers(directory: Buffer, entries: number, read: Reader, file: string, fileBytes: number) {
  const members = new Map<string, ZipMember>();
  let at = 0;
  for (let i = 0; i < entries; i++) {
    if (at + 46 > directory.length || directory.readUInt32LE(at) !== 0x02014b50)
      throw fault(file, `${entries} members in the directory`, `${i}`);
    const lengths = [28, 30, 32].map((field) => directory.readUInt16LE(at + field));
    const [nameBytes = 0, extraBytes = 0, commentBytes = 0] = lengths;
    const end = at + 46 + nameBytes + extraBytes;
    if (end + commentBytes > directory.length) throw fault(file, "a whole directory", "a cut one");
    const member = await memberOf(directory.subarray(at, end), nameBytes, read, file);
    if (members.has(member.name)) throw fault(file, "every name once", `${JSON.stringify(member.name)} twice`);
    if (member.offset + member.storedBytes > fileBytes) throw fault(file, "members within the file", member.name);
    members.set(member.name, member);
    at = end + commentBytes;
  }
  return members;
}

async function memberOf(entry: Buffer, nameBytes: number, read: Reader, file: string): Promise<ZipMember> {
  const name = entry.toString("utf8", 46, 46 + nameBytes);
  const [flags, method] = [entry.readUInt16LE(8), entry.readUInt16LE(10)];
  if ((flags & 1) !== 0) throw fault(file, "no encryption", `${JSON.stringify(name)} encrypted`);
  if (method !== 0 && method !== 8) throw fault(file, "stored or deflated members", `method ${method}`);
  const sizes = zip64Sizes(entry, 46 + nameBytes, file);
  const local = await read(sizes.local, 30);
  if (local.readUInt32LE(0) !== 0x04034b50) throw fault(file, `${JSON.stringify(name)} at its place`, "other data");
  const offset = sizes.local + 30 + local.readUInt16LE(26) + local.readUInt16LE(28);
  if (method === 0 && sizes.stored !== sizes.bytes) throw fault(file, `${JSON.stringify(name)} of one size`, "two");
  return { name, compressed: method === 8, offset, storedBytes: sizes.stored, bytes: sizes.bytes };
}

/** The three numbers that may stand as 0xffffffff in the entry and then follow, in this order, in extra field 1. */
function zip64Sizes(entry: Buffer, extraAt: number, file: string) {
  let [bytes, stored, local] = [entry.readUInt32LE(24), entry.readUInt32LE(20), entry.readUInt32LE(42)];
  for (let at = extraAt; at + 4 <= entry.length; ) {
    const [id, length] = [entry.readUInt16LE(at), entry.readUInt16LE(at + 2)];
    let field = at + 4;
    const next = () => {
      field += 8;
      return wide(file, entry, field - 8);
    };
    if (id === 1) {
      if (bytes === 0xffffffff) bytes = next();
      if (stored === 0xffffffff) stored = next();
      if (local === 0xffffffff) local = next();
    }
    at += 4 + length;
  }
  return { bytes, stored, local };
}
