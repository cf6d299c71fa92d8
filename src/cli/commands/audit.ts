import { UserError } from "../../core/index.ts";
import type { Config } from "../../jobs/index.ts";
import type { Register } from "../command.ts";
import { addMeasureOptions, addPlaceOptions, type ConfigOptions, flagsOf } from "../options.ts";

interface Options extends ConfigOptions {
  readonly base: string;
  readonly tuned?: string;
  readonly adapter?: string;
  readonly config?: string;
}

export const registerAudit: Register = (program, act) => {
  const command = program
    .command("audit")
    .description("what a fine-tune from anywhere moved: a PEFT adapter or a whole tuned model")
    .requiredOption("--base <model>", "the model before the fine-tune")
    .option("--tuned <model>", "the model after it")
    .option("--adapter <folder>", "or the PEFT adapter that it left")
    .option("--data <file>", "the training rows, for behaviours made from them: training-data-leakage, in-format")
    .option("--config <file>", "a configuration with margin, behaviours and gate");
  addPlaceOptions(addMeasureOptions(command)).action(
    act<[Options]>(async (session, options) => {
      const tuned = tunedOf(options);
      const { auditOnly } = await import("../../jobs/index.ts");
      const { tellOutcome } = await import("../outcome.ts");
      const result = await auditOnly(await configFor(options), tuned, { ...session, redact: options.redact ?? false });
      return tellOutcome(session, result);
    }),
  );
};

function tunedOf({ tuned, adapter }: Options): { readonly adapter: string } | { readonly model: string } {
  if (adapter !== undefined && tuned === undefined) return { adapter };
  if (tuned !== undefined && adapter === undefined) return { model: tuned };
  throw new UserError("penumbra audit", {
    expected: "either --tuned or --adapter",
    got: tuned === undefined ? "neither" : "both",
    fix: "--adapter takes a PEFT folder, --tuned a whole model",
  });
}

/** Training data serve an audit alone for the behaviours that are made from them. */
async function configFor(options: Options): Promise<Config> {
  const { resolveConfig } = await import("../../jobs/index.ts");
  return resolveConfig(options.config ?? null, { ...flagsOf(options), model: options.base, data: options.data ?? "" });
}
