import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { UserError } from "../core/index.ts";
import { cacheFolder, cacheSubfolder, listCache, purgeCache, stateFolder } from "./cache.ts";

let dir = "";
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "penumbra-cache-"));
  vi.stubEnv("PENUMBRA_CACHE", join(dir, "cache"));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(dir, { recursive: true });
});

describe("cacheFolder", () => {
  const linux = { platform: "linux", home: "/home/ada" } as const;

  it("follows PENUMBRA_CACHE, then the system's custom", () => {
    const xdg = { XDG_CACHE_HOME: "/caches" };
    expect(cacheFolder({ ...linux, env: { ...xdg, PENUMBRA_CACHE: "/mine" } })).toBe("/mine");
    expect(cacheFolder({ ...linux, env: xdg })).toBe(join("/caches", "penumbra"));
    expect(cacheFolder({ ...linux, env: {} })).toBe(join("/home/ada", ".cache", "penumbra"));
    const windows = { env: { LOCALAPPDATA: "L" }, platform: "win32", home: "H" } as const;
    expect(cacheFolder(windows)).toBe(join("L", "penumbra", "cache"));
  });

  it("is never where the state lies", () => {
    const xdg = { XDG_STATE_HOME: "/states", PENUMBRA_CACHE: "/mine" };
    expect(stateFolder({ ...linux, env: { ...xdg, PENUMBRA_STATE: "/kept" } })).toBe("/kept");
    expect(stateFolder({ ...linux, env: xdg })).toBe(join("/states", "penumbra"));
    expect(stateFolder({ ...linux, env: {} })).toBe(join("/home/ada", ".local", "state", "penumbra"));
    const windows = { env: { LOCALAPPDATA: "L" }, platform: "win32", home: "H" } as const;
    expect(stateFolder(windows)).toBe(join("L", "penumbra", "state"));
  });
});

describe("the caches", () => {
  it("are listed with their sizes and emptied, all or one", async () => {
    expect(await listCache()).toEqual([]);
    const gguf = await cacheSubfolder("gguf");
    mkdirSync(join(gguf, "abc"));
    writeFileSync(join(gguf, "abc", "weights"), "12345");
    writeFileSync(join(gguf, "abc", "index"), "12");
    writeFileSync(join(await cacheSubfolder("base"), "one"), "1");
    const found = await listCache();
    expect(found.map(({ name, files, bytes }) => [name, files, bytes])).toEqual([
      ["base/one", 1, 1],
      ["gguf/abc", 2, 7],
    ]);
    expect((await purgeCache("gguf")).map(({ name }) => name)).toEqual(["gguf/abc"]);
    expect((await listCache()).map(({ name }) => name)).toEqual(["base/one"]);
    await purgeCache();
    expect(await listCache()).toEqual([]);
    expect(await purgeCache()).toEqual([]);
  });

  it("are not emptied where the folder is not ours", async () => {
    mkdirSync(join(dir, "cache", "letters"), { recursive: true });
    writeFileSync(join(dir, "cache", "letters", "dear.txt"), "x");
    await expect(purgeCache()).rejects.toBeInstanceOf(UserError);
    expect(existsSync(join(dir, "cache", "letters", "dear.txt"))).toBe(true);
  });
});
