/**
 * Gemma 3 270M with Gemma Scope 2's transcoders, where the user has the files: PENUMBRA_GEMMA3_270M names the model's
 * folder, PENUMBRA_GEMMA_SCOPE_2 one kind of its transcoders for every layer (`…/transcoder_all/width_16k_l0_small`). The
 * same path on a tiny random Gemma 3 and files of that layout: test/gemma-scope-2.test.ts.
 */
import { expect, test } from "vitest";
import {
  attribute,
  graphScores,
  intervene,
  localReplacement,
  logitTargets,
  preActivationShift,
  salientDefaults,
  transcoderSet,
} from "../../src/attribution/index.ts";
import { must } from "../../src/core/index.ts";
import { openCoders } from "../../src/dictionaries/index.ts";
import { startEngine } from "../../src/engine/index.ts";
import { asLanguageModel, openModel } from "../../src/jobs/index.ts";

const variables = ["PENUMBRA_GEMMA3_270M", "PENUMBRA_GEMMA_SCOPE_2"] as const;

test("a graph of a real prompt, whose edges an intervention confirms", { timeout: 1_800_000 }, async ({ skip }) => {
  const missing = variables.find((name) => process.env[name] === undefined);
  if (missing) skip(`${missing} names no folder`);
  const [modelFolder, scope] = variables.map((name) => must(process.env[name], name));
  const engine = startEngine();
  try {
    const model = asLanguageModel(await openModel(must(modelFolder, "model")), engine, null);
    const { coders } = await openCoders(must(scope, "transcoders"));
    const set = await transcoderSet(coders, model.source.definition, "gemma-scope-2");
    const ids = model.tokenizer.encode("The capital of the state containing Dallas is", { addSpecialTokens: true });
    const replacement = await localReplacement(model, set, ids);
    const graph = await attribute(replacement, await logitTargets(replacement, salientDefaults), { maxFeatures: 500 });
    const { replacement: score } = graphScores(graph);
    expect(score).toBeGreaterThan(0.1);
    const row = must(
      graph.rows.find(
        ({ target, sources }) => target < graph.features.length && (sources[0] ?? target) < graph.features.length,
      ),
      "an edge between features",
    );
    const source = must(graph.features[row.sources[0] ?? -1], "source");
    const target = replacement.features.indexOf(must(graph.features[row.target], "target"));
    const after = await intervene(replacement, [{ ...source, value: 0 }], { constrained: "all" });
    const weight = must(row.weights[0], "weight");
    // Activations reach hundreds in float32, and the shift is a difference of two passes.
    expect(Math.abs(preActivationShift(replacement, target, after) + weight)).toBeLessThan(
      1e-2 * Math.max(1, Math.abs(weight)),
    );
  } finally {
    await engine.close();
  }
});
