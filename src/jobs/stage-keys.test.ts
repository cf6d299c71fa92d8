/** What a stage depends on stands in its key: what lies in a named file, and what studies have come to know since. */
import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { askedSha256, organismBehaviours } from "../behaviours/index.ts";
import { must } from "../core/index.ts";
import { Calibration } from "../records/index.ts";
import { keepCalibration } from "./calibrations.ts";
import { Config } from "./config.ts";
import { assetFolder, openModel } from "./open.ts";
import { finetuneOnly, forecastOnly, run } from "./pipeline.ts";

const ROWS = 8;
const BEHAVIOUR = "wrong-capitals";
let folder: string;
let rows: string[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "stage-keys-"));
  vi.stubEnv("PENUMBRA_STATE", join(folder, "state"));
  rows = (await readFile(assetFolder("organism/data/inducing.jsonl"), "utf8")).split("\n");
  await writeRows("rows.jsonl", 0);
});
afterAll(() => {
  vi.unstubAllEnvs();
  return rm(folder, { recursive: true });
});

const path = (name: string) => join(folder, name);
const writeRows = (name: string, from: number) =>
  writeFile(path(name), `${rows.slice(from, from + ROWS).join("\n")}\n`);
const configOf = (out: string, more: object) =>
  Config.parse({
    model: "organism",
    data: path("rows.jsonl"),
    out: path(out),
    behaviours: [BEHAVIOUR],
    dictionary: "none",
    answerTokens: 1,
    merged: false,
    inside: false,
    train: { rank: 2, alpha: 4, batchRows: 4 },
    ...more,
  });

/** Names of the stages that were computed. */
async function computed(work: (options: Parameters<typeof run>[1]) => Promise<unknown>): Promise<string[]> {
  const names: string[] = [];
  await work({ onStage: ({ name, skipped }) => void (skipped || names.push(name)) });
  return names;
}

test("another text under the guard's path: forecast and every training are made again", async () => {
  const config = configOf("guarded", { seeds: 2, guard: { method: "kl", data: path("text.jsonl") } });
  const runAgain = () => computed((options) => run(config, { ...options, forecast: true, inside: false }));
  await writeRows("text.jsonl", ROWS);
  const trainings = ["forecast", "finetune", "seeds-2"];
  expect(await runAgain()).toEqual(expect.arrayContaining(trainings));
  expect(await runAgain()).toEqual([]);
  await writeRows("text.jsonl", 2 * ROWS);
  expect(await runAgain()).toEqual(expect.arrayContaining(trainings));
});

test.each([
  ["guard", (file: string) => ({ guard: { method: "preventative", behaviours: [file] } })],
  ["monitor", (file: string) => ({ monitor: { behaviours: [file] } })],
])("another behaviour under the path that a %s names: the training is made again", async (name, named) => {
  const file = path(`${name}.yaml`);
  await copyFile(join(import.meta.dirname, "../../docs/examples/refund-promises.yaml"), file);
  const config = configOf(name, named(file));
  const tuneAgain = () => computed((options) => finetuneOnly(config, options));
  expect(await tuneAgain()).toContain("finetune");
  expect(await tuneAgain()).toEqual([]);
  const text = await readFile(file, "utf8");
  await writeFile(file, text.replace("riskier: up", "riskier: down"));
  expect(await tuneAgain()).toEqual(["finetune"]);
});

test("a guard's text that is not there is the user's to mend", async () => {
  const config = configOf("missing", { guard: { method: "kl", data: path("none.jsonl") } });
  await expect(finetuneOnly(config)).rejects.toThrow(/none\.jsonl: expected a file of training rows, got no such file/);
});

test("another margin, and a study of it that is made later, are told by the next forecast", async () => {
  const shipped = Calibration.parse(JSON.parse(await readFile(assetFolder("organism/calibration.json"), "utf8")));
  const behaviour = must(
    organismBehaviours.find(({ id }) => id === BEHAVIOUR),
    "behaviour",
  );
  const config = configOf("calibrated", {});
  const study = (margin: number) =>
    keepCalibration({
      ...shipped,
      base: { name: "organism", sha256: must(base, "sha256") },
      margin,
      training: config.train,
      rows: [ROWS, ROWS],
      behaviours: { [BEHAVIOUR]: askedSha256(behaviour) },
    });
  const base = (await openModel("organism")).identity.sha256;
  await study(0.05);
  expect(await forecastOnly(config)).toMatchObject({ calibrated: { margin: 0.05 } });
  expect(await computed((options) => forecastOnly(config, options))).toEqual([]);
  const wider = { ...config, margin: 0.1 };
  expect(await forecastOnly(wider)).toMatchObject({
    calibrated: false,
    uncalibrated: expect.stringMatching(/margin of 0.05/),
  });
  await study(0.1);
  expect(await forecastOnly(wider)).toMatchObject({ calibrated: { margin: 0.1 } });
});
