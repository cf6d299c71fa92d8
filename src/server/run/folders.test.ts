import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { FencedError } from "../state/index.ts";
import { runFolderOf, takeFolder } from "./folders.ts";

let data = "";
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), "penumbra-folders-"));
});
afterEach(() => rmSync(data, { recursive: true }));

it("hands what was done to the next fence, and takes it from the one before", async () => {
  const first = await takeFolder(data, "ftjob-a", 1);
  mkdirSync(join(first, ".lock"));
  writeFileSync(join(first, "done"), "1");
  const third = await takeFolder(data, "ftjob-a", 3);
  expect(third).toBe(join(data, runFolderOf("ftjob-a", 3)));
  expect(readFileSync(join(third, "done"), "utf8")).toBe("1");
  expect([existsSync(first), existsSync(join(third, ".lock"))]).toEqual([false, false]);
});

it("refuses who comes with a lower fence, and clears what such a one wrote beside", async () => {
  const third = await takeFolder(data, "ftjob-a", 3);
  await expect(takeFolder(data, "ftjob-a", 2)).rejects.toThrow(FencedError);
  expect(existsSync(third)).toBe(true);
  mkdirSync(join(data, runFolderOf("ftjob-a", 2)));
  const fourth = await takeFolder(data, "ftjob-a", 4);
  expect([existsSync(fourth), existsSync(third), existsSync(join(data, runFolderOf("ftjob-a", 2)))]).toEqual([
    true,
    false,
    false,
  ]);
});
