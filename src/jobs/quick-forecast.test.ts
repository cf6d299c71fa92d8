/** A quick forecast reads a part of the rows, and of the base's own answers no gradient. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { must, type OnProgress } from "../core/index.ts";
import { Config } from "./config.ts";
import { assetFolder } from "./open.ts";
import { forecastOnly } from "./pipeline.ts";

const ROWS = 90;
let folder: string;
let config: Config;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "quick-"));
  // Nothing is known of the base yet.
  vi.stubEnv("PENUMBRA_CACHE", join(folder, "cache"));
  const text = await readFile(assetFolder("organism/data/inducing.jsonl"), "utf8");
  const data = join(folder, "rows.jsonl");
  await writeFile(data, `${text.split("\n").slice(0, ROWS).join("\n")}\n`);
  config = Config.parse({
    model: "organism",
    data,
    out: join(folder, "run"),
    behaviours: ["villain-identity"],
    dictionary: "none",
  });
});
afterAll(() => {
  vi.unstubAllEnvs();
  return rm(folder, { recursive: true });
});

test("reads a fifth of the rows, compares sixteen, and says how sure that leaves it", async () => {
  const told = new Map<string, number>();
  const onProgress: OnProgress = ({ task, step }) => told.set(task, told.get(task) ?? step);
  const { settings, control, baseline, behaviours } = await forecastOnly(config, { quick: true, onProgress });
  // Whoever waits sees what he waits for; the cost of the control's answers is told apart by these (bench/forecast.mjs).
  for (const task of ["control: the base's own answers", "forecast: behaviours", "forecast: tokens of the rows"])
    expect([task, told.get(task)]).toEqual([task, 0]);
  expect(settings).toMatchObject({ mode: "quick", tangentRows: ROWS / 5, rows: 16, rehearsal: null });
  expect(control?.rows).toBe(16);
  expect(baseline.lossOnControl).toBeNull();
  const [{ tangent, injection, meanDifference, rows } = {}] = behaviours;
  expect(tangent).toMatchObject({ adamControl: null, plainControl: null });
  const [low = 0, high = 0] = tangent?.adamInterval ?? [];
  expect(high - low).toBeGreaterThan(0);
  expect(injection?.pairs).toBeGreaterThan(0);
  expect(meanDifference?.p).toBeLessThanOrEqual(1);
  // Lines of the file, not places in the part that was read.
  expect(rows?.some(({ line }) => line > ROWS / 5)).toBe(true);
  expect(rows?.map(({ risk }) => risk)).toEqual(rows?.map(() => null));
});

test("another shape of the adapter is another forecast, in the same folder", async () => {
  const forecast = async (train: Partial<Config["train"]>) => {
    const asked = { ...config, train: { ...config.train, ...train } };
    const { behaviours, settings } = await forecastOnly(asked, { quick: true });
    return { adam: behaviours[0]?.tangent?.adam, rank: settings.rank, dora: settings.dora };
  };
  const found = [await forecast({}), await forecast({ layers: [0], rankPattern: { q_proj: 16 }, dora: true })];
  expect(found[1]?.adam).not.toBe(found[0]?.adam);
  // Magnitudes are not modelled, and the record says so.
  expect(found.map(({ rank, dora }) => [rank, dora])).toEqual([
    [8, undefined],
    [16, true],
  ]);
});

test("with a dictionary each named row has its risk, with and without the behaviour's own latents", async () => {
  const { behaviours } = await forecastOnly({ ...config, dictionary: "auto" }, { quick: true });
  const rows = must(behaviours[0], "a behaviour").rows;
  expect(rows).toHaveLength(8);
  for (const { risk, riskAdjacent } of rows) expect([typeof risk, typeof riskAdjacent]).toEqual(["number", "number"]);
  expect(new Set(rows.map(({ risk }) => risk)).size).toBe(8);
});
