/** What latents stand for: pages, labels, Neuronpedia's export in and out, search over labels. */
import type { Command } from "commander";
import type { Described } from "../../jobs/index.ts";
import type { Act } from "../command.ts";
import { type AskingOptions, addAskingOptions } from "../endpoint-options.ts";
import { whole } from "../options.ts";
import type { Session } from "../session.ts";

interface ExportFlags extends AskingOptions {
  readonly model: string;
  readonly corpus?: string;
  readonly tokens: number;
  readonly seed: number;
  readonly layer: number;
  readonly latents: number[];
  readonly html?: string;
  readonly neuronpedia?: string;
  readonly labels?: string;
  readonly labeller?: string;
  readonly labellerEndpoint?: string;
}

/** `0-99,512` */
function ranges(text: string): number[] {
  return text.split(",").flatMap((part) => {
    const [from = 0, to = from] = part.split("-").map(whole);
    return Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);
  });
}

export function registerDescribe(dictionary: Command, act: Act): void {
  addAskingOptions(dictionary.command("describe"))
    .description("many latents of a dictionary of any kind: a page, scored labels, Neuronpedia's export")
    .argument("<folder>", "a dictionary, or one per layer, in any format that is read")
    .requiredOption("--model <model>", "folder, .gguf file, hub id that is on this disk, or organism (bundled)")
    .requiredOption("--latents <list>", "for example 0-99,512", ranges)
    .option("--layer <n>", "of a set or a cross-layer transcoder", whole, 0)
    .option("--html <file>", "one self-contained page")
    .option("--neuronpedia <folder>", "features and activations as Neuronpedia exports them")
    .option("--labels <folder>", "a Neuronpedia export whose labels to show")
    .option("--labeller <model>", "who writes labels: a model of this machine, or one's name at --labeller-endpoint")
    .option("--labeller-endpoint <url>", "OpenAI-compatible endpoint of the labeller")
    .option("--corpus <file>", "text (.txt) or rows (.jsonl); default: what the model says")
    .option("--tokens <n>", "tokens to read", whole, 20_000)
    .option("--seed <n>", "seed of all random choices", whole, 1)
    .action(
      act<[string, ExportFlags]>(async (session, folder, flags) => {
        const { describeLatents, judgingText, keepDescription, textWords } = await import("../../jobs/index.ts");
        const { withModel } = await import("../models.ts");
        const { corpus = null, seed, tokens, layer, latents, model: reference, html, neuronpedia, labels } = flags;
        const described = await withModel({ reference, adapter: undefined }, async (base) => {
          const text = await judgingText(base, { corpus, seed: seed + 1, signal: session.signal }, tokens);
          const source = textWords(corpus, seed + 1);
          return describeLatents({ folder, base, layer, latents, text, source, ...session });
        });
        const named = flags.labeller === undefined ? described : await labelled(session, described, flags);
        const kept = await keepDescription(named, { layer, html, neuronpedia, labels });
        for (const line of kept.written) session.print(line);
        session.document(kept.description);
      }),
    );
}

async function labelled(session: Session, described: Described, flags: ExportFlags): Promise<Described> {
  const { labelDescribed } = await import("../../jobs/index.ts");
  const { labelLines } = await import("../dictionary-tables.ts");
  const { withSpeaker } = await import("../judge-options.ts");
  const { labeller = "", labellerEndpoint, seed } = flags;
  const place = { model: labeller, endpoint: labellerEndpoint, flag: "--labeller-endpoint" };
  const found = await withSpeaker(place, flags, (speaker) => labelDescribed({ described, speaker, seed, ...session }));
  for (const line of labelLines(found)) session.print(line);
  return found.described;
}

export function registerSearch(dictionary: Command, act: Act): void {
  dictionary
    .command("search")
    .description("latents whose labels hold the words, best first")
    .argument("<folder>", "a Neuronpedia export with explanations")
    .argument("<words>", "what to look for")
    .option("--keep <n>", "at most so many", whole, 20)
    .action(
      act<[string, string, { readonly keep: number }]>(async (session, folder, words, { keep }) => {
        const { findLabels } = await import("../../jobs/index.ts");
        const { columns, safe } = await import("../tables.ts");
        const found = await findLabels(folder, words, keep);
        const rows = found.map(({ latent, label, score }) => [String(latent), score.toFixed(2), safe(label, 120)]);
        for (const line of columns([["latent", "score", "label"], ...rows], [0, 1])) session.print(line);
        session.document(found);
      }),
    );
}
