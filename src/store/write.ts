import { type FileHandle, mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { diskFault } from "./disk-fault.ts";
import { isAlive } from "./processes.ts";

/** Text or bytes, whole or piece by piece. */
export type Contents = string | Uint8Array | Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>;

let writes = 0;

/**
 * Writes a file so that a reader sees the old contents or the new, whole, whatever is killed when: written beside,
 * flushed, renamed. Makes the folder; a failed write leaves nothing behind. A full or unwritable disk is a `UserError`
 * that names the path and the space needed.
 */
export async function atomicWriteFile(path: string, data: Contents): Promise<void> {
  await onDisk(path, 0, mkdir(dirname(path), { recursive: true }));
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.${writes++}.tmp`);
  const file = await onDisk(path, 0, open(temporary, "wx"));
  try {
    const bytes = await writePieces(file, data, path);
    await onDisk(path, bytes, rename(temporary, path));
    await syncFolder(dirname(path));
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Writes, flushes and closes; gives the number of bytes. */
async function writePieces(file: FileHandle, data: Contents, path: string): Promise<number> {
  const pieces = typeof data === "string" || data instanceof Uint8Array ? [data] : data;
  let bytes = 0;
  try {
    for await (const piece of pieces) {
      const block = typeof piece === "string" ? Buffer.from(piece) : piece;
      bytes += block.byteLength;
      await onDisk(path, bytes, writeAll(file, block));
    }
    await onDisk(path, bytes, file.sync());
  } finally {
    await file.close();
  }
  return bytes;
}

/** What the disk refuses is told as `diskFault` says; what the source of the data throws passes as it is. */
async function onDisk<T>(path: string, bytes: number, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw diskFault(error, path, bytes);
  }
}

/** Node takes less than 2 GiB in one call, and the system may write less than it was given. */
const longestWrite = 2 ** 28;

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.byteLength; ) {
    const length = Math.min(bytes.byteLength - done, longestWrite);
    done += (await file.write(bytes, done, length, null)).bytesWritten;
  }
}

/** The rename itself reaches the disk with the folder. Windows cannot open one, and needs no such thing. */
async function syncFolder(dir: string): Promise<void> {
  if (process.platform === "win32") return;
  const folder = await open(dir, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/**
 * Appends one line (without its line break) to a file of lines, which one process at a time writes. What a killed
 * process left of an unfinished line is cut off first, and a failed write leaves the file as it was.
 */
export async function appendLine(path: string, line: string): Promise<void> {
  if (line.includes("\n")) throw new Error(`a line for ${path} holds a line break`);
  const before = turns.get(path) ?? Promise.resolve();
  const own = before.catch(() => undefined).then(() => appendInTurn(path, line));
  turns.set(path, own);
  try {
    await own;
  } finally {
    if (turns.get(path) === own) turns.delete(path);
  }
}

/** Appends of this process to one file, one after the other: a line half written would look torn to the next, and be cut off. */
const turns = new Map<string, Promise<void>>();

async function appendInTurn(path: string, line: string): Promise<void> {
  const bytes = Buffer.from(`${line}\n`);
  await onDisk(path, 0, mkdir(dirname(path), { recursive: true }));
  const file = await onDisk(path, 0, open(path, "a+"));
  try {
    await onDisk(path, bytes.length, appendWhole(file, bytes));
  } finally {
    await file.close();
  }
}

async function appendWhole(file: FileHandle, bytes: Uint8Array): Promise<void> {
  const { size } = await file.stat();
  const end = await endOfLastLine(file, size);
  if (end < size) await file.truncate(end);
  try {
    await writeAll(file, bytes);
  } catch (error) {
    if ((await file.stat()).isFile()) await file.truncate(end);
    throw error;
  }
}

/** Bytes up to and with the last line break before `size`. */
async function endOfLastLine(file: FileHandle, size: number): Promise<number> {
  const window = Buffer.alloc(Math.min(4096, size));
  for (let to = size; to > 0; ) {
    // Nearly always the very last byte is the line break, and one byte is read.
    const length = to === size ? 1 : Math.min(window.length, to);
    await file.read(window, 0, length, to - length);
    const at = window.subarray(0, length).lastIndexOf(0x0a);
    if (at >= 0) return to - length + at + 1;
    to -= length;
  }
  return 0;
}

/** Removes below `dir` what atomic writes of dead processes left; gives the paths. For whoever holds the folder. */
export async function removeLeftovers(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { withFileTypes: true, recursive: true });
  const leftovers = entries
    .filter((entry) => entry.isFile() && isLeftover(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
  await Promise.all(leftovers.map((path) => rm(path, { force: true })));
  return leftovers;
}

function isLeftover(name: string): boolean {
  const pid = /^\..+\.(\d+)\.\d+\.tmp$/.exec(name)?.[1];
  return pid !== undefined && !isAlive({ pid: Number(pid), started: null });
}
