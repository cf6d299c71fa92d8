import type { Command } from "commander";
import type { Probing } from "../../jobs/index.ts";
import type { Act } from "../command.ts";
import { whole } from "../options.ts";

interface ProbeFlags {
  readonly model: string;
  readonly adapter?: string;
  readonly tuned?: string;
  readonly with: string;
  readonly without: string;
  readonly layer: number;
  readonly seed: number;
}

export function registerProbe(dictionary: Command, act: Act): void {
  dictionary
    .command("probe")
    .description("do latents carry a concept? sparse probing and absorption, from texts with it and without it")
    .argument("<folder>", "a dictionary, or one per layer, in any format that is read")
    .requiredOption("--model <model>", "folder, .gguf file, hub id that is on this disk, or organism (bundled)")
    .option("--adapter <folder>", "a PEFT adapter: the tuned model, read too")
    .option("--tuned <model>", "a whole tuned model, read too")
    .requiredOption("--with <file>", "texts with the concept (.txt, an empty line between, or .jsonl rows)")
    .requiredOption("--without <file>", "texts without it")
    .option("--layer <n>", "of a set or a cross-layer transcoder", whole, 0)
    .option("--seed <n>", "seed of the halves", whole, 1)
    .action(
      act<[string, ProbeFlags]>(async (session, folder, flags) => {
        const { probeDictionary } = await import("../../jobs/index.ts");
        const { withTuned } = await import("../models.ts");
        const { with: withIt, without, layer, seed } = flags;
        const probed = await withTuned(flags, (base, tuned) =>
          probeDictionary({ folder, base, tuned, layer, withIt, without, seed, ...session }),
        );
        for (const line of probingLines("the base", probed)) session.print(line);
        if (probed.tuned) for (const line of probingLines("the tuned model", probed.tuned)) session.print(line);
        session.document(probed);
      }),
    );
}

function probingLines(model: string, { sparse, absorption }: Probing): string[] {
  const rate = absorption?.rate?.toFixed(3) ?? "not measured";
  return [
    `Balanced accuracy in ${model} on ${sparse.n[0]} texts with and ${sparse.n[1]} without it:`,
    `  all activations  ${sparse.activations.toFixed(3)}`,
    ...sparse.latents.map(
      ({ k, accuracy, chosen }) =>
        `  ${String(k).padStart(2)} latents       ${accuracy.toFixed(3)}  ${chosen.join(" ")}`,
    ),
    ...(absorption ? [`Absorbed: ${rate} of ${absorption.n} (main latents ${absorption.main.join(" ")})`] : []),
  ];
}
