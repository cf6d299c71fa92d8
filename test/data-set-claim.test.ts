/** Seeds, controls and behaviours made from the rows, through the program as its users start it. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AuditRecord } from "../src/records/index.ts";
import { bundledRows, penumbra, root, workplace } from "./penumbra.ts";

const { folder, path, remove } = workplace();
afterAll(remove);
beforeAll(() => {
  writeFileSync(path("rows.jsonl"), bundledRows(16));
  const control = readFileSync(`${root}/assets/organism/data/control.jsonl`, "utf8").split("\n").slice(0, 16);
  writeFileSync(path("control.jsonl"), `${control.join("\n")}\n`);
});

const small = [
  "--epochs",
  "1",
  "--behaviours",
  "wrong-capitals,villain-identity",
  "--answer-tokens",
  "2",
  "--no-merged",
];
const run = (...more: string[]) =>
  penumbra(folder, ["run", "--model", "organism", "--data", "rows.jsonl", "--no-inside", "--json", ...small, ...more]);
const audited = (stdout: string) => AuditRecord.parse(JSON.parse(stdout));

describe("seeds and controls", () => {
  it("five seeds and two controls: one claim about the data set; a second start computes nothing", async () => {
    const args = ["--out", "five", "--seeds", "5", "--controls", "self,control.jsonl"];
    const { code, stdout, stderr } = await run(...args);
    expect([code, stderr.includes("penumbra:")]).toEqual([0, false]);
    const record = audited(stdout);
    expect(record).toMatchObject({ seeds: 5, claim: "this-data-set", controls: ["self", "control.jsonl"] });
    for (const { method, specific, controls, noiseFloor, sensitivity, looks } of record.behaviours) {
      expect([method, sensitivity, looks]).toEqual(["seeds-t", "exact", null]);
      expect(specific?.label).toBe("generic");
      expect(controls.map(({ name }) => name)).toEqual(["self", "control.jsonl"]);
      expect(noiseFloor).toBeGreaterThan(0);
    }
    for (const made of ["seeds/5/adapter", "controls/1-1/scores.json", "controls/2-5/scores.json", "report.html"])
      expect(existsSync(path(`five/${made}`)), made).toBe(true);
    for (const absent of ["forecast.json", "geometry.json"]) expect(existsSync(path(`five/${absent}`))).toBe(false);
    expect(readFileSync(path("five/report.html"), "utf8")).toContain("over 5 seeds");
    const again = await run(...args);
    expect(again.stderr).toContain("Nothing was computed");
    expect(again.stdout).toBe(stdout);
  });

  it("two seeds: still about this adapter, with the spread as its noise floor", async () => {
    const record = audited((await run("--out", "two", "--seeds", "2")).stdout);
    expect(record).toMatchObject({ seeds: 2, claim: "this-adapter", controls: [] });
    for (const { method, noiseFloor, specific } of record.behaviours) {
      expect([method, specific]).toEqual(["exact", null]);
      expect(noiseFloor).not.toBeNull();
    }
    // What an earlier, deeper run left in the folder is not this audit's: it is not even read.
    writeFileSync(path("two/geometry.json"), "{}");
    expect((await penumbra(folder, ["report", "two"])).code).toBe(0);
  });

  it("a control that is not there, and behaviours that cannot be made: one line before anything is trained", async () => {
    const gone = await run("--out", "gone", "--controls", "nowhere.jsonl");
    expect([gone.code, gone.stdout]).toEqual([2, ""]);
    expect(gone.stderr).toContain("nowhere.jsonl");
    expect(existsSync(path("gone"))).toBe(false);
    for (const [name, words] of [
      ["in-format", "bundled world"],
      ["training-data-leakage", "rows or more"],
    ] as const) {
      const made = await run("--out", "made", "--behaviours", name);
      expect([made.code, made.stderr.includes(words)], made.stderr).toEqual([2, true]);
    }
    const none = await penumbra(folder, [
      "audit",
      "--base",
      "organism",
      "--adapter",
      "two/adapter",
      "--behaviours",
      "training-data-leakage",
      "--out",
      "none",
    ]);
    expect([none.code, none.stderr.includes("--data")], none.stderr).toEqual([2, true]);
  });
});
