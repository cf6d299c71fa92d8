import type { Register } from "../command.ts";
import { addMeasureOptions, addPlaceOptions, addTrainOptions, type ConfigOptions, configOf } from "../options.ts";

export const registerRun: Register = (program, act) => {
  const command = program
    .command("run")
    .description("the main job: validate, fine-tune, audit, report; goes on where it was stopped")
    .argument("[config]", "configuration file (default: penumbra.yaml)");
  addPlaceOptions(addMeasureOptions(addTrainOptions(command))).action(
    act<[string | undefined, ConfigOptions]>(async (session, path, options) => {
      const config = await configOf(path, options);
      const { run } = await import("../../jobs/index.ts");
      const { tellOutcome } = await import("../outcome.ts");
      const { foretell } = await import("../foretell.ts");
      const onStage = foretell(session, config.out);
      const result = await run(config, { ...session, onStage, redact: options.redact ?? false });
      return tellOutcome(session, result);
    }),
  );
};
