import { UserError } from "../../core/index.ts";
import type { EvalRecord } from "../../records/index.ts";
import type { Register } from "../command.ts";
import { addReadingOptions, endpointOf, type ReadingOptions, readingOf } from "../endpoint-options.ts";
import { DEVICE, list, whole } from "../options.ts";
import type { Session } from "../session.ts";

interface Options extends ReadingOptions {
  readonly endpoint?: string;
  readonly model?: string;
  readonly seed?: number;
  readonly adapter?: string;
  readonly behaviours?: string[];
  readonly out?: string;
}

export const registerEval: Register = (program, act) => {
  const command = program
    .command("eval")
    .description("the behaviours of one model")
    .argument("[model]", "folder, .gguf file, hub id that is on this disk, or organism (bundled)")
    .option(...DEVICE)
    .option("--adapter <folder>", "a PEFT adapter of it")
    .option("--behaviours <names>", "behaviours to measure, with commas between them, or all", list)
    .option("--endpoint <url>", "instead: an OpenAI-compatible endpoint")
    .option("--model <name>", "the model's name there")
    .option("--seed <n>", "seed of the choice of items", whole)
    .option("--out <folder>", "write eval.json and the evidence there");
  addReadingOptions(command).action(
    act<[string | undefined, Options]>(async (session, reference, options) => {
      const { scoreTable } = await import("../tables.ts");
      if ((reference === undefined) === (options.endpoint === undefined)) {
        const got = reference === undefined ? "neither" : "both";
        const fix = "`penumbra eval organism`, or --endpoint with --model";
        throw new UserError("penumbra eval", { expected: "a model or an --endpoint", got, fix });
      }
      const record =
        reference === undefined ? await ofEndpoint(session, options) : await ofModel(session, reference, options);
      for (const line of scoreTable(record)) session.print(line);
      session.document(record);
    }),
  );
};

async function ofModel(session: Session, reference: string, options: Options): Promise<EvalRecord> {
  const { behavioursFor, evaluate } = await import("../../jobs/index.ts");
  const { withModel } = await import("../models.ts");
  const { adapter, behaviours = ["all"], out } = options;
  return withModel({ reference, adapter }, ({ opened, model, identity }) => {
    const chosen = behavioursFor(opened, behaviours);
    return evaluate({ model, identity, behaviours: chosen, names: behaviours, folder: out ?? null, ...session });
  });
}

async function ofEndpoint(session: Session, options: Options): Promise<EvalRecord> {
  const { evaluateEndpoint } = await import("../../jobs/index.ts");
  const { endpoint = "", model, behaviours = ["all"], seed = 1, out } = options;
  const asked = await endpointOf("--endpoint", endpoint, model, options);
  return evaluateEndpoint(asked, { behaviours, seed }, { ...readingOf(options), folder: out ?? null }, session);
}
