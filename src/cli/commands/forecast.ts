import { join } from "node:path";
import type { Register } from "../command.ts";
import { addMeasureOptions, addPlaceOptions, addTrainOptions, type ConfigOptions, configOf } from "../options.ts";

export const registerForecast: Register = (program, act) => {
  const command = program
    .command("forecast")
    .description("before any training: which behaviours this data will move, and because of which rows (uncalibrated)")
    .argument("[config]", "configuration file (default: penumbra.yaml)");
  addPlaceOptions(addMeasureOptions(addTrainOptions(command))).action(
    act<[string | undefined, ConfigOptions]>(async (session, path, options) => {
      const config = await configOf(path, options);
      const { forecastOnly } = await import("../../jobs/index.ts");
      const { forecastTable, safe } = await import("../tables.ts");
      const record = await forecastOnly(config, session);
      for (const line of forecastTable(record)) session.print(line);
      session.print();
      session.print("Uncalibrated: the order and the sign speak, the size does not yet.");
      session.print(`Forecast: ${safe(join(config.out, "forecast.json"), 1000)}`);
      session.document(record);
    }),
  );
};
