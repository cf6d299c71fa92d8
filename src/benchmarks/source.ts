/** A benchmark's file as the user has it: its hash, its licence, and how much of it is there. */
import { readdir, readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { UserError } from "../core/index.ts";
import { hashBytes } from "../store/index.ts";

export interface Source {
  readonly file: string;
  readonly sha256: string;
  readonly bytes: number;
  /** What the authors state, and the licence file beside the data, where there is one. */
  readonly licence: {
    readonly stated: string;
    readonly beside: { readonly file: string; readonly sha256: string; readonly firstLine: string } | null;
  };
  readonly rows: number;
  /** Rows of the published file; null where it comes in parts of many sizes. */
  readonly published: readonly number[] | null;
}

/** Larger than any of the published files by far. */
const LARGEST = 64 * 1024 * 1024;

export async function readSource(
  path: string,
  expected = "a benchmark's file",
): Promise<{ readonly text: string; readonly sha256: string; readonly bytes: number }> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT" && error.code !== "EISDIR") throw error;
    const got = error.code === "ENOENT" ? "no such file" : "a folder";
    throw new UserError(path, { expected, got, fix: "give the path of your copy" });
  });
  const wrong = (expected: string, got: string) =>
    new UserError(path, { expected, got, fix: "give the file as its authors publish it" });
  if (bytes.length > LARGEST) throw wrong("at most 64 MB", `${bytes.length} bytes`);
  try {
    return {
      text: new TextDecoder("utf-8", { fatal: true }).decode(bytes),
      sha256: hashBytes(bytes),
      bytes: bytes.length,
    };
  } catch {
    throw wrong("UTF-8 text", "other bytes");
  }
}

export async function licenceBeside(path: string): Promise<Source["licence"]["beside"]> {
  const folder = dirname(path);
  const name = (await readdir(folder).catch(() => []))
    .sort()
    .find((file) => /^(LICEN[CS]E|COPYING)(\.(md|txt))?$/i.test(file));
  if (name === undefined) return null;
  const bytes = await readFile(join(folder, name));
  const firstLine =
    bytes
      .toString("utf8")
      .split("\n")
      .map((line) => line.trim())
      .find((line) => line !== "") ?? "";
  return { file: name, sha256: hashBytes(bytes), firstLine: firstLine.slice(0, 200) };
}

/** A file with fewer or more rows than any published version is refused, unless the user says that it is a part. */
export function checkRows(path: string, rows: number, published: readonly number[] | null, partial: boolean): void {
  if (rows === 0)
    throw new UserError(path, { expected: "rows", got: "none", fix: "give the file as its authors publish it" });
  if (partial || published === null || published.includes(rows)) return;
  throw new UserError(path, {
    expected: `${published.join(" or ")} rows, as published`,
    got: `${rows}`,
    fix: "get the whole file, or add --partial if it is a part on purpose",
  });
}

export const nameOf = (path: string) => basename(path);
