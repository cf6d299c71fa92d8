import type { Register } from "../command.ts";
import { list } from "../options.ts";

interface Options {
  readonly behaviours?: string[];
  readonly dictionary?: string;
  /** False with `--no-positive-controls`. */
  readonly positiveControls: boolean;
}

export const registerPrepare: Register = (program, act) => {
  program
    .command("prepare")
    .description(
      "what audits need of a base alone, computed once and cached: its scores, directions, latents, positive controls",
    )
    .argument("<model>", "folder, .gguf file, hub id that is on this disk, or organism (bundled)")
    .option("--behaviours <names>", "behaviours to prepare, with commas between them, or all", list)
    .option("--dictionary <folder>", "a dictionary of this model; auto: the bundled model's own; none")
    .option("--no-positive-controls", "train none: without them no behaviour is called unaffected")
    .action(
      act<[string, Options]>(async (session, reference, options) => {
        const { behaviours = ["all"], dictionary = "auto", positiveControls } = options;
        const { prepare } = await import("../../jobs/index.ts");
        const { positiveControlTable, safe } = await import("../tables.ts");
        const result = await prepare({ model: reference, behaviours, dictionary, positiveControls }, session);
        const seconds = (result.durationMs / 1000).toFixed(1);
        session.print(
          result.fromCache
            ? `Prepared before, in ${seconds} s: ${safe(result.folder, 1000)}`
            : `Prepared in ${seconds} s: ${safe(result.folder, 1000)}`,
        );
        for (const line of positiveControlTable(result.positiveControls)) session.print(line);
        session.document(result);
      }),
    );
};
