/** A quick forecast reads a part of the rows, and of the base's own answers no gradient. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { OnProgress } from "../core/index.ts";
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
});
