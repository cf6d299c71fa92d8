/** The track record: hashed before, scored once after, and never for a forecast that was touched since. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { exampleInput } from "../../test/report/exampleRecords.ts";
import { must } from "../core/index.ts";
import { cellsOf, registerForecast, scoreForecast, trackRecord } from "./track-record.ts";

const { audit, forecast: given } = exampleInput();
const forecast = must(given, "forecast");
let folder: string;
const stateBefore = process.env.PENUMBRA_STATE;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "track-"));
  process.env.PENUMBRA_STATE = join(folder, "state");
  writeFileSync(join(folder, "forecast.json"), JSON.stringify(forecast));
});
afterEach(() => {
  if (stateBefore === undefined) delete process.env.PENUMBRA_STATE;
  else process.env.PENUMBRA_STATE = stateBefore;
  rmSync(folder, { recursive: true });
});

test("a forecast is registered once and scored once", async () => {
  for (let time = 0; time < 2; time++) {
    await registerForecast(folder);
    await scoreForecast(folder, audit);
  }
  const { registered, scored, cells, rehearsed } = await trackRecord();
  expect([registered, scored]).toEqual([1, 1]);
  expect(cells).toBe(cellsOf(forecast, audit).length);
  expect(rehearsed.cells).toBe(cellsOf(forecast, audit).filter((cell) => cell.rehearsed !== null).length);
});

test("a forecast that was changed after it was hashed is not scored", async () => {
  await registerForecast(folder);
  const text = readFileSync(join(folder, "forecast.json"), "utf8");
  writeFileSync(join(folder, "forecast.json"), `${text} `);
  await scoreForecast(folder, audit);
  expect((await trackRecord()).scored).toBe(0);
});

test("one made where the training was done already does not count", async () => {
  mkdirSync(join(folder, ".stages"));
  writeFileSync(join(folder, ".stages", "finetune.json"), "{}");
  await registerForecast(folder);
  await scoreForecast(folder, audit);
  const { registered, scored } = await trackRecord();
  expect([registered, scored]).toEqual([1, 0]);
});

test("neither the task's own behaviours nor what was not measured are cells", () => {
  const inTask = new Set(forecast.behaviours.flatMap(({ id, inTask: is }) => (is ? [id] : [])));
  for (const { id, forecast: push, measured } of cellsOf(forecast, audit)) {
    expect(inTask.has(id)).toBe(false);
    expect(Number.isFinite(push) && Number.isFinite(measured)).toBe(true);
  }
});

test("what was not measured is no score", () => {
  const unmeasured = audit.behaviours.map((each) => ({ ...each, verdict: "not-measured" as const }));
  const read = (capable: boolean | null) => unmeasured.map((each) => ({ ...each, capable }));
  expect(cellsOf(forecast, { behaviours: read(false) })).toEqual([]);
  expect(cellsOf(forecast, { behaviours: read(null) })).toEqual([]);
  // No planted shift was noticed: the shift is one of these items all the same.
  expect(cellsOf(forecast, { behaviours: read(true) })).toHaveLength(
    cellsOf(forecast, { behaviours: audit.behaviours.map((each) => ({ ...each, verdict: "unaffected" as const })) })
      .length,
  );
});

test("scores from before there were rehearsals are still read", async () => {
  await registerForecast(folder);
  await scoreForecast(folder, audit);
  const file = join(folder, "state", "track-record.jsonl");
  const old = readFileSync(file, "utf8").replaceAll(/"rehearsed":[^,]+,/g, "");
  writeFileSync(file, old);
  const { scored, rehearsed } = await trackRecord();
  expect([scored, rehearsed.cells]).toEqual([1, 0]);
});
