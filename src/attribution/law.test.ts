/**
 * The law of the graph: with everything held, adding a node's vector shifts every feature's pre-activation and every
 * demeaned logit by exactly its column. Every kind of node, every family, every kind of transcoder.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type GoldenName, goldenAdapter, goldenNames } from "../../test/golden.ts";
import { goldenLanguage } from "../../test/language.ts";
import { type RandomActivation, type RandomKind, randomTranscoders } from "../../test/transcoders.ts";
import { must } from "../core/index.ts";
import {
  type Engine,
  float32,
  forwardProgram,
  int64,
  readName,
  startEngine,
  type Tap,
  tapInput,
} from "../engine/index.ts";
import { type HookName, scaleHook } from "../models/index.ts";
import {
  type AttributionGraph,
  attribute,
  demeaned,
  type LocalReplacement,
  localReplacement,
  logitTargets,
  nodeLayout,
  totalEffects,
  transcoderSet,
  writtenVector,
} from "./index.ts";
import { intervene, preActivationShift } from "./intervene.ts";
import { type Addition, allHeld, type Perturbed, perturbed } from "./perturb.ts";
import { promptFeeds } from "./replacement.ts";

let engine: Engine;
beforeAll(() => {
  engine = startEngine({ threads: 2 });
});
afterAll(() => engine.close());

/** Of the largest entry: float32 sums in another order through up to seven layers, as differences of two passes. */
const ROUNDING = 2e-5;
const IDS = [0, 7, 3, 19, 4, 11];

interface Scene {
  readonly replacement: LocalReplacement;
  readonly graph: AttributionGraph;
}

interface Asked {
  readonly kind?: RandomKind;
  readonly activation?: RandomActivation;
  readonly reads?: "mlp.hook_in" | "ln2.hook_normalized" | "hook_resid_mid";
  readonly adapted?: boolean;
  /** Layers that have a transcoder; default all. */
  readonly layers?: readonly number[];
}

async function scene(
  name: GoldenName,
  { kind = "transcoder", activation = "relu", reads = "mlp.hook_in", adapted = false, layers }: Asked = {},
): Promise<Scene> {
  const base = await goldenLanguage(engine, name, adapted ? 4 : null);
  const model = adapted ? await base.withAdapter(await goldenAdapter(name)) : base;
  const coders = randomTranscoders(model.source.definition, { kind, activation, reads });
  const some = coders.filter((_, layer) => layers?.includes(layer) ?? true);
  const set = await transcoderSet(some, model.source.definition, "random", { partial: layers !== undefined });
  const replacement = await localReplacement(model, set, IDS);
  const targets = await logitTargets(replacement, { kind: "salient", most: 3, probability: 0.99 });
  return { replacement, graph: await attribute(replacement, targets, { roundFeatures: 7 }) };
}

/** Additions that stand for each source node, in the order of nodes. */
function sources(replacement: LocalReplacement): Addition[][] {
  const { features, writes, errors, tokens, ids, transcoders } = replacement;
  const { dModel } = transcoders;
  const row = (rows: Float32Array, t: number) => rows.subarray(t * dModel, (t + 1) * dModel);
  const byFeature = features.map(({ position }, f) =>
    writes
      .filter(({ feature }) => feature === f)
      .map((write) => ({ layer: write.layer, position, vector: writtenVector(replacement, write) })),
  );
  const byError = errors.flatMap((rows, layer) =>
    ids.map((_, position) => [{ layer, position, vector: row(rows, position) }]),
  );
  return [
    ...byFeature,
    ...byError,
    ...ids.map((_, position) => [{ layer: null, position, vector: row(tokens, position) }]),
  ];
}

/** The shift of every target of the graph, in the order of its rows. */
function shifts({ replacement, graph }: Scene, after: Perturbed, before: Float32Array): number[] {
  const { logits } = nodeLayout(graph);
  const demeaned = (values: Float32Array) => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return (token: number) => (values[token] as number) - mean;
  };
  const [now, then] = [demeaned(after.logits), demeaned(before)];
  return graph.rows.map(({ target }) => {
    if (target < logits) return preActivationShift(replacement, target, after);
    const { token } = must(graph.targets[target - logits], "target");
    return now(token) - then(token);
  });
}

/** Column s of the adjacency matrix. */
function column({ rows }: AttributionGraph, s: number): number[] {
  return rows.map(({ sources: from, weights }) => {
    const at = from.indexOf(s);
    return at < 0 ? 0 : (weights[at] as number);
  });
}

async function worst(given: Scene): Promise<{ off: number; largest: number; columns: number }> {
  const { replacement, graph } = given;
  const added = sources(replacement);
  const passes = await perturbed(replacement, allHeld(replacement), [[], ...added]);
  const before = must(passes[0], "pass").logits;
  let [off, largest] = [0, 0];
  for (const s of added.keys()) {
    const expected = column(graph, s);
    for (const [r, shift] of shifts(given, must(passes[s + 1], "pass"), before).entries()) {
      off = Math.max(off, Math.abs(shift - must(expected[r], "edge")));
      largest = Math.max(largest, Math.abs(must(expected[r], "edge")));
    }
  }
  return { off, largest, columns: added.length };
}

describe("adding a node's vector with everything held shifts each target by its column", () => {
  test.each(goldenNames)("%s", async (name) => {
    const given = await scene(name);
    const { nodes, logits } = nodeLayout(given.graph);
    const { off, largest, columns } = await worst(given);
    expect(columns).toBe(logits);
    expect(nodes - logits).toBe(given.graph.targets.length);
    expect(largest).toBeGreaterThan(0.01);
    expect(off / largest).toBeLessThan(ROUNDING);
  });

  test.each([
    ["llama-tied", { kind: "skip_transcoder" }],
    ["llama-tied", { kind: "clt" }],
    ["gemma3", { kind: "skip_transcoder", activation: "jumprelu" }],
    ["gemma3", { kind: "clt", reads: "ln2.hook_normalized" }],
    ["gpt2", { kind: "clt", activation: "topk" }],
    ["qwen3", { activation: "topk", reads: "hook_resid_mid" }],
    ["llama-untied", { activation: "gated" }],
    ["qwen2", { activation: "groupmax", adapted: true }],
    ["gemma3", { adapted: true }],
    ["llama-tied", { layers: [1] }],
    ["gemma3", { kind: "skip_transcoder", layers: [0, 3] }],
  ] as const)("%s with %j", async (name, asked) => {
    const given = await scene(name, asked);
    const { off, largest } = await worst(given);
    expect(largest).toBeGreaterThan(0.01);
    expect(off / largest).toBeLessThan(ROUNDING);
  });
});

/** The same through the engine's own taps, which know nothing of this floor: patterns and scales replaced by the prompt's. */
test("gemma3: the engine's taps see the same shifts", async () => {
  const given = await scene("gemma3");
  const { replacement, graph } = given;
  const { source } = replacement.model;
  const held = source.definition.hooks.flatMap((hook): HookName[] => {
    if (hook.endsWith("hook_pattern") || hook.endsWith("hook_mlp_out")) return [hook];
    return scaleHook(hook) === null ? [] : [scaleHook(hook) as HookName];
  });
  const reads = replacement.transcoders.layers.map(({ input }) => input);
  const feeds = { ...promptFeeds(IDS), select: int64([1], Int32Array.of(IDS.length - 1)) };
  const reading = forwardProgram(source, {
    outputs: ["logits"],
    taps: [...held, ...reads].map((hook): Tap => ({ kind: "read", hook })),
  });
  const before = await engine.run({
    program: reading,
    feeds,
    fetches: ["logits", ...[...held, ...reads].map(readName)],
  });
  const taps = held.map((hook): Tap => ({ kind: "replace", hook }));
  const holding = forwardProgram(source, {
    outputs: ["logits"],
    taps: [...taps, ...reads.map((hook): Tap => ({ kind: "read", hook }))],
  });
  const ones = float32([1, IDS.length], new Float32Array(IDS.length).fill(1));
  const added = sources(replacement).map((each) => must(each[0], "addition"));
  let [off, largest] = [0, 0];
  for (let s = 0; s < added.length; s += 5) {
    const { layer, position, vector } = must(added[s], "addition");
    if (layer === null) continue;
    const values = Object.fromEntries(held.map((hook) => [hook, must(before[readName(hook)], hook)]));
    const hook: HookName = `blocks.${layer}.hook_mlp_out`;
    const moved = (must(values[hook], hook).data as Float32Array).slice();
    for (const [i, v] of vector.entries())
      moved[position * vector.length + i] = (moved[position * vector.length + i] as number) + v;
    values[hook] = float32([1, IDS.length, vector.length], moved);
    const holdFeeds = Object.fromEntries(
      taps.flatMap((tap) => [
        [tapInput(tap, "value"), must(values[tap.hook], tap.hook)],
        [tapInput(tap, "weight"), ones],
      ]),
    );
    const after = await engine.run({
      program: holding,
      feeds: { ...feeds, ...holdFeeds },
      fetches: ["logits", ...reads.map(readName)],
    });
    const perturbedBy = {
      inputs: reads.map((read) => must(after[readName(read)], read).data as Float32Array),
      logits: must(after.logits, "logits").data as Float32Array,
    };
    const expected = column(graph, s);
    for (const [r, shift] of shifts(given, perturbedBy, must(before.logits, "logits").data as Float32Array).entries()) {
      off = Math.max(off, Math.abs(shift - must(expected[r], "edge")));
      largest = Math.max(largest, Math.abs(must(expected[r], "edge")));
    }
  }
  expect(off / largest).toBeLessThan(ROUNDING);
});

describe("interventions", () => {
  test("switching a feature off, all constrained, takes exactly its edges away", async () => {
    const given = await scene("llama-tied", { kind: "clt" });
    const { replacement, graph } = given;
    const f = 2;
    const feature = must(replacement.features[f], "feature");
    const before = must((await perturbed(replacement, allHeld(replacement), [[]]))[0], "pass").logits;
    const after = await intervene(replacement, [{ ...feature, value: 0 }], { constrained: "all" });
    const expected = column(graph, f);
    for (const [r, shift] of shifts(given, after, before).entries())
      expect(shift).toBeCloseTo(-must(expected[r], "edge"), 4);
  });

  test("a last layer's feature says directly what it says in all: its effect is what goes with it, all else held", async () => {
    const { replacement, graph } = await scene("qwen3");
    const { logits, nodes } = nodeLayout(graph);
    const weights = new Float64Array(nodes);
    weights[logits] = 1;
    const effects = totalEffects(graph, weights);
    const f = replacement.features.findLastIndex(({ position }) => position === IDS.length - 1);
    const feature = must(replacement.features[f], "feature");
    expect(feature.layer).toBe(graph.nLayers - 1);
    const [before] = await perturbed(replacement, allHeld(replacement), [[]]);
    const after = await intervene(replacement, [{ ...feature, value: 0 }], { constrained: "all" });
    const token = must(graph.targets[0], "target").token;
    const moved = demeaned(after.logits, token) - demeaned(must(before, "pass").logits, token);
    expect(Math.abs(moved)).toBeGreaterThan(1e-3);
    expect(moved).toBeCloseTo(-must(effects[f], "effect"), 4);
  });

  test("a feature set to what it is changes nothing; with nothing held the model itself answers", async () => {
    const { replacement } = await scene("gemma3");
    const feature = must(replacement.features[5], "feature");
    for (const holdAttention of [true, false]) {
      const { logits } = await intervene(replacement, [{ ...feature, value: feature.activation }], { holdAttention });
      for (const [token, logit] of logits.entries())
        expect(logit).toBeCloseTo(must(replacement.logits[token], "logit"), 4);
    }
  });

  test("a later feature's activation is the one that it has under the earlier intervention", async () => {
    const { replacement } = await scene("llama-tied");
    const { features } = replacement;
    const first = must(features[0], "feature");
    const later = must(
      features.findLast(({ position }) => position === IDS.length - 1),
      "feature",
    );
    // Held at the value that it takes by itself, it adds nothing to the first intervention.
    const alone = await intervene(replacement, [{ ...first, value: 5 }]);
    const f = features.indexOf(later);
    const own = later.activation + preActivationShift(replacement, f, alone);
    const both = await intervene(replacement, [
      { ...first, value: 5 },
      { ...later, value: Math.max(0, own) },
    ]);
    for (const [token, logit] of both.logits.entries())
      expect(logit).toBeCloseTo(must(alone.logits[token], "logit"), 4);
  });
});

test("expanding best first ends with the rows of expanding all", async () => {
  const given = await scene("gpt2");
  const targets = await logitTargets(given.replacement, { kind: "salient", most: 3, probability: 0.99 });
  const some = await attribute(given.replacement, targets, { maxFeatures: 9, roundFeatures: 4 });
  expect(some.features.length).toBe(9);
  const name = (graph: AttributionGraph, node: number) =>
    node < graph.features.length ? JSON.stringify(graph.features[node]) : node - graph.features.length;
  for (const row of some.rows) {
    const whole = must(
      given.graph.rows.find(({ target }) => name(given.graph, target) === name(some, row.target)),
      "row",
    );
    for (const [e, source] of row.sources.entries()) {
      const at = whole.sources.findIndex((other) => name(given.graph, other) === name(some, source));
      expect(row.weights[e]).toBeCloseTo(must(whole.weights[at], "edge"), 5);
    }
  }
});
