/** Quality of dictionaries of any kind: against the residual-stream measures where both apply, and by laws elsewhere. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { goldenLanguage, randomDictionary, wordSequences } from "../../test/language.ts";
import { must } from "../core/index.ts";
import { type Engine, type LanguageModel, startEngine } from "../engine/index.ts";
import { coderOf } from "./as-dictionary.ts";
import { coderCost } from "./coder-cost.ts";
import { measureCoder, measureCoders } from "./coder-fidelity.ts";
import { checkCoderFits } from "./coder-fits.ts";
import type { LoadedCoder } from "./coders/sparse-coder.ts";
import { crossEntropies, recovered } from "./cross-entropy.ts";
import { measureFidelity } from "./fidelity.ts";

let engine: Engine;
let model: LanguageModel;
let gemma: LanguageModel;
beforeAll(async () => {
  engine = startEngine({ threads: 1 });
  model = await goldenLanguage(engine, "llama-tied");
  gemma = await goldenLanguage(engine, "gemma3");
});
afterAll(() => engine.close());

/** Latents ± e_j: everything is rebuilt exactly, at any place. */
function exact(hook: "blocks.0.attn.hook_z" | "blocks.0.hook_mlp_out", width: number): LoadedCoder {
  const nLatents = 2 * width;
  const decoder = new Float32Array(nLatents * width);
  for (let j = 0; j < width; j++) {
    decoder[2 * j * width + j] = 1;
    decoder[(2 * j + 1) * width + j] = -1;
  }
  const group = {
    hooks: [hook],
    dIn: width,
    nLatents,
    inputNorm: "none" as const,
    inputBias: null,
    encoder: decoder,
    encoderBias: null,
    activation: { type: "relu" as const },
    decoder,
    firstOutput: 0,
    written: 1,
  };
  return { kind: "sae", modelName: null, groups: [group], outputs: [{ hook, dOut: width, bias: null, skip: null }] };
}

describe("fidelity and cost", () => {
  test("of a TopK autoencoder are what the residual-stream measures say", async () => {
    const { dModel } = model.source.definition.dimensions;
    const dictionary = randomDictionary("blocks.1.hook_resid_post", dModel, 24, 5);
    const sequences = wordSequences(model, 6);
    const coder = coderOf(dictionary, null);
    const [theirs] = await measureFidelity({ model, dictionaries: [dictionary], sequences });
    const { fidelity, sums } = must(theirs, "measured");
    const ours = await measureCoder({ model, coder, sequences });
    expect(ours.tokens).toBe(fidelity.tokens);
    expect(ours.outputs[0]?.explainedVariance).toBeCloseTo(fidelity.explainedVariance, 5);
    expect(ours.l0[0]).toBeCloseTo(fidelity.l0, 6);
    expect(ours.dead[0]).toBe(sums.fired.filter((count) => count === 0).length);
    const entropies = await crossEntropies({ model, dictionary, sequences, mean: sums.mean });
    const cost = await coderCost({ model, coder, sequences });
    expect(cost.tokens).toBe(entropies.tokens);
    // Logits of float32, one way through log-probabilities in the graph and one outside it.
    expect(cost.ce.plain).toBeCloseTo(entropies.plain, 4);
    expect(cost.ce.rebuilt).toBeCloseTo(entropies.rebuilt, 4);
    expect(cost.ce.mean).toBeCloseTo(entropies.ablated, 4);
    if (cost.ceRecovered !== null) expect(cost.ceRecovered).toBeCloseTo(recovered(entropies) ?? Number.NaN, 2);
    expect(cost.kl.rebuilt).toBeGreaterThan(0);
  });

  test("of several, for which the model runs once, are those of each alone", async () => {
    const { dModel } = model.source.definition.dimensions;
    const sequences = wordSequences(model, 6);
    const coders = [
      coderOf(randomDictionary("blocks.1.hook_resid_post", dModel, 24, 5), null),
      exact("blocks.0.hook_mlp_out", dModel),
      coderOf(randomDictionary("blocks.1.hook_resid_post", dModel, 12, 2), null),
    ];
    const together = await measureCoders({ model, coders, sequences });
    for (const [i, coder] of coders.entries())
      expect(together[i]).toEqual(await measureCoder({ model, coder, sequences }));
  });

  test.each(["blocks.0.attn.hook_z", "blocks.0.hook_mlp_out"] as const)(
    "of one that rebuilds everything at %s: nothing unexplained, no divergence",
    async (hook) => {
      const { nHeads, dHead, dModel } = gemma.source.definition.dimensions;
      const width = hook.endsWith("hook_z") ? nHeads * dHead : dModel;
      const sequences = wordSequences(gemma, 4);
      const coder = exact(hook, width);
      checkCoderFits(coder, gemma.source.definition, "exact");
      const { outputs, dense } = await measureCoder({ model: gemma, coder, sequences });
      expect(outputs[0]?.explainedVariance).toBeCloseTo(1, 6);
      expect(outputs[0]?.saeLensLegacy).toBeCloseTo(1, 5);
      // Each token uses one of every ± pair: about half of the latents, each on about half of the tokens.
      expect(dense[0]).toBeGreaterThan(width / 2);
      const cost = await coderCost({ model: gemma, coder, sequences });
      expect(Math.abs(cost.kl.rebuilt)).toBeLessThan(1e-6);
      expect(cost.klRecovered).toBeCloseTo(1, 4);
      expect(cost.ce.rebuilt).toBeCloseTo(cost.ce.plain, 5);
      expect(cost.kl.mean).toBeGreaterThan(0);
    },
  );

  test("of a transcoder are of what it writes, from what it reads", async () => {
    const { dModel } = model.source.definition.dimensions;
    const like = randomDictionary("blocks.1.hook_resid_post", dModel, 24, 5);
    const [group, output] = [coderOf(like, null).groups[0], coderOf(like, null).outputs[0]];
    const silent: LoadedCoder = {
      kind: "transcoder",
      modelName: null,
      groups: [
        {
          ...must(group, "group"),
          hooks: ["blocks.1.mlp.hook_in"],
          inputBias: null,
          encoder: new Float32Array(24 * dModel),
        },
      ],
      outputs: [{ ...must(output, "output"), hook: "blocks.1.hook_mlp_out" }],
    };
    const sequences = wordSequences(model, 5);
    const { outputs, dead } = await measureCoder({ model, coder: silent, sequences });
    // Nothing fires and the bias is zero: all of y is missed, its mean too.
    expect(dead[0]).toBe(24);
    expect(outputs[0]?.explainedVariance).toBeLessThanOrEqual(0);
  });
});

describe("a dictionary of another model", () => {
  test("is refused with what would fit: another layer, another width, another place", () => {
    const { definition } = model.source;
    const { dModel, nLayers } = definition.dimensions;
    const at = (hook: string, width: number) => exact(hook as "blocks.0.hook_mlp_out", width);
    expect(() => checkCoderFits(at("blocks.77.hook_mlp_out", dModel), definition, "d")).toThrow(
      `one of this model's ${nLayers} layers (blocks.0.hook_mlp_out … blocks.${nLayers - 1}.hook_mlp_out, width ${dModel})`,
    );
    expect(() => checkCoderFits(at("blocks.0.hook_mlp_out", dModel + 1), definition, "d")).toThrow(
      `${dModel} numbers read at blocks.0.hook_mlp_out, got relu sae`,
    );
    expect(() => checkCoderFits(at("blocks.0.ln2_post.hook_normalized", dModel), definition, "d")).toThrow(
      /hook_resid_post/,
    );
  });
});
