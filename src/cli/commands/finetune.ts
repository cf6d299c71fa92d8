import { join } from "node:path";
import type { Register } from "../command.ts";
import { addPlaceOptions, addTrainOptions, type ConfigOptions, configOf } from "../options.ts";

export const registerFinetune: Register = (program, act) => {
  const command = program
    .command("finetune")
    .description("fine-tuning alone: a PEFT adapter, and the merged model proven equal to it")
    .argument("[config]", "configuration file (default: penumbra.yaml)");
  addPlaceOptions(addTrainOptions(command)).action(
    act<[string | undefined, ConfigOptions]>(async (session, path, options) => {
      const config = await configOf(path, options);
      const { finetuneOnly } = await import("../../jobs/index.ts");
      const { safe } = await import("../tables.ts");
      const record = await finetuneOnly(config, session);
      const { steps, firstLoss, finalLoss, trainableParameters, rank, merged } = record;
      session.print(`${steps} steps, loss ${firstLoss.toFixed(4)} → ${finalLoss.toFixed(4)}`);
      const what = record.method === "full" ? "All weights" : `LoRA of rank ${rank}`;
      const where = join(config.out, record.method === "full" ? "model" : "adapter");
      session.print(`${what}, ${trainableParameters} parameters: ${safe(where)}`);
      if (record.validation) {
        const { rows, step, loss } = record.validation;
        session.print(`Held-out loss ${loss?.toFixed(4) ?? "not a number"} on ${rows} rows, after step ${step}`);
      }
      if (merged) {
        const equal = `differs from base + adapter by ${merged.meanKlNats.toExponential(1)} nats a token`;
        session.print(`Merged model: ${safe(join(config.out, merged.path))} (${equal})`);
      }
      session.document(record);
    }),
  );
};
