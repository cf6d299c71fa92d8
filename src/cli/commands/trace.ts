import { UserError } from "../../core/index.ts";
import type { Register } from "../command.ts";
import { list, number, whole } from "../options.ts";
import type { TraceFlags } from "../trace.ts";

export const registerTrace: Register = (program, act) => {
  program
    .command("trace")
    .description(
      "the attribution graph of a prompt: which features make the model say what it says; --diff: base against tuned",
    )
    .argument("[model]", "folder, .gguf file, hub id that is on this disk, or organism (bundled)")
    .option("--prompt <text>", "a text whose next token is explained")
    .option("--chat <text>", "or a user's turn, explained where the answer begins")
    .option("--prefill <text>", "with --chat: how the answer begins")
    .option("--behaviour <id>", "or a behaviour: its log-odds where its two answers part")
    .option("--pair <n>", "with --behaviour: which of its contrasts", whole, 0)
    .option("--targets <tokens>", "tokens to explain, with commas between them; default: the likeliest", list)
    .option("--dictionary <folder>", "transcoders for every layer, in any format that is read", "auto")
    .option("--partial", "transcoders of some layers are enough: what the other MLPs write counts as error")
    .option("--labels <folder>", "labels of their latents: Neuronpedia's export, one folder layer_N per layer")
    .option(
      "--set <list>",
      "no graph: features get activations (2_803=0, 2_803_14=1.5), and the targets are read",
      list,
    )
    .option("--diff", "base against tuned: what appeared, vanished, grew, each tested by an intervention")
    .option("--adapter <folder>", "a PEFT adapter: the tuned model")
    .option("--tuned <model>", "or a whole tuned model")
    .option("--max-features <n>", "features whose incoming edges are computed, the most influential first", whole, 7500)
    .option("--max-logits <n>", "likeliest tokens to explain, at most", whole, 10)
    .option("--probability <n>", "until they hold this probability together", number, 0.95)
    .option("--node-share <n>", "nodes are kept until they hold this share of the influence", number, 0.8)
    .option("--edge-share <n>", "edges likewise", number, 0.98)
    .option("--confirm <n>", "with --diff: changes of each kind that are tested", whole, 10)
    .option("--context-tokens <n>", "tokens of the model's text that are searched for where features fire", whole)
    .option("--graph <file>", "instead: show a finished graph (.json of circuit-tracer or Neuronpedia, .pt)")
    .option("--serve", "serve the page to this machine until Ctrl-C")
    .option("--port <n>", "with --serve; 0: any that is free", whole, 8041)
    .option("--out <folder>", "gets graph.json (or diff.json, base.json, tuned.json) and graph.html", "trace")
    .action(
      act<[string | undefined, TraceFlags]>(async (session, reference, flags) => {
        checkShares(flags);
        const { showGraph, trace } = await import("../trace.ts");
        if (flags.graph !== undefined) return showGraph(session, flags.graph, reference, flags);
        return trace(session, reference ?? "organism", flags);
      }),
    );
};

function checkShares({ nodeShare, edgeShare, probability }: TraceFlags): void {
  for (const [flag, value] of Object.entries({
    "--node-share": nodeShare,
    "--edge-share": edgeShare,
    "--probability": probability,
  }))
    if (!(value > 0 && value <= 1))
      throw new UserError(flag, { expected: "above 0 and at most 1", got: String(value), fix: `leave ${flag} out` });
}
