import type { Command } from "commander";
import type { Act } from "../command.ts";
import { whole } from "../options.ts";

interface ProbeFlags {
  readonly model: string;
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
    .requiredOption("--with <file>", "texts with the concept (.txt, an empty line between, or .jsonl rows)")
    .requiredOption("--without <file>", "texts without it")
    .option("--layer <n>", "of a set or a cross-layer transcoder", whole, 0)
    .option("--seed <n>", "seed of the halves", whole, 1)
    .action(
      act<[string, ProbeFlags]>(async (session, folder, { model, with: withIt, without, layer, seed }) => {
        const { probeDictionary } = await import("../../jobs/index.ts");
        const { withModel } = await import("../models.ts");
        const probed = await withModel({ reference: model, adapter: undefined }, (base) =>
          probeDictionary({ folder, base, layer, withIt, without, seed, ...session }),
        );
        const { sparse, absorption } = probed;
        session.print(`Balanced accuracy on ${sparse.n[0]} texts with and ${sparse.n[1]} without it:`);
        session.print(`  all activations  ${sparse.activations.toFixed(3)}`);
        for (const { k, accuracy, chosen } of sparse.latents)
          session.print(`  ${String(k).padStart(2)} latents       ${accuracy.toFixed(3)}  ${chosen.join(" ")}`);
        if (absorption) {
          const rate = absorption.rate === null ? "not measured" : absorption.rate.toFixed(3);
          session.print(`Absorbed: ${rate} of ${absorption.n} (main latents ${absorption.main.join(" ")})`);
        }
        session.document(probed);
      }),
    );
}
