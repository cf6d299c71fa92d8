import { UserError } from "../../core/index.ts";
import type { Config, RunResult } from "../../jobs/index.ts";
import { addBesideOptions, type BesideOptions, besideAudit, checkBeside } from "../beside-audit.ts";
import type { Register } from "../command.ts";
import { addReadingOptions, endpointOf, type ReadingOptions, readingOf } from "../endpoint-options.ts";
import { addMeasureOptions, addPlaceOptions, type ConfigOptions, flagsOf } from "../options.ts";
import type { Session } from "../session.ts";
import type { Named } from "../subjects.ts";

interface Options extends ConfigOptions, ReadingOptions, Omit<BesideOptions, "maxTokens" | "redact"> {
  readonly base?: string;
  readonly baseEndpoint?: string;
  readonly baseModel?: string;
  readonly tunedEndpoint?: string;
  readonly tunedModel?: string;
  readonly tuned?: string;
  readonly adapter?: string;
  readonly config?: string;
}

export const registerAudit: Register = (program, act) => {
  const command = program
    .command("audit")
    .description("what a fine-tune from anywhere moved: a PEFT adapter or a whole tuned model")
    .option("--base <model>", "the model before the fine-tune")
    .option("--tuned <model>", "the model after it")
    .option("--adapter <folder>", "or the PEFT adapter that it left")
    .option("--base-endpoint <url>", "instead: an OpenAI-compatible endpoint that serves the base, behaviours only")
    .option("--base-model <name>", "the base's name there")
    .option("--tuned-endpoint <url>", "the tuned model's endpoint; the base's unless told")
    .option("--tuned-model <name>", "the tuned model's name there; the base's unless told")
    .option("--data <file>", "the training rows, for behaviours made from them: training-data-leakage, in-format")
    .option("--config <file>", "a configuration with margin, behaviours and gate");
  addBesideOptions(addReadingOptions(addPlaceOptions(addMeasureOptions(command)))).action(
    act<[Options]>(async (session, options) => {
      const { tellOutcome } = await import("../outcome.ts");
      await checkBeside(options);
      const result = await (options.baseEndpoint === undefined ? ofWeights : ofEndpoints)(session, options);
      const code = tellOutcome(session, result);
      await besideAudit(session, namedBy(options), options, result);
      return code;
    }),
  );
};

async function ofWeights(session: Session, options: Options): Promise<RunResult> {
  if (options.base === undefined) {
    const fix = "--base with --tuned or --adapter, or --base-endpoint with --base-model and --tuned-model";
    throw new UserError("penumbra audit", { expected: "a base", got: "none", fix });
  }
  const tuned = tunedOf(options);
  const { auditOnly } = await import("../../jobs/index.ts");
  return auditOnly(await configFor(options), tuned, { ...session, redact: options.redact ?? false });
}

async function ofEndpoints(session: Session, options: Options): Promise<RunResult> {
  const { baseEndpoint = "", baseModel, tunedEndpoint = baseEndpoint, tunedModel = baseModel } = options;
  if (options.base !== undefined || options.tuned !== undefined || options.adapter !== undefined) {
    const expected = "weights or endpoints";
    throw new UserError("penumbra audit", { expected, got: "both", fix: "leave one of them out" });
  }
  const { auditEndpoints } = await import("../../jobs/index.ts");
  const base = await endpointOf("--base-endpoint", baseEndpoint, baseModel, options);
  const tuned = await endpointOf("--tuned-endpoint", tunedEndpoint, tunedModel, options);
  const config = await configFor({ ...options, base: base.name });
  return auditEndpoints(config, { base, tuned }, readingOf(options), { ...session, redact: options.redact ?? false });
}

/** The same two models as speakers. */
function namedBy({
  base,
  adapter,
  tuned,
  baseEndpoint,
  baseModel,
  tunedEndpoint,
  tunedModel,
  ...asking
}: Options): Named {
  const weights = { reference: base, adapter, tuned };
  const endpoints = { endpoint: baseEndpoint, model: baseModel, tunedEndpoint, tunedModel: tunedModel ?? baseModel };
  return { ...weights, ...endpoints, asking };
}

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
  return resolveConfig(options.config ?? null, {
    ...flagsOf(options),
    model: options.base ?? "",
    data: options.data ?? "",
  });
}
