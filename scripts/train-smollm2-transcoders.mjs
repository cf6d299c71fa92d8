/**
 * Transcoders of several layers of SmolLM2-135M-Instruct, trained with `penumbra dictionary train` from one reading of what
 * the model itself says, and left where `penumbra trace` finds them (the cache, under the model's hash). Then a graph of a
 * prompt with them, as a first look: what the other MLPs write counts as error there (`--partial`).
 *
 *   PENUMBRA_SMOLLM2_GGUF=SmolLM2-135M-Instruct.Q4_1.gguf node scripts/train-smollm2-transcoders.mjs [--tokens 49152]
 *                                                         [--layers 6,12,18,24] [--corpus text.txt | rows.jsonl]
 *
 * writes docs/results/smollm2-transcoders.json: the recipe, each layer's card without its weights, the scores of the graph
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { ensure } from "./ensure.mjs";
import { headCommit, pathNamed, penumbraJson, root } from "./measuring.mjs";

const { values } = parseArgs({
  options: {
    tokens: { type: "string", default: "49152" },
    layers: { type: "string", default: "6,12,18,24" },
    corpus: { type: "string" },
  },
});
const model = resolve(pathNamed("PENUMBRA_SMOLLM2_GGUF"));
ensure(root);

const RECIPE = {
  "--kind": "transcoder",
  "--architecture": "batchtopk",
  "--layer": values.layers,
  "--latents": "4096",
  "--k": "32",
  "--tokens": values.tokens,
  "--batch": "1024",
  "--learning-rate": "1e-3",
  "--seed": "1",
  ...(values.corpus ? { "--corpus": resolve(values.corpus) } : {}),
};
const PROMPT = "The capital of France is";

const folder = mkdtempSync(join(tmpdir(), "penumbra-smollm2-"));
const loadBefore = loadavg()[0];
const startedAt = performance.now();
try {
  const cards = penumbraJson("dictionary", "train", model, ...Object.entries(RECIPE).flat());
  const seconds = (performance.now() - startedAt) / 1000;
  const graph = penumbraJson("trace", model, "--prompt", PROMPT, "--partial", "--max-features", "500", "--out", folder);
  const result = {
    command: "node scripts/train-smollm2-transcoders.mjs",
    commit: headCommit(),
    cpu: cpus()[0]?.model,
    loadBefore,
    recipe: RECIPE,
    seconds,
    cards,
    graph: { prompt: PROMPT, nodes: graph.nodes.length, links: graph.links.length, ...scoresOf(graph) },
  };
  writeFileSync(join(root, "docs/results/smollm2-transcoders.json"), `${JSON.stringify(result, null, 2)}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function scoresOf({ penumbra: { activeFeatures, expandedFeatures, replacementScore, completenessScore } }) {
  return { activeFeatures, expandedFeatures, replacementScore, completenessScore };
}
