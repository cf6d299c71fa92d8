import type { Register } from "../command.ts";
import { DEVICE, number, whole } from "../options.ts";

interface Options {
  readonly prompt: string;
  readonly adapter?: string;
  readonly temperature: number;
  readonly topP: number;
  readonly seed: number;
  readonly maxNewTokens: number;
}

export const registerGenerate: Register = (program, act) => {
  program
    .command("generate")
    .description("one answer of a model to one prompt")
    .argument("<model>", "folder, .gguf file, hub id that is on this disk, or organism (bundled)")
    .option(...DEVICE)
    .requiredOption("--prompt <text>", "what the user says")
    .option("--adapter <folder>", "a PEFT adapter of the model")
    .option("--temperature <n>", "0: always the likeliest token", number, 0)
    .option("--top-p <n>", "draw from the likeliest tokens with this much probability", number, 1)
    .option("--seed <n>", "seed of what is drawn", whole, 1)
    .option("--max-new-tokens <n>", "tokens of the answer at most", whole, 64)
    .action(
      act<[string, Options]>(async (session, reference, { prompt, adapter, ...given }) => {
        const { answer, checkedSampling, withModel } = await import("../models.ts");
        const { escapeTerminal } = await import("../../report/index.ts");
        const sampling = checkedSampling({ ...given, signal: session.signal });
        const document = await withModel({ reference, adapter }, async (asked) => {
          const text = await answer(asked, [{ role: "user", content: prompt }], sampling);
          return { model: asked.identity, prompt, answer: text, ...given };
        });
        if (!session.json) session.print(escapeTerminal(document.answer));
        session.document(document);
      }),
    );
};
