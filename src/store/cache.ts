import { existsSync, mkdirSync } from "node:fs";
import { readdir, rm, stat, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { UserError } from "../core/index.ts";

/** Marks a folder as a cache (Cache Directory Tagging Specification): back-ups skip it, and we may empty it. */
const tagName = "CACHEDIR.TAG";
const tag = "Signature: 8a477f597d28d172789f06886806bc55\n# Made by penumbra; `penumbra cache purge` empties it.\n";

interface Place {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  readonly home: string;
}

const here = (): Place => ({ env: process.env, platform: process.platform, home: homedir() });

/** Where all caches are: `$PENUMBRA_CACHE`, else the system's place for caches. Makes nothing. */
export function cacheFolder({ env, platform, home }: Place = here()): string {
  if (env.PENUMBRA_CACHE) return env.PENUMBRA_CACHE;
  if (env.XDG_CACHE_HOME) return join(env.XDG_CACHE_HOME, "penumbra");
  if (platform === "win32" && env.LOCALAPPDATA) return join(env.LOCALAPPDATA, "penumbra", "cache");
  return join(home, ".cache", "penumbra");
}

/**
 * Where records stay that no run could make again, such as what forecasts were worth: `$PENUMBRA_STATE`, else the
 * system's place for state (XDG Base Directory Specification). Emptying the caches leaves it alone.
 */
export function stateFolder({ env, platform, home }: Place = here()): string {
  if (env.PENUMBRA_STATE) return env.PENUMBRA_STATE;
  if (env.XDG_STATE_HOME) return join(env.XDG_STATE_HOME, "penumbra");
  if (platform === "win32" && env.LOCALAPPDATA) return join(env.LOCALAPPDATA, "penumbra", "state");
  return join(home, ".local", "state", "penumbra");
}

/** Makes and gives one cache's folder, for example `cacheSubfolder("gguf")`. */
export async function cacheSubfolder(name: string): Promise<string> {
  const root = cacheFolder();
  mkdirSync(join(root, name), { recursive: true });
  if (!existsSync(join(root, tagName))) await writeFile(join(root, tagName), tag);
  return join(root, name);
}

/** One entry of one cache. */
export interface CacheEntry {
  /** `<cache>/<entry>`. */
  readonly name: string;
  readonly path: string;
  readonly files: number;
  readonly bytes: number;
}

/** What the caches hold, sorted by name. */
export async function listCache(): Promise<CacheEntry[]> {
  const root = cacheFolder();
  const entries: CacheEntry[] = [];
  for (const cache of await foldersOf(root)) {
    for (const entry of await readdir(join(root, cache))) {
      const path = join(root, cache, entry);
      entries.push({ name: `${cache}/${entry}`, path, ...(await sizeOf(path)) });
    }
  }
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function foldersOf(root: string): Promise<string[]> {
  if (!existsSync(root)) return [];
  return (await readdir(root, { withFileTypes: true })).filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

async function sizeOf(path: string): Promise<{ files: number; bytes: number }> {
  const whole = await stat(path);
  if (!whole.isDirectory()) return { files: 1, bytes: whole.size };
  const entries = await readdir(path, { withFileTypes: true, recursive: true });
  const sizes = await Promise.all(
    entries.filter((entry) => entry.isFile()).map(async (file) => (await stat(join(file.parentPath, file.name))).size),
  );
  return { files: sizes.length, bytes: sizes.reduce((sum, size) => sum + size, 0) };
}

/**
 * Empties the caches, or the one called `cache`; gives what it removed. Refuses a folder that we did not mark as a
 * cache, so that a mistyped `PENUMBRA_CACHE` costs nobody their files.
 */
export async function purgeCache(cache?: string): Promise<CacheEntry[]> {
  const root = cacheFolder();
  const entries = (await listCache()).filter(({ name }) => cache === undefined || name.startsWith(`${cache}/`));
  if (entries.length === 0) return [];
  if (!existsSync(join(root, tagName))) {
    throw new UserError(root, {
      expected: `a cache folder that penumbra made (with a ${tagName})`,
      got: "a folder without it",
      fix: "check PENUMBRA_CACHE, or empty the folder by hand",
    });
  }
  for (const { path } of entries) await rm(path, { recursive: true, force: true });
  return entries;
}
