import type { Register } from "../command.ts";
import { DEVICE, number, whole } from "../options.ts";

interface Options {
  readonly adapter?: string;
  readonly temperature: number;
  readonly topP: number;
  readonly seed: number;
  readonly maxNewTokens: number;
}

export const registerChat: Register = (program, act) => {
  program
    .command("chat")
    .description("talk to a model, with any adapter; a line in, an answer out")
    .argument("<model>", "folder, .gguf file, hub id that is on this disk, or organism (bundled)")
    .option(...DEVICE)
    .option("--adapter <folder>", "a PEFT adapter of the model")
    .option("--temperature <n>", "0: always the likeliest token", number, 0)
    .option("--top-p <n>", "draw from the likeliest tokens with this much probability", number, 1)
    .option("--seed <n>", "seed of what is drawn", whole, 1)
    .option("--max-new-tokens <n>", "tokens of an answer at most", whole, 64)
    .action(
      act<[string, Options]>(async (session, reference, { adapter, ...given }) => {
        const { checkedSampling, withModel } = await import("../models.ts");
        const { converse } = await import("../converse.ts");
        const sampling = checkedSampling({ ...given, signal: session.signal });
        const turns = await withModel({ reference, adapter }, (asked) => converse(session, asked, sampling));
        session.document({ turns });
      }),
    );
};
