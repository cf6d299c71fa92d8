import type { Register } from "../command.ts";
import { DEVICE, list } from "../options.ts";

interface Options {
  readonly adapter?: string;
  readonly behaviours?: string[];
  readonly out?: string;
}

export const registerEval: Register = (program, act) => {
  program
    .command("eval")
    .description("the behaviours of one model")
    .argument("<model>", "folder, .gguf file, hub id that is on this disk, or organism (bundled)")
    .option(...DEVICE)
    .option("--adapter <folder>", "a PEFT adapter of it")
    .option("--behaviours <names>", "behaviours to measure, with commas between them, or all", list)
    .option("--out <folder>", "write eval.json and the evidence there")
    .action(
      act<[string, Options]>(async (session, reference, { adapter, behaviours = ["all"], out }) => {
        const { behavioursFor, evaluate } = await import("../../jobs/index.ts");
        const { withModel } = await import("../models.ts");
        const { scoreTable } = await import("../tables.ts");
        const record = await withModel({ reference, adapter }, ({ opened, model, identity }) => {
          const chosen = behavioursFor(opened, behaviours);
          return evaluate({ model, identity, behaviours: chosen, folder: out ?? null, ...session });
        });
        for (const line of scoreTable(record)) session.print(line);
        session.document(record);
      }),
    );
};
