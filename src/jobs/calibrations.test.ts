/** Which calibration speaks of which forecast. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { calibrationCurve, type RehearsedCell } from "../audit/index.ts";
import { askedSha256, type Behaviour, organismBehaviours } from "../behaviours/index.ts";
import { must, rng } from "../core/index.ts";
import type { Calibration } from "../records/index.ts";
import { hashBytes, hashFile } from "../store/index.ts";
import { calibrationFor, keepCalibration } from "./calibrations.ts";
import { Config } from "./config.ts";
import { assetFolder, BUNDLED, openModel } from "./open.ts";

const BASE = "b".repeat(64);
const random = rng("calibrations");
const cells = ["a", "b", "c", "d", "e", "f"].flatMap((dataSet) =>
  Array.from({ length: 40 }, (): RehearsedCell => {
    const rehearsed = random.next() - 0.5;
    return { dataSet, seed: 1, rehearsed, measured: rehearsed, affected: Math.abs(rehearsed) > 0.05 };
  }),
);
const config = (more: object = {}) => Config.parse({ model: "m", data: "d", out: "o", ...more });
const refusal: Behaviour = { ...must(organismBehaviours[0], "behaviour"), id: "refusal" };
const made: Calibration = {
  schemaVersion: 2,
  base: { name: "m", sha256: BASE },
  margin: 0.05,
  training: config().train,
  rows: [200, 300],
  behaviours: { [refusal.id]: askedSha256(refusal) },
  data: { ["a".repeat(64)]: "a" },
  curve: must(calibrationCurve(cells), "a curve"),
};
const data = { sha256: "d".repeat(64), rows: 250 };
const asked = (more: object = {}) => ({
  base: BASE,
  maxPositions: 2048,
  config: config(),
  data,
  behaviours: [refusal],
  ...more,
});

let state: string;
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), "calibrations-"));
  vi.stubEnv("PENUMBRA_STATE", state);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(state, { recursive: true });
});

describe("a forecast is calibrated", () => {
  test("by the study of its base and settings, whose file it names", async () => {
    const path = await keepCalibration(made);
    const found = await calibrationFor(asked());
    expect(found).toMatchObject({
      behaviours: ["refusal"],
      note: { sha256: hashBytes(readFileSync(path)), dataSets: 6, seeds: 1, cells: 240, margin: 0.05, level: 0.9 },
    });
  });

  test("but for a behaviour of the same name that asks other items, or scores them otherwise", async () => {
    await keepCalibration(made);
    const others = [
      { ...refusal, items: refusal.items.slice(1) },
      { ...refusal, weight: "mean" as const },
    ];
    for (const behaviour of others)
      expect(await calibrationFor(asked({ behaviours: [behaviour] }))).toMatchObject({ behaviours: [] });
    const retitled = { ...refusal, title: "Another title" };
    expect(await calibrationFor(asked({ behaviours: [retitled] }))).toMatchObject({ behaviours: ["refusal"] });
  });

  test("however the training is computed, and with settings that a later version has added", async () => {
    const { dora: _, ...older } = made.training;
    await keepCalibration({ ...made, training: older });
    expect(await calibrationFor(asked({ config: config({ train: { recompute: true } }) }))).toHaveProperty("note");
  });

  test("whose rows may be longer than the base has positions, as the study's might: neither's are", async () => {
    await keepCalibration(made);
    const cut = (maxLength: number) => asked({ maxPositions: 128, config: config({ train: { maxLength } }) });
    expect(await calibrationFor(cut(128))).toHaveProperty("note");
    expect(await calibrationFor(cut(64))).toEqual({ why: expect.stringMatching(/maxLength 128, this run with 64/) });
  });

  test("not by a study whose settings this version does not know", async () => {
    await keepCalibration({ ...made, training: { ...made.training, momentum: 0.9 } });
    expect(await calibrationFor(asked())).toEqual({ why: expect.stringContaining("another version") });
  });

  test("without its own data set, where the study has seen it", async () => {
    await keepCalibration(made);
    const unseen = must(
      made.curve.without.find(({ dataSet }) => dataSet === "a"),
      "a",
    );
    const found = await calibrationFor(asked({ data: { ...data, sha256: "a".repeat(64) } }));
    expect(found).toMatchObject({ note: { without: "a" }, curve: unseen });
    expect(await calibrationFor(asked())).toMatchObject({ note: { without: null }, curve: made.curve });
  });

  test("at either of two margins that were studied", async () => {
    await keepCalibration(made);
    await keepCalibration({ ...made, margin: 0.1 });
    for (const margin of [0.05, 0.1])
      expect(await calibrationFor(asked({ config: config({ margin }) }))).toMatchObject({ note: { margin } });
  });

  test.each([
    ["another base", { base: "c".repeat(64) }, /no study of this base/],
    ["another rate", { config: config({ train: { learningRate: 1e-3 } }) }, /learningRate 0.0002, this run with 0.001/],
    ["another margin", { config: config({ margin: 0.1 }) }, /margin of 0.05, this run at 0.1/],
    ["a guard", { config: config({ guard: { method: "kl", data: "x.jsonl" } }) }, /without a guard/],
    ["far more rows", { data: { ...data, rows: 601 } }, /200 to 300 rows, this one has 601/],
    ["far fewer rows", { data: { ...data, rows: 99 } }, /200 to 300 rows, this one has 99/],
  ])("not with %s, and says why", async (_what, more, why) => {
    await keepCalibration(made);
    expect(await calibrationFor(asked(more))).toEqual({ why: expect.stringMatching(why) });
  });

  test("where the bundled model is trained as by `npm start`: that calibration is shipped", async () => {
    const { identity, source } = await openModel(BUNDLED);
    const train = { epochs: 4, learningRate: 2e-3 };
    const behaviours = organismBehaviours;
    const { maxPositions } = source.definition;
    const bundled = { base: must(identity.sha256, "sha256"), maxPositions, config: config({ train }), behaviours };
    const found = await calibrationFor({ ...bundled, data: { ...data, rows: 300 } });
    expect(found).toMatchObject({ note: { without: null, dataSets: 16, margin: 0.05 } });
    const own = { sha256: await hashFile(assetFolder("organism/data/inducing.jsonl")), rows: 300 };
    expect(await calibrationFor({ ...bundled, data: own })).toMatchObject({
      note: { without: "inducing" },
    });
    expect("curve" in found && found.behaviours).toEqual(organismBehaviours.map(({ id }) => id));
  });

  test.each(["", "{", "[]", "null", '{"schemaVersion":2}'])("not by a file that holds %j", async (text) => {
    mkdirSync(join(state, "calibrations"));
    writeFileSync(join(state, "calibrations", "x.json"), text);
    expect(await calibrationFor(asked())).toHaveProperty("why");
  });
});
