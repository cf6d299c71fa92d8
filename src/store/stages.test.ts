import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { codeVersion, versionOf } from "./code-version.ts";
import { hashBytes } from "./hash.ts";
import { outputHash, runStage, type Stage, stageKey } from "./stages.ts";

const root = mkdtempSync(join(tmpdir(), "penumbra-stages-"));
let folder = "";
let computed = 0;
beforeEach(() => {
  folder = mkdtempSync(join(root, "run-"));
  computed = 0;
});
afterAll(() => rmSync(root, { recursive: true }));

const train: Stage = { name: "train", inputs: { rank: 8, data: "abc" }, version: "1" };
const recordPath = () => join(folder, ".stages", "train.json");

function run(stage: Stage = train, files: Record<string, string> = { "adapter/a": "weights", "log.txt": "log" }) {
  return runStage(folder, stage, async () => {
    computed++;
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(join(folder, path, ".."), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    return { outputs: [...new Set(Object.keys(files).map((path) => path.split("/")[0] ?? path))] };
  });
}

describe("runStage", () => {
  it("records every file, below folders too, and computes the same inputs once", async () => {
    const first = await run();
    expect(first.skipped).toBe(false);
    expect(first.record.outputs).toEqual({ "adapter/a": hashBytes("weights"), "log.txt": hashBytes("log") });
    expect(outputHash(first.record, "log.txt")).toBe(hashBytes("log"));
    expect(() => outputHash(first.record, "other")).toThrow("missing output other");
    const again = await run({ ...train, inputs: { data: "abc", rank: 8 } });
    expect(again).toEqual({ skipped: true, record: first.record });
    expect(computed).toBe(1);
  });

  it.each<[string, Stage]>([
    ["input", { ...train, inputs: { rank: 9, data: "abc" } }],
    ["code", { ...train, version: "2" }],
  ])("computes again after a changed %s", async (_, changed) => {
    await run();
    expect((await run(changed)).skipped).toBe(false);
    expect((await run(changed)).skipped).toBe(true);
    expect((await run(train)).skipped).toBe(false);
  });

  it.each<[string, () => void]>([
    ["an output of another content", () => writeFileSync(join(folder, "log.txt"), "lag")],
    ["a missing output", () => rmSync(join(folder, "adapter", "a"))],
    ["a missing record", () => rmSync(recordPath())],
    ["a record cut short", () => writeFileSync(recordPath(), readFileSync(recordPath(), "utf8").slice(0, 60))],
    ["a record of another schema", () => writeFileSync(recordPath(), "{}")],
  ])("computes again after %s", async (_, spoil) => {
    await run();
    spoil();
    expect((await run()).skipped).toBe(false);
    expect(readFileSync(join(folder, "log.txt"), "utf8")).toBe("log");
  });

  it("does not compute again where only a file's time has changed", async () => {
    await run();
    utimesSync(join(folder, "log.txt"), 1, 1);
    expect((await run()).skipped).toBe(true);
  });

  it("removes what the stage made before and no more, unless it was changed since", async () => {
    await run(train, { "old.txt": "1", "edited.txt": "1", "kept.txt": "1" });
    writeFileSync(join(folder, "edited.txt"), "by hand");
    await run({ ...train, version: "2" }, { "kept.txt": "2" });
    expect(existsSync(join(folder, "old.txt"))).toBe(false);
    expect(readFileSync(join(folder, "edited.txt"), "utf8")).toBe("by hand");
    expect(readFileSync(join(folder, "kept.txt"), "utf8")).toBe("2");
  });

  it("leaves no record where the work fails or names no file", async () => {
    const failing = runStage(folder, train, () => Promise.reject(new Error("NaN loss")));
    await expect(failing).rejects.toThrow("NaN loss");
    await expect(runStage(folder, train, async () => ({ outputs: ["none"] }))).rejects.toThrow("ENOENT");
    expect(existsSync(recordPath())).toBe(false);
  });

  it.each(["../out", "a/../../out", "/etc/hosts", ".", ""])(
    "refuses the output %j outside the folder",
    async (path) => {
      await expect(runStage(folder, train, async () => ({ outputs: [path] }))).rejects.toThrow("inside the run folder");
    },
  );

  it("tells the work its folder and key", async () => {
    await runStage(folder, train, async (context) => {
      expect(context).toEqual({ folder, key: stageKey(train) });
      return { outputs: [] };
    });
  });
});

describe("codeVersion", () => {
  it("changes with the code that runs, and with nothing else", () => {
    const code = join(folder, "dist");
    mkdirSync(join(code, "core"), { recursive: true });
    writeFileSync(join(folder, "package.json"), '{"version":"1.2.3"}');
    writeFileSync(join(code, "core", "a.js"), "1");
    const before = versionOf(code);
    expect(before).toMatch(/^1\.2\.3\+[0-9a-f]{64}$/);
    writeFileSync(join(code, "core", "a.d.ts"), "types");
    writeFileSync(join(code, "core", "a.test.ts"), "test");
    writeFileSync(join(code, ".tsbuildinfo"), "state");
    expect(versionOf(code)).toBe(before);
    writeFileSync(join(code, "core", "a.js"), "2");
    expect(versionOf(code)).not.toBe(before);
  });

  it("is the default of a stage's version", () => {
    const { version: _, ...unversioned } = train;
    expect(stageKey(unversioned)).toBe(stageKey({ ...train, version: codeVersion() }));
  });
});
