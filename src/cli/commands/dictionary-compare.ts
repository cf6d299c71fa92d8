import type { Command } from "commander";
import { UserError } from "../../core/index.ts";
import type { HookName } from "../../models/index.ts";
import type { Act } from "../command.ts";
import { whole } from "../options.ts";

interface CompareFlags {
  readonly model: string;
  readonly adapter?: string;
  readonly tuned?: string;
  readonly data?: string;
  readonly corpus?: string;
  readonly hook?: string;
  readonly layer: number;
  readonly tokens: number;
  readonly seed: number;
}

export function registerCompare(dictionary: Command, act: Act): void {
  dictionary
    .command("compare")
    .description("base against tuned, latent by latent; with a crosscoder of the two: which latents are whose")
    .argument("<folder>", "a dictionary, or one per layer, in any format that is read")
    .requiredOption(
      "--model <model>",
      "the base: folder, .gguf file, hub id that is on this disk, or organism (bundled)",
    )
    .option("--adapter <folder>", "a PEFT adapter: the tuned model")
    .option("--tuned <model>", "a whole tuned model")
    .option("--data <file>", "rows, read at their answers; default: --corpus")
    .option("--corpus <file>", "text (.txt) or rows (.jsonl); default: what the base says")
    .option("--hook <name>", "where it reads, for files that do not say it")
    .option("--layer <n>", "of a set or a cross-layer transcoder", whole, 0)
    .option("--tokens <n>", "tokens to read", whole, 20_000)
    .option("--seed <n>", "seed of all random choices", whole, 1)
    .action(
      act<[string, CompareFlags]>(async (session, folder, flags) => {
        const { compareDictionary, dataSequences, judgingText } = await import("../../jobs/index.ts");
        const { withTuned } = await import("../models.ts");
        const { comparisonLines } = await import("../coder-tables.ts");
        const { corpus = null, data, hook, layer, seed, tokens } = flags;
        const compared = await withTuned(flags, async (base, tuned) => {
          if (!tuned)
            throw new UserError("dictionary compare", {
              expected: "a tuned model",
              got: "the base alone",
              fix: "name it with --adapter or --tuned",
            });
          const options = { corpus, seed: seed + 1, signal: session.signal };
          const text = data === undefined ? await judgingText(base, options, tokens) : await dataSequences(base, data);
          const place = hook === undefined ? {} : { hook: hook as HookName };
          return compareDictionary({ folder, base, tuned, layer, text, ...place, ...session });
        });
        for (const line of comparisonLines(compared)) session.print(line);
        session.document(compared);
      }),
    );
}
