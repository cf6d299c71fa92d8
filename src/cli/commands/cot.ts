import { UserError } from "../../core/index.ts";
import type { CotRecord } from "../../records/index.ts";
import type { Register } from "../command.ts";
import { type AskingOptions, addAskingOptions, endpointOf, positive } from "../endpoint-options.ts";
import { addJudgeOptions, type JudgeOptions, withPanel } from "../judge-options.ts";
import { number, whole } from "../options.ts";
import { addRedactOption, type RedactOption, redaction } from "../redact-option.ts";
import type { Session } from "../session.ts";
import type { Subjects } from "../subjects.ts";

interface Options extends AskingOptions, JudgeOptions, RedactOption {
  readonly adapter?: string;
  readonly tuned?: string;
  readonly endpoint?: string;
  readonly model?: string;
  readonly tunedEndpoint?: string;
  readonly tunedModel?: string;
  readonly questions?: string;
  readonly layout?: string;
  readonly items: number;
  readonly processItems: number;
  readonly maxTokens: number;
  readonly temperature: number;
  readonly margin: number;
  readonly seed: number;
  readonly out?: string;
}

export const registerCot: Register = (program, act) => {
  const command = program
    .command("cot")
    .description("what visible reasoning discloses: hints that change answers, what a monitor can read; base and tuned")
    .argument("[model]", "folder, .gguf file, hub id that is on this disk")
    .option("--adapter <folder>", "the tuned model, as a PEFT adapter of it")
    .option("--tuned <model>", "or as a whole model")
    .option("--endpoint <url>", "instead of a model: an OpenAI-compatible endpoint")
    .option("--model <name>", "the base's name there")
    .option("--tuned-endpoint <url>", "the tuned model's endpoint; the base's unless told")
    .option("--tuned-model <name>", "the tuned model's name there")
    .option("--questions <file>", "your own multiple-choice questions, one JSON object a line")
    .option("--layout <name>", "that file is a published set: truthfulqa or bbq")
    .option("--items <n>", "questions at most", positive, 120)
    .option("--process-items <n>", "questions that two rules answer, for the monitor", positive, 24)
    .option("--max-tokens <n>", "tokens of an answer with its reasoning", positive, 1024)
    .option("--temperature <n>", "of the answers; the switching noise is that of this temperature", number, 1)
    .option("--margin <n>", "shifts within this share are no shift", number, 0.05)
    .option("--seed <n>", "seed of questions, hints and draws", whole, 1)
    .option("--out <folder>", "write cot.json, cot.md and the evidence there; a run folder's report gets a section");
  addRedactOption(addJudgeOptions(addAskingOptions(command))).action(
    act<[string | undefined, Options]>(async (session, reference, options) => {
      const { cotTable } = await import("../tables.ts");
      const { withSubjects } = await import("../subjects.ts");
      checkTemperature(options.temperature);
      const record = await withSubjects(subjectsOf(reference, options), endpointOf, (subjects) =>
        withPanel(options, options.seed, (panel) => audited(session, subjects, panel, options)),
      );
      session.print(session.colors.bold(record.headline));
      session.print();
      for (const line of cotTable(record)) session.print(line);
      session.document(record);
    }),
  );
};

async function audited(
  session: Session,
  { base, tuned }: Subjects,
  panel: Parameters<typeof import("../../jobs/index.ts").cot>[0]["panel"],
  options: Options,
): Promise<CotRecord> {
  const { cot } = await import("../../jobs/index.ts");
  const { processItems: processCount, maxTokens, temperature, margin, seed, items: most, out } = options;
  const { questions: file = null, layout = null } = options;
  const settings = { processCount, maxTokens, temperature, margin, seed, alpha: 0.05 };
  const chosen = { questions: { file, layout, most }, folder: out ?? null };
  return cot({ base, tuned, panel, ...settings }, chosen, { ...session, ...redaction(options) });
}

function subjectsOf(reference: string | undefined, options: Options) {
  const { adapter, tuned, endpoint, model, tunedEndpoint, tunedModel } = options;
  if ((reference === undefined) === (endpoint === undefined)) {
    const got = reference === undefined ? "neither" : "both";
    throw new UserError("penumbra cot", { expected: "a model or an --endpoint", got, fix: "give one of them" });
  }
  return {
    command: "penumbra cot",
    reference,
    adapter,
    tuned,
    endpoint,
    model,
    tunedEndpoint,
    tunedModel,
    asking: options,
  };
}

function checkTemperature(temperature: number): void {
  if (temperature >= 0 && temperature <= 2) return;
  throw new UserError("--temperature", { expected: "0 to 2", got: String(temperature), fix: "leave it out" });
}
