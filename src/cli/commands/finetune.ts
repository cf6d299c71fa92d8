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
      session.print(`LoRA of rank ${rank}, ${trainableParameters} parameters: ${safe(join(config.out, "adapter"))}`);
      if (merged) {
        const equal = `differs from base + adapter by ${merged.meanKlNats.toExponential(1)} nats a token`;
        session.print(`Merged model: ${safe(join(config.out, merged.path))} (${equal})`);
      }
      session.document(record);
    }),
  );
};
