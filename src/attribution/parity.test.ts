/**
 * Parity with circuit-tracer 0.5 on CPU, from golden files (test/fixtures/graphs/make_fixtures.py): the same tiny random
 * models and transcoders, with a skip connection, across layers, JumpReLU; Llama and Gemma 3.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { GoldenName } from "../../test/golden.ts";
import { goldenLanguage } from "../../test/language.ts";
import { must, UserError } from "../core/index.ts";
import { openCoders } from "../dictionaries/index.ts";
import { type Engine, startEngine } from "../engine/index.ts";
import { diffGraphs, nodeKey } from "./diff.ts";
import { parseGraphJson } from "./formats/graph-json.ts";
import { readTorchGraph } from "./formats/torch-graph.ts";
import {
  type AttributionGraph,
  attribute,
  graphRecord,
  graphScores,
  influence,
  localReplacement,
  logitTargets,
  logitWeights,
  prune,
  transcoderSet,
} from "./index.ts";

const fixtures = join(import.meta.dirname, "../../test/fixtures/graphs");
const cases = ["llama-skip", "llama-clt", "gemma3-jumprelu"];
const scratch = mkdtempSync(join(tmpdir(), "penumbra-parity-"));
let engine: Engine;
beforeAll(() => {
  engine = startEngine({ threads: 2 });
});
afterAll(async () => {
  await engine.close();
  rmSync(scratch, { recursive: true });
});

/** Of the largest entry: float32 sums in another order, in another runtime. */
const ROUNDING = 1e-4;

/**
 * What circuit-tracer's edges from tokens have to be multiplied by. Its nnsight backend, the only one for Gemma 3, takes
 * token vectors from the embedding table but gradients from behind Gemma's scaling by √dModel (40 here), so that its
 * token edges are too small by that factor. Ours keep the law (law.test.ts).
 */
const tokenFactor: Readonly<Record<string, number>> = { "gemma3-jumprelu": Math.sqrt(40) };

function corrected(all: ReadonlyMap<string, number>, factor: number): Map<string, number> {
  return new Map([...all].map(([key, weight]) => [key, key.startsWith("E_") ? factor * weight : weight]));
}

interface Golden {
  readonly model: GoldenName;
  readonly prompt: readonly number[];
  readonly options: { readonly max_n_logits: number; readonly max_feature_nodes: number; readonly round: number };
  readonly influence: readonly number[];
  readonly cumulative: readonly number[];
  readonly nodes: readonly number[];
  readonly edges: readonly (readonly [number, number])[];
  readonly replacement: number;
  readonly completeness: number;
  readonly file: {
    readonly nodes: readonly { readonly node_id: string }[];
    readonly links: readonly { readonly weight: number }[];
  };
}

const goldenOf = (name: string): Golden => JSON.parse(readFileSync(join(fixtures, name, "golden.json"), "utf8"));

async function ours(name: string): Promise<AttributionGraph> {
  const { model: modelName, prompt, options } = goldenOf(name);
  const model = await goldenLanguage(engine, modelName);
  const { coders } = await openCoders(join(fixtures, name));
  const set = await transcoderSet(coders, model.source.definition, name);
  const replacement = await localReplacement(model, set, prompt, { ignored: 1 });
  const targets = await logitTargets(replacement, { kind: "salient", most: options.max_n_logits, probability: 0.95 });
  return attribute(replacement, targets, { maxFeatures: options.max_feature_nodes, roundFeatures: options.round });
}

/** Edges by the names of their ends. */
function edges(graph: AttributionGraph): Map<string, number> {
  return new Map(
    graph.rows.flatMap(({ target, sources, weights }) =>
      [...sources].map((source, e) => [
        `${nodeKey(graph, source)} ${nodeKey(graph, target)}`,
        must(weights[e], "weight"),
      ]),
    ),
  );
}

function worst(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): number {
  const largest = Math.max(...[...b.values()].map(Math.abs));
  const keys = new Set([...a.keys(), ...b.keys()]);
  return Math.max(...[...keys].map((key) => Math.abs((a.get(key) ?? 0) - (b.get(key) ?? 0)))) / largest;
}

describe.each(cases)("%s", (name) => {
  test("the same features, activations, targets and adjacency", async () => {
    const [mine, { graph: theirs }] = [await ours(name), await readTorchGraph(join(fixtures, name, "graph.pt"))];
    const byKey = (graph: AttributionGraph) =>
      new Map(graph.features.map((feature, f) => [nodeKey(graph, f), feature.activation]));
    expect([...byKey(mine).keys()].sort()).toEqual([...byKey(theirs).keys()].sort());
    expect(mine.activeFeatures).toBe(theirs.activeFeatures);
    expect(worst(byKey(mine), byKey(theirs))).toBeLessThan(ROUNDING);
    expect(mine.targets.map(({ token }) => token)).toEqual(theirs.targets.map(({ token }) => token));
    for (const [t, { weight }] of theirs.targets.entries()) expect(mine.targets[t]?.weight).toBeCloseTo(weight, 5);
    expect(edges(theirs).size).toBeGreaterThan(100);
    expect(worst(edges(mine), corrected(edges(theirs), tokenFactor[name] ?? 1))).toBeLessThan(ROUNDING);
    if (name in tokenFactor) return;
    const changed = diffGraphs(theirs, mine, { nodeShare: 1, edgeShare: 1 }).nodes.filter(
      ({ change }) => change !== "same",
    );
    expect(changed).toEqual([]);
  });

  test("on their graph, the same influence, scores, pruned nodes and edges", async () => {
    const golden = goldenOf(name);
    const { graph } = await readTorchGraph(join(fixtures, name, "graph.pt"));
    const through = influence(graph.rows, logitWeights(graph));
    const pruned = prune(graph);
    for (const [node, value] of golden.influence.entries()) expect(through[node]).toBeCloseTo(value, 5);
    for (const node of golden.nodes)
      expect(pruned.cumulative[node]).toBeCloseTo(must(golden.cumulative[node], "share"), 4);
    expect([...pruned.kept.keys()].filter((node) => pruned.kept[node] === 1)).toEqual(golden.nodes);
    const kept = pruned.rows.flatMap(({ target, sources }) => [...sources].map((source) => [target, source]));
    expect(kept).toEqual(golden.edges);
    const scores = graphScores(graph);
    expect(scores.replacement).toBeCloseTo(golden.replacement, 5);
    expect(scores.completeness).toBeCloseTo(golden.completeness, 5);
  });

  test("the file that they write of it and ours hold the same nodes and links", async () => {
    const theirs = parseGraphJson(JSON.stringify(goldenOf(name).file), "golden.json");
    const { graph, prompt } = await readTorchGraph(join(fixtures, name, "graph.pt"));
    const promptTokens = graph.ids.map((id) => `w${id}`);
    const text = { slug: "golden", scan: "random", prompt, promptTokens, nodeShare: 0.8, edgeShare: 0.98 };
    const mine = graphRecord(prune(graph), text);
    const places = (record: typeof mine) =>
      record.nodes.map(({ node_id, feature, layer, ctx_idx, feature_type, jsNodeId, is_target_logit }) => ({
        node_id,
        feature,
        layer,
        ctx_idx,
        feature_type,
        jsNodeId,
        is_target_logit,
      }));
    expect(places(mine)).toEqual(places(theirs.record));
    const links = (record: typeof mine) =>
      new Map(record.links.map(({ source, target, weight }) => [`${source} ${target}`, weight]));
    expect([...links(mine).keys()].sort()).toEqual([...links(theirs.record).keys()].sort());
    expect(worst(links(mine), links(theirs.record))).toBeLessThan(ROUNDING);
    expect(mine.metadata.prompt_tokens).toEqual(theirs.record.metadata.prompt_tokens);
  });
});

test("a .pt file with any bytes changed is read or refused as the user's mistake", async () => {
  const whole = readFileSync(join(fixtures, "llama-clt", "graph.pt"));
  const file = join(scratch, "fuzzed.pt");
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(4000), fc.nat(255)), { minLength: 1, maxLength: 4 }),
      fc.option(fc.nat(whole.length)),
      async (changes, cut) => {
        const bytes = Buffer.from(whole.subarray(0, cut ?? whole.length));
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
        writeFileSync(file, bytes);
        const error = await readTorchGraph(file).then(
          () => null,
          (reason: unknown) => reason,
        );
        if (error !== null) expect(error).toBeInstanceOf(UserError);
      },
    ),
    { numRuns: 80 },
  );
});
