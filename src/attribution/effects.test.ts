/** Effects by hand, and their law: where nothing has a bias, tokens and errors add up to the target. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { goldenLanguage } from "../../test/language.ts";
import { type RandomKind, randomTranscoders } from "../../test/transcoders.ts";
import { must } from "../core/index.ts";
import type { LoadedCoder } from "../dictionaries/index.ts";
import { type Engine, startEngine } from "../engine/index.ts";
import { totalEffects } from "./effects.ts";
import {
  type AttributionGraph,
  attribute,
  localReplacement,
  logitTargets,
  nodeLayout,
  transcoderSet,
} from "./index.ts";

let engine: Engine;
beforeAll(() => {
  engine = startEngine({ threads: 2 });
});
afterAll(() => engine.close());

test("two paths of a small graph, summed by hand", () => {
  const row = (target: number, edges: Readonly<Record<number, number>>) => ({
    target,
    sources: Int32Array.from(Object.keys(edges), Number),
    weights: Float32Array.from(Object.values(edges)),
  });
  const feature = (layer: number, activation: number) => ({ layer, position: 0, latent: 0, activation });
  // Nodes: 0, 1 features of layers 0 and 1; 2, 3 errors; 4 token; 5 logit.
  const graph: AttributionGraph = {
    ids: [7],
    nLayers: 2,
    features: [feature(0, 2), feature(1, 4)],
    activeFeatures: 2,
    targets: [{ token: 1, label: "a", weight: 1 }],
    rows: [row(0, { 4: 1 }), row(1, { 0: 3, 2: -1 }), row(5, { 0: 0.5, 1: 8, 3: 0.25 })],
  };
  // Feature 1 says 8. Feature 0: 0.5 directly and 3/4 of 8; error 2: −1/4 of 8; the token half of feature 0's 6.5.
  expect([...totalEffects(graph, Float64Array.of(0, 0, 0, 0, 0, 1))]).toEqual([6.5, 8, -2, 0.25, 3.25, 1]);
});

const IDS = [3, 7, 19, 4, 11];
/** Of the largest effect: float32 edges through up to seven layers. */
const ROUNDING = 1e-4;

/** Without biases a feature's activation is the sum of its edges. */
function withoutBiases(coders: readonly LoadedCoder[]): LoadedCoder[] {
  return coders.map((coder) => ({
    ...coder,
    groups: coder.groups.map((group) => ({ ...group, encoderBias: null })),
    outputs: coder.outputs.map((output) => ({ ...output, bias: null })),
  }));
}

test.each([
  ["llama-tied", "transcoder"],
  ["llama-tied", "clt"],
  ["gemma3", "skip_transcoder"],
  ["qwen3", "clt"],
] as const)("%s with a %s: tokens and errors add up to the demeaned logit", async (name, kind: RandomKind) => {
  const model = await goldenLanguage(engine, name);
  const coders = withoutBiases(randomTranscoders(model.source.definition, { kind }));
  const set = await transcoderSet(coders, model.source.definition, "random");
  const replacement = await localReplacement(model, set, IDS, { ignored: 0 });
  const [target] = await logitTargets(replacement, { kind: "tokens", tokens: [5] });
  const graph = await attribute(replacement, [must(target, "target")]);
  const { errors, tokens, logits, nodes } = nodeLayout(graph);
  const weights = new Float64Array(nodes);
  weights[logits] = 1;
  const effects = totalEffects(graph, weights);
  const sum = effects.subarray(errors, logits).reduce((total, effect) => total + effect, 0);
  const mean = replacement.logits.reduce((total, logit) => total + logit, 0) / replacement.logits.length;
  const largest = effects.reduce((most, effect) => Math.max(most, Math.abs(effect)), 0);
  expect(tokens).toBeGreaterThan(errors);
  expect(Math.abs(sum - (must(replacement.logits[5], "logit") - mean)) / largest).toBeLessThan(ROUNDING);
});
