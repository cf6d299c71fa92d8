import { lstat, readdir } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { UserError } from "../../core/index.ts";
import { hashContents } from "../../store/index.ts";

export const ATTESTATION = "attestation.json";

/** Every file of a run folder with its hash, by path with `/`; locks, temporary files and the attestation are left out. */
export async function hashesOf(folder: string): Promise<Record<string, string>> {
  const found = await lstat(folder).catch(() => null);
  if (!found?.isDirectory())
    throw new UserError(folder, {
      expected: "a run folder",
      got: found ? "a file" : "no such folder",
      fix: "give the folder of a run",
    });
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const hashes: Record<string, string> = {};
  for (const entry of entries) {
    const path = relative(folder, join(entry.parentPath, entry.name)).split(sep).join("/");
    if (entry.isDirectory() || isPassing(path)) continue;
    // A link shows what lies elsewhere, which nobody has vouched for.
    if (!entry.isFile())
      throw new UserError(join(folder, path), {
        expected: "files alone in a run folder",
        got: "a link or a device",
        fix: "replace it by the file itself",
      });
    hashes[path] = await hashContents(join(folder, path));
  }
  return Object.fromEntries(Object.entries(hashes).sort(([a], [b]) => (a < b ? -1 : 1)));
}

const isPassing = (path: string) =>
  path === ATTESTATION || path.startsWith(".lock/") || /(^|\/)\.[^/]+\.\d+\.\d+\.tmp$/.test(path);
