/** Influence, scores and pruning on a graph small enough to compute by hand. */
import { describe, expect, test } from "vitest";
import type { EdgeRow } from "./edges.ts";
import { type AttributionGraph, influence, logitWeights, nodeAt, nodeLayout } from "./index.ts";
import { prune, shareThreshold } from "./prune.ts";
import { graphScores } from "./scores.ts";
import { similarFeatures } from "./supernodes.ts";

const row = (target: number, edges: Readonly<Record<number, number>>): EdgeRow => ({
  target,
  sources: Int32Array.from(Object.keys(edges), Number),
  weights: Float32Array.from(Object.values(edges)),
});

/**
 * Two features at layer 0 and 1 of a model with two layers, two tokens. Nodes: 0, 1 features; 2, 3 errors of layer 0;
 * 4, 5 of layer 1; 6, 7 tokens; 8, 9 logits with weights ¾ and ¼.
 *
 * logit 8 ← feature 1 (3), token 7 (−1);  logit 9 ← error 5 (2);  feature 1 ← feature 0 (1), error 3 (1);
 * feature 0 ← token 6 (−4).
 */
const graph: AttributionGraph = {
  ids: [0, 1],
  nLayers: 2,
  features: [
    { layer: 0, position: 1, latent: 3, activation: 1 },
    { layer: 1, position: 1, latent: 5, activation: 2 },
  ],
  activeFeatures: 2,
  targets: [
    { token: 4, label: "a", weight: 0.75 },
    { token: 2, label: "b", weight: 0.25 },
  ],
  rows: [row(0, { 6: -4 }), row(1, { 0: 1, 3: 1 }), row(8, { 1: 3, 7: -1 }), row(9, { 5: 2 })],
};

/** ¾·¾ = 9/16 through feature 1, half of it on to feature 0 and to error 3, all of that on to token 6. */
const byHand = [9 / 32, 9 / 16, 0, 9 / 32, 0, 1 / 4, 9 / 32, 3 / 16, 0, 0];

describe("a graph of ten nodes", () => {
  test("nodes stand in the order features, errors, tokens, logits", () => {
    expect(nodeLayout(graph)).toEqual({ errors: 2, tokens: 6, logits: 8, nodes: 10 });
    expect(nodeAt(graph, 5)).toEqual({ kind: "error", layer: 1, position: 1 });
    expect(nodeAt(graph, 7)).toEqual({ kind: "token", position: 1 });
    expect(nodeAt(graph, 9)).toEqual({ kind: "logit", target: 1 });
  });

  test("influence is the series summed by hand", () => {
    expect([...influence(graph.rows, logitWeights(graph))]).toEqual(byHand);
  });

  test("is the same whatever the order of nodes: one sweep and the series agree", () => {
    // Nodes turned round, so that edges lead downwards and only the series serves.
    const turned = (node: number) => 9 - node;
    const rows = graph.rows.map(({ target, sources, weights }) => ({
      target: turned(target),
      sources: sources.map(turned),
      weights,
    }));
    expect([...influence(rows, logitWeights(graph).toReversed())].reverse()).toEqual(byHand);
  });

  test("replacement is tokens over tokens and errors; completeness leaves out what errors bring in", () => {
    const scores = graphScores(graph);
    const [tokens, errors] = [9 / 32 + 3 / 16, 9 / 32 + 1 / 4];
    expect(scores.replacement).toBeCloseTo(tokens / (tokens + errors), 12);
    // Errors bring half of feature 1's and all of logit 9's inflow.
    const all = byHand.reduce((sum, value) => sum + value, 0) + 1;
    expect(scores.completeness).toBeCloseTo((all - (1 / 2) * (9 / 16) - 1 / 4) / all, 12);
  });

  test("the threshold is the score with which the running sum reaches the share", () => {
    expect(shareThreshold([1, 4, 3, 2], 0.4)).toBe(4);
    expect(shareThreshold([1, 4, 3, 2], 0.41)).toBe(3);
    expect(shareThreshold([1, 4, 3, 2], 1)).toBe(1);
  });

  test("pruning keeps the share of nodes, then drops what has lost its way", () => {
    // All influence: 59/32. The largest four, feature 1 and three of 9/32, hold 45/32 of 59/32: over 0.75, the first three not.
    const pruned = prune(graph, { nodeShare: 0.75, edgeShare: 1 });
    // Error 5 (1/4) is out, so logit 9 has no edge left; tokens and logits stay.
    expect([...pruned.kept]).toEqual([1, 1, 0, 1, 0, 0, 1, 1, 1, 1]);
    expect(pruned.rows.map(({ target, sources }) => [target, ...sources])).toEqual([[0, 6], [1, 0, 3], [8, 1, 7], [9]]);
    // Without feature 0, which holds less than the other two at 9/32 together, its edges go too.
    const least = prune(graph, { nodeShare: 0.3, edgeShare: 1 });
    expect([...least.kept.subarray(0, 6)]).toEqual([0, 0, 0, 0, 0, 0]);
  });

  test("a feature that nothing enters goes, and with it what only led to it", () => {
    const orphan: AttributionGraph = { ...graph, rows: [row(1, { 0: 1 }), row(8, { 1: 3 }), row(9, { 5: 2 })] };
    expect([...prune(orphan, { nodeShare: 1, edgeShare: 1 }).kept.subarray(0, 6)]).toEqual([0, 0, 0, 0, 0, 1]);
  });

  test("the weakest edges go first", () => {
    // Edge scores: 1←0 9/32, 1←3 9/32, 0←6 9/32, 8←1 9/16, 8←7 3/16, 9←5 1/4; in all 59/32; without the weakest 53/32.
    const pruned = prune(graph, { nodeShare: 1, edgeShare: 53 / 59 - 1e-9 });
    expect(pruned.rows.find(({ target }) => target === 8)?.sources).toEqual(Int32Array.of(1));
    expect([...(pruned.rows.find(({ target }) => target === 9)?.sources ?? [])]).toEqual([5]);
  });

  test("a cycle is refused", () => {
    expect(() => influence([row(0, { 1: 1 }), row(1, { 0: 1 })], Float64Array.of(1, 0))).toThrow("cycle");
  });

  test("features with the same edges make a supernode, others none", () => {
    const features = [0, 1, 2].map((latent) => ({ layer: 0, position: 1, latent, activation: 1 }));
    // Nodes 0–2 features, 3–6 errors, 7, 8 tokens, 9 logit.
    const twins: AttributionGraph = {
      ...graph,
      features,
      targets: [{ token: 4, label: "a", weight: 1 }],
      rows: [row(0, { 7: 1, 8: 0.1 }), row(1, { 7: 2, 8: 0.3 }), row(2, { 8: 1 }), row(9, { 0: 1, 1: 1.8, 2: 1 })],
    };
    const groups = similarFeatures(prune(twins, { nodeShare: 1, edgeShare: 1 }));
    expect(groups.map(({ nodes }) => [...nodes].sort())).toEqual([[0, 1]]);
  });
});
