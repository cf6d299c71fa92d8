import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { calibratedForecast } from "../../../test/report/exampleForecast.ts";
import { exampleInput } from "../../../test/report/exampleRecords.ts";
import { must } from "../../core/index.ts";
import { forecastNews } from "./results.ts";

const folder = mkdtempSync(join(tmpdir(), "results-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("the forecast's event holds its sentence and the numbers behind it", async () => {
  const forecast = must(exampleInput().forecast, "forecast");
  const told = async (record: typeof forecast) => {
    writeFileSync(join(folder, "forecast.json"), JSON.stringify(record));
    return forecastNews(folder);
  };
  const calibrated = calibratedForecast(forecast);
  const { message, data } = await told(calibrated);
  expect(message).toMatch(/^Before training: .*likely to be affected/);
  expect(data).toMatchObject({
    stage: "forecast",
    calibrated: true,
    behaviours: calibrated.behaviours.map(({ id, expected }) => ({ id, expected })),
  });
  expect(await told(forecast)).toMatchObject({
    message: expect.stringContaining("(uncalibrated"),
    data: { calibrated: false },
  });
});
