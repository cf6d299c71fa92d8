import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { FencedError } from "../state/index.ts";
import { dataFolderOf, layDataFile, removeDataFiles, removeOthers, runFolderOf, takeFolder } from "./folders.ts";

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

it("leaves a successor its files where the attempt before ends after they were laid", async () => {
  const blob = join(data, "blob");
  writeFileSync(blob, "rows");
  const [first, fourth] = [1, 4].map((fence) => ({ jobId: "ftjob-a", fence }) as const);
  if (!first || !fourth) throw new Error("two leases");
  await takeFolder(data, "ftjob-a", 1);
  const before = await layDataFile(data, first, "file-x", blob);
  await takeFolder(data, "ftjob-a", 4);
  expect(existsSync(before), "what is left of a process that was killed").toBe(false);
  await layDataFile(data, first, "file-x", blob);
  const after = await layDataFile(data, fourth, "file-x", blob);
  await removeDataFiles(data, first);
  expect([existsSync(join(data, dataFolderOf(first))), readFileSync(after, "utf8")]).toEqual([false, "rows"]);
  await removeOthers(data, "ftjob-a", 4);
  expect(existsSync(after)).toBe(true);
  await removeOthers(data, "ftjob-a", Number.POSITIVE_INFINITY);
  expect(existsSync(after)).toBe(false);
});
