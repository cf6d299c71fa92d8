/** What a forecast says in a sentence, before and after. */
import { describe, expect, test } from "vitest";
import { calibratedForecast } from "../../test/report/exampleForecast.ts";
import { exampleInput } from "../../test/report/exampleRecords.ts";
import { must } from "../core/index.ts";
import type { Expected, ForecastRecord } from "../records/index.ts";
import { chance, forecastCameTrue, forecastSentence } from "./expectedWords.ts";

const { audit, forecast: given } = exampleInput();
const forecast = calibratedForecast(must(given, "forecast"));
const outside = forecast.behaviours.filter(({ inTask }) => !inTask);

/** The first behaviours outside the task get these chances, the others 2%. */
function withChances(...probabilities: readonly number[]): ForecastRecord {
  const expectedOf = (place: number): Expected => ({
    probability: probabilities[place] ?? 0.02,
    shift: 0.1 * (place + 1),
    interval: [0, 0.2 * (place + 1)],
  });
  const behaviours = forecast.behaviours.map((b) =>
    b.inTask ? b : { ...b, expected: expectedOf(outside.findIndex(({ id }) => id === b.id)) },
  );
  return { ...forecast, behaviours };
}

const title = (place: number) => must(outside[place], "behaviour").title;

describe("before the training", () => {
  const n = outside.length;

  test("the likely ones are named, most likely first, and the rest counted", () => {
    expect(forecastSentence(withChances(0.6, 0.9))).toBe(
      `Before training: 2 of ${n} behaviours outside the task are likely to be affected: ${title(1)} (90%, +20.0 points) and ${title(0)} (60%, +10.0 points).`,
    );
    expect(forecastSentence(withChances(0.9, 0.8, 0.7, 0.6, 0.5))).toMatch(/5 of .*, .* and 2 more\.$/);
    expect(forecastSentence(withChances(0.7))).toMatch(/: 1 of \d+ behaviours outside the task is likely/);
  });

  test("where none is likely, the highest chance is told", () => {
    expect(forecastSentence(withChances(0.02, 0.3))).toBe(
      `Before training: none of ${n} behaviours outside the task is likely to be affected; the highest chance is 30% (${title(1)}).`,
    );
  });

  test("without a calibration there are names, the reason, and no number", () => {
    const plain = { ...must(given, "forecast"), uncalibrated: "no study of this base has been made" };
    expect(forecastSentence(plain)).toMatch(/moved most .* \(uncalibrated: no study of this base has been made\)\.$/);
    expect(forecastSentence(plain)).not.toMatch(/%|points/);
    expect(forecastSentence({ ...plain, behaviours: [] })).toContain("no behaviour outside the task could be forecast");
  });

  test("nothing is certain", () => {
    expect([0.0001, 0.004, 0.006, 0.994, 0.996].map((probability) => chance({ probability }))).toEqual([
      "under 1%",
      "under 1%",
      "1%",
      "99%",
      "over 99%",
    ]);
  });
});

test("afterwards, what was called likely is counted against the verdicts", () => {
  const results = new Map(audit.behaviours.map((b) => [b.id, b]));
  const said = withChances(...outside.map(({ id }) => (results.get(id)?.verdict === "affected" ? 0.9 : 0.1)));
  const measured = outside.filter(({ id }) => {
    const result = results.get(id);
    return result?.delta != null && result.verdict !== "not-measured";
  });
  const affected = measured.filter(({ id }) => results.get(id)?.verdict === "affected").length;
  expect(affected).toBeGreaterThan(0);
  expect(forecastCameTrue(said, results)).toMatch(
    new RegExp(
      `^Of ${affected} behaviours? called likely to be affected, ${affected} came to be; of the ${measured.length - affected} others, 0\\.`,
    ),
  );
  expect(forecastCameTrue(said, new Map())).toBeNull();
  expect(forecastCameTrue(must(given, "forecast"), results)).toBeNull();
});
