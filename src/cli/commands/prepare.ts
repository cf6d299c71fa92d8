import type { Register } from "../command.ts";
import { list } from "../options.ts";

interface Options {
  readonly behaviours?: string[];
  readonly dictionary?: string;
}

export const registerPrepare: Register = (program, act) => {
  program
    .command("prepare")
    .description("what audits need of a base alone, computed once and cached: its scores, directions and latents")
    .argument("<model>", "folder, .gguf file, hub id that is on this disk, or organism (bundled)")
    .option("--behaviours <names>", "behaviours to prepare, with commas between them, or all", list)
    .option("--dictionary <folder>", "a dictionary of this model; auto: the bundled model's own; none")
    .action(
      act<[string, Options]>(async (session, reference, { behaviours = ["all"], dictionary = "auto" }) => {
        const { prepare } = await import("../../jobs/index.ts");
        const { safe } = await import("../tables.ts");
        const result = await prepare({ model: reference, behaviours, dictionary }, session);
        const seconds = (result.durationMs / 1000).toFixed(1);
        session.print(
          result.fromCache
            ? `Prepared before, in ${seconds} s: ${safe(result.folder, 1000)}`
            : `Prepared in ${seconds} s: ${safe(result.folder, 1000)}`,
        );
        session.document(result);
      }),
    );
};
