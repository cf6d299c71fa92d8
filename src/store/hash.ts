import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";

/** sha256 in hex, 64 digits. */
export function hashBytes(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

/** sha256 of a value as canonical JSON: the order of keys does not matter, that of array items does. */
export function hashJson(value: unknown): string {
  return hashBytes(canonicalJson(value));
}

/**
 * JSON with sorted keys and no white space. Keys whose value is undefined are left out, as JSON does; whatever else
 * JSON would change on its way (NaN, functions, dates, typed arrays) throws, since two of them could hash the same.
 */
export function canonicalJson(value: unknown): string {
  return canonical(value, "value");
}

function canonical(value: unknown, path: string): string {
  if (value === null || typeof value === "boolean" || typeof value === "string") return JSON.stringify(value);
  if (typeof value === "number" && Number.isFinite(value)) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item, i) => canonical(item, `${path}[${i}]`)).join(",")}]`;
  if (!isPlainObject(value)) throw new Error(`${path} is no JSON value: ${String(value)}`);
  const fields = Object.keys(value)
    .filter((key) => value[key] !== undefined)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonical(value[key], `${path}.${key}`)}`);
  return `{${fields.join(",")}}`;
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

const known = new Map<string, string>();
/** A file changed so lately could change again within the clock's tick and show the same times. */
const settledMs = 2000;

/**
 * sha256 of a file, read as a stream. A file is read once per process for each state it is in, where the state is
 * what the file system says: inode, size, time of change (which nobody can set back).
 */
export async function hashFile(path: string): Promise<string> {
  const { dev, ino, size, mtimeNs, ctimeNs, ctimeMs } = await stat(path, { bigint: true });
  const state = [path, dev, ino, size, mtimeNs, ctimeNs].join("|");
  const before = known.get(state);
  if (before !== undefined) return before;
  const hash = await hashContents(path);
  if (Date.now() - Number(ctimeMs) > settledMs) known.set(state, hash);
  return hash;
}

/** sha256 of what the file holds now, whatever was read of it before: for whoever doubts it. */
export async function hashContents(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk);
  return hash.digest("hex");
}
