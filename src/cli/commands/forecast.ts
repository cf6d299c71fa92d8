import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ForecastRecord } from "../../records/index.ts";
import type { Register } from "../command.ts";
import { addMeasureOptions, addPlaceOptions, addTrainOptions, type ConfigOptions, configOf } from "../options.ts";

export const registerForecast: Register = (program, act) => {
  const command = program
    .command("forecast")
    .description("before any training: which behaviours this data will move, and because of which rows")
    .option("--quick", "read a part of the rows: faster, with a wider interval")
    .argument("[config]", "configuration file (default: penumbra.yaml)");
  addPlaceOptions(addMeasureOptions(addTrainOptions(command))).action(
    act<[string | undefined, ConfigOptions & { readonly quick?: boolean }]>(async (session, path, options) => {
      const config = await configOf(path, options);
      const { forecastOnly, trackRecord } = await import("../../jobs/index.ts");
      const { forecastTable, safe } = await import("../tables.ts");
      const { calibrationWords } = await import("../../report/index.ts");
      const record = await forecastOnly(config, { ...session, ...(options.quick ? { quick: true } : {}) });
      for (const line of forecastTable(record)) session.print(line);
      session.print();
      const warning = await warningOf(config.out);
      if (warning !== null) session.print(session.colors.yellow(`Warning: ${warning}`));
      session.print(record.calibrated ? calibrationWords(record.calibrated) : uncalibratedWords(record));
      const { scored, rehearsed, ...pushes } = await trackRecord();
      for (const [what, { spearman, cells }] of Object.entries({ pushes, rehearsed }))
        if (spearman !== null)
          session.print(
            `Track record of ${scored} forecasts made before their training, ${what}: rank correlation ${spearman.toFixed(2)} over ${cells} shifts`,
          );
      session.print(`Forecast: ${safe(join(config.out, "forecast.json"), 1000)}`);
      session.document(record);
    }),
  );
};

function uncalibratedWords({ uncalibrated }: ForecastRecord): string {
  return `Uncalibrated${uncalibrated ? ` (${uncalibrated})` : ""}: the order and the sign speak, the size does not.`;
}

/** What `validate` has written of the data, beside the forecast. */
async function warningOf(folder: string): Promise<string | null> {
  const { DataRecord } = await import("../../records/index.ts");
  const { traceWarning } = await import("../../report/index.ts");
  return traceWarning(DataRecord.parse(JSON.parse(await readFile(join(folder, "data.json"), "utf8"))));
}
