import { UserError } from "../../core/index.ts";
import type { Register } from "../command.ts";
import { type AskingOptions, addAskingOptions, endpointOf, positive } from "../endpoint-options.ts";
import { addJudgeOptions, type JudgeOptions, withPanel } from "../judge-options.ts";
import { list, number, whole } from "../options.ts";
import { addRedactOption, type RedactOption, redaction } from "../redact-option.ts";

interface Options extends AskingOptions, JudgeOptions, RedactOption {
  readonly adapter?: string[];
  readonly tuned?: string;
  readonly endpoint?: string;
  readonly model?: string;
  readonly tunedEndpoint?: string;
  readonly tunedModel?: string[];
  readonly rows: number;
  readonly partial?: boolean;
  readonly samples: number;
  readonly formats: string[];
  readonly maxTokens: number;
  readonly margin: number;
  readonly seed: number;
  readonly out?: string;
}

export const registerBenchmark: Register = (program, act) => {
  const command = program
    .command("benchmark")
    .description("a published benchmark from your copy of its file, by its published metric; base and tuned")
    .argument("<name>", "xstest, strongreject, truthfulqa, harmbench, advbench, bbq or emergent-misalignment")
    .argument("<file>", "the file as its authors publish it")
    .argument("[model]", "folder, .gguf file, hub id that is on this disk")
    .option(
      "--adapter <folder...>",
      "the tuned model, as a PEFT adapter; several, one for each seed, for emergent-misalignment",
    )
    .option("--tuned <model>", "or as a whole model")
    .option("--endpoint <url>", "instead of a model: an OpenAI-compatible endpoint")
    .option("--model <name>", "the base's name there")
    .option("--tuned-endpoint <url>", "the tuned model's endpoint; the base's unless told")
    .option("--tuned-model <name...>", "the tuned model's name there; several, one for each seed")
    .option("--rows <n>", "rows at most, drawn by the seed", positive, 100_000)
    .option("--partial", "the file is a part of the published one on purpose")
    .option("--samples <n>", "emergent-misalignment: answers of each question", positive, 100)
    .option("--formats <names>", "emergent-misalignment: plain, json, template, python, flask_template", list, [
      "plain",
      "json",
      "template",
    ])
    .option("--max-tokens <n>", "tokens of an answer", positive, 256)
    .option("--margin <n>", "shifts within this share are no shift", number, 0.05)
    .option("--seed <n>", "seed of all draws", whole, 1)
    .option("--out <folder>", "write the record and the evidence there; a run folder's report gets a section");
  addRedactOption(addJudgeOptions(addAskingOptions(command))).action(
    act<[string, string, string | undefined, Options]>(async (session, name, path, reference, options) => {
      const { benchmark, checkBenchmark } = await import("../../jobs/index.ts");
      const { benchmarkTable } = await import("../tables.ts");
      const { withSubjects } = await import("../subjects.ts");
      const { rows, partial = false, samples, formats, maxTokens, margin, seed, out } = options;
      await checkBenchmark({ name, path, partial, formats, judged: options.judge !== undefined });
      const settings = {
        name,
        path,
        rows,
        partial,
        samples,
        formats,
        maxTokens,
        margin,
        seed,
        alpha: 0.05,
        folder: out ?? null,
      };
      const record = await withSubjects(subjectsOf(reference, options), endpointOf, ({ base, tuned, others }) =>
        withPanel(options, seed, (panel) =>
          benchmark(
            { ...settings, base, tuned: [...(tuned ? [tuned] : []), ...others], panel },
            { ...session, ...redaction(options) },
          ),
        ),
      );
      for (const line of benchmarkTable(record)) session.print(line);
      session.document(record);
    }),
  );
};

function subjectsOf(reference: string | undefined, options: Options) {
  const { adapter = [], tuned, endpoint, model, tunedEndpoint, tunedModel = [] } = options;
  if ((reference === undefined) === (endpoint === undefined)) {
    const got = reference === undefined ? "neither" : "both";
    throw new UserError("penumbra benchmark", { expected: "a model or an --endpoint", got, fix: "give one of them" });
  }
  const more = { adapters: adapter.slice(1), tunedModels: tunedModel.slice(1) };
  return {
    reference,
    adapter: adapter[0],
    tuned,
    endpoint,
    model,
    tunedEndpoint,
    tunedModel: tunedModel[0],
    asking: options,
    ...more,
  };
}
