import { type Command, Option } from "commander";
import { must, UserError } from "../../core/index.ts";
import type { HookName } from "../../models/index.ts";
import type { Act, Register } from "../command.ts";
import { number, whole, wholes } from "../options.ts";
import { registerCompare } from "./dictionary-compare.ts";
import { registerConvert } from "./dictionary-convert.ts";
import { registerDescribe, registerSearch } from "./dictionary-meaning.ts";
import { registerProbe } from "./dictionary-probe.ts";
import { registerPull } from "./dictionary-pull.ts";

interface TextFlags {
  readonly corpus?: string;
  readonly tokens: number;
  readonly seed: number;
}

interface TrainFlags extends TextFlags {
  readonly kind: "sae" | "transcoder" | "skip_transcoder" | "clt";
  readonly architecture?: "topk" | "batchtopk" | "matryoshka_batchtopk" | "jumprelu";
  readonly layer?: number[];
  readonly hook?: string;
  readonly latents: number;
  readonly k: number;
  readonly batch: number;
  readonly learningRate?: number;
  readonly out?: string;
}

interface EvalFlags extends TextFlags {
  readonly model: string;
  readonly adapter?: string;
  readonly tuned?: string;
  readonly data?: string;
}

interface ShowFlags extends TextFlags {
  readonly model: string;
  readonly layer: number;
  readonly html?: string;
}

const MODEL = "folder, .gguf file, hub id that is on this disk, or organism (bundled)";
const KINDS = ["sae", "transcoder", "skip_transcoder", "clt"];
const ARCHITECTURES = ["topk", "batchtopk", "matryoshka_batchtopk", "jumprelu"];
/** Tokens that a new dictionary is judged on. */
const JUDGED_TOKENS = 10_000;

export const registerDictionary: Register = (program, act) => {
  const dictionary = program
    .command("dictionary")
    .description("sparse autoencoders and transcoders: train, judge, look at a latent, convert");
  registerTrain(dictionary, act);
  registerEvaluate(dictionary, act);
  registerShow(dictionary, act);
  registerPull(dictionary, act);
  registerCompare(dictionary, act);
  registerConvert(dictionary, act);
  registerDescribe(dictionary, act);
  registerSearch(dictionary, act);
  registerProbe(dictionary, act);
};

function addText(command: Command, tokens: number): Command {
  return command
    .option(
      "--corpus <file>",
      "text (.txt, texts with an empty line between) or rows (.jsonl); default: what the model says",
    )
    .option("--tokens <n>", "tokens to read", whole, tokens)
    .option("--seed <n>", "seed of all random choices", whole, 1);
}

function registerTrain(dictionary: Command, act: Act): void {
  addText(dictionary.command("train"), 200_000)
    .description(
      "train a dictionary on a model's activations, in SAELens' form where it can be kept there, with a card",
    )
    .argument("<model>", MODEL)
    .option("--out <folder>", "where it goes; default, for transcoders: where `trace` finds them")
    .addOption(new Option("--kind <kind>", "what it is").choices(KINDS).default("sae"))
    .addOption(
      new Option("--architecture <name>", "who may speak; default: topk (sae), batchtopk").choices(ARCHITECTURES),
    )
    .option("--hook <name>", "an autoencoder's hook point; default: the residual stream after two thirds of the layers")
    .option("--layer <list>", "transcoders' layers, with commas; default: all, into layer_0, layer_1, …", wholes)
    .option("--latents <n>", "size of the dictionary", whole, 4096)
    .option("--k <n>", "latents that speak at once", whole, 32)
    .option("--batch <n>", "tokens of a step", whole, 1024)
    .option("--learning-rate <n>", "peak learning rate", number)
    .action(
      act<[string, TrainFlags]>(async (session, reference, flags) => {
        const { out } = flags;
        if (flags.kind === "sae" && out === undefined)
          throw new UserError("--out", { expected: "a folder for the dictionary", got: "none", fix: "name one" });
        if (flags.kind !== "sae" || (flags.architecture ?? "topk") !== "topk") {
          const { trainCoders } = await import("../train-coders.ts");
          return trainCoders(session, reference, { ...flags, architecture: flags.architecture ?? "batchtopk" });
        }
        const { defaultHook, trainDictionaryFolder, trainingText } = await import("../../jobs/index.ts");
        const { withModel } = await import("../models.ts");
        const { corpus = null, seed, tokens, latents, k, batch, learningRate } = flags;
        const card = await withModel({ reference, adapter: undefined }, async (base) => {
          const hook = (flags.hook as HookName | undefined) ?? defaultHook(base.model);
          const given = await trainingText(base, { corpus, seed, signal: session.signal }, JUDGED_TOKENS);
          const rate = learningRate === undefined ? {} : { learningRate };
          const recipe = { nLatents: latents, k, tokens, seed, batchTokens: batch, ...rate };
          return trainDictionaryFolder({ base, hook, recipe, ...given, folder: must(out, "folder"), ...session });
        });
        await printQuality(session.print, card.quality);
        session.print(`Dictionary: ${out} (${card.deadLatents} of ${card.nLatents} latents dead)`);
        session.document(card);
      }),
    );
}

function registerEvaluate(dictionary: Command, act: Act): void {
  addText(dictionary.command("eval"), 20_000)
    .description(
      "how well a dictionary rebuilds base, tuned model and user data; beside random and permuted ones (sae)",
    )
    .argument("<folder>", "a dictionary, or one per layer, in any format that is read")
    .requiredOption("--model <model>", MODEL)
    .option("--adapter <folder>", "a PEFT adapter: the tuned model")
    .option("--tuned <model>", "a whole tuned model")
    .option("--data <file>", "training rows, read at their answers")
    .action(
      act<[string, EvalFlags]>(async (session, folder, flags) => {
        const { dataSequences, holdsPlainSae, judgeCoders, judgeDictionary, judgeTemporal, judgingText } = await import(
          "../../jobs/index.ts"
        );
        const { isTemporal, resolveDictionary } = await import("../../dictionaries/index.ts");
        const { withTuned } = await import("../models.ts");
        const { corpus = null, seed, tokens, data } = flags;
        const temporal = await isTemporal(await resolveDictionary(folder));
        const plain = !temporal && (await holdsPlainSae(folder));
        const quality = await withTuned(flags, async (base, tuned) => {
          const text = await judgingText(base, { corpus, seed: seed + 1, signal: session.signal }, tokens);
          const rows = data === undefined ? null : await dataSequences(base, data);
          const asked = { folder, base, tuned, text, data: rows, ...session };
          if (temporal) return judgeTemporal(asked);
          return plain ? judgeDictionary({ ...asked, seed }) : judgeCoders(asked);
        });
        if ("architecture" in quality) {
          const { temporalEvalLines } = await import("../coder-tables.ts");
          for (const line of temporalEvalLines(quality)) session.print(line);
        } else if ("dictionaries" in quality) {
          const { coderEvalLines } = await import("../coder-tables.ts");
          for (const line of coderEvalLines(quality)) session.print(line);
        } else await printQuality(session.print, quality);
        session.document(quality);
      }),
    );
}

function registerShow(dictionary: Command, act: Act): void {
  addText(dictionary.command("show"), 20_000)
    .description("one latent: where it fires and what it says; also as a page")
    .argument("<folder>", "a dictionary, or one per layer, in any format that is read")
    .argument("<latent>", "its index", whole)
    .requiredOption("--model <model>", MODEL)
    .option("--layer <n>", "of a set or a cross-layer transcoder", whole, 0)
    .option("--html <file>", "one self-contained page")
    .action(
      act<[string, number, ShowFlags]>(async (session, folder, latent, flags) => {
        const { describeLatents, judgingText, keepDescription, textWords } = await import("../../jobs/index.ts");
        const { withModel } = await import("../models.ts");
        const { meaningLines } = await import("../dictionary-tables.ts");
        const { corpus = null, seed, tokens, model: reference, layer, html } = flags;
        const described = await withModel({ reference, adapter: undefined }, async (base) => {
          const text = await judgingText(base, { corpus, seed: seed + 1, signal: session.signal }, tokens);
          const source = textWords(corpus, seed + 1);
          return describeLatents({ folder, base, layer, latents: [latent], text, source, ...session });
        });
        const { description, written } = await keepDescription(described, { layer, html });
        for (const line of description.latents.flatMap(meaningLines)) session.print(line);
        for (const line of written) session.print(line);
        session.document(description);
      }),
    );
}

async function printQuality(
  print: (line?: string) => void,
  quality: Parameters<typeof import("../dictionary-tables.ts").qualityLines>[0],
): Promise<void> {
  const { qualityLines } = await import("../dictionary-tables.ts");
  for (const line of qualityLines(quality)) print(line);
}
