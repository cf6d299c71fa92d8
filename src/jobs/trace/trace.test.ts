/** Graphs of the bundled model with the transcoders that the package ships. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  intervene,
  nodeLayout,
  salient,
  salientDefaults,
  softmax,
  type TranscoderSet,
  transcoderSet,
  writtenVector,
} from "../../attribution/index.ts";
import { preActivationShift } from "../../attribution/intervene.ts";
import { type Addition, allHeld, perturbed } from "../../attribution/perturb.ts";
import { must, rng, UserError } from "../../core/index.ts";
import { type LoadedCoder, loadCoder, openCoders } from "../../dictionaries/index.ts";
import { type Engine, startEngine } from "../../engine/index.ts";
import type { Adapter } from "../../models/index.ts";
import { AttributionDiffRecord, AttributionGraphRecord, FEATURE, InterventionRecord } from "../../records/index.ts";
import { asLanguageModel, assetFolder, fixedBehaviours, type OpenedModel, openModel } from "../open.ts";
import type { NamedModel } from "../train-dictionary.ts";
import { traceDiff } from "./diff.ts";
import { type TraceSettings, traceGraph, traceOnce } from "./graph.ts";
import { behaviourPrompt, textPrompt, tokenChoice } from "./prompt.ts";
import { readGraph } from "./read.ts";
import { parseSetting, setFeatures } from "./set.ts";
import { openTranscoders } from "./transcoders.ts";

const folder = mkdtempSync(join(tmpdir(), "penumbra-trace-"));
let engine: Engine;
let opened: OpenedModel;
let base: NamedModel;
let transcoders: TranscoderSet;
beforeAll(async () => {
  engine = startEngine();
  opened = await openModel("organism");
  base = { model: asLanguageModel(opened, engine, { rank: 2 }), identity: opened.identity };
  transcoders = await openTranscoders(opened, "auto");
});
afterAll(async () => {
  await engine.close();
  rmSync(folder, { recursive: true });
});

const settings: TraceSettings = {
  maxFeatures: 120,
  nodeShare: 0.8,
  edgeShare: 0.98,
  text: [],
  labels: { "2_5": "a label" },
};
const question = () => textPrompt(opened.tokenizer, { chat: "please help me with a burn on my hand ." });

/** Random, small: moves activations without leaving the text. */
function adapter(scale: number): Adapter {
  const random = rng(9, "trace adapter");
  const floats = (n: number, size: number) => Float32Array.from({ length: n }, () => size * random.normal());
  const modules = new Map(
    opened.source.definition.linears.map(({ module, dIn, dOut }) => [
      module,
      { A: floats(2 * dIn, dIn ** -0.5), B: floats(2 * dOut, scale) },
    ]),
  );
  return { rank: 2, alpha: 2, scale: 1, modules };
}

test("the law: a node's vector shifts each target by its column, with everything held", async () => {
  const { ids, choice } = question();
  const { replacement, graph } = await traceOnce(base, transcoders, ids, choice, { maxFeatures: 40 });
  const { errors, tokens, logits } = nodeLayout(graph);
  const { dModel } = transcoders;
  const row = (rows: Float32Array, t: number) => rows.subarray(t * dModel, (t + 1) * dModel);
  const last = ids.length - 1;
  const featureAdditions = graph.features.slice(0, 12).map((feature): Addition => {
    const f = replacement.features.indexOf(feature);
    const write = must(
      replacement.writes.find((each) => each.feature === f),
      "write",
    );
    return { layer: write.layer, position: feature.position, vector: writtenVector(replacement, write) };
  });
  const added = [
    ...featureAdditions.map((addition, node) => ({ node, addition })),
    {
      node: errors + last,
      addition: { layer: 0, position: last, vector: row(must(replacement.errors[0], "error"), last) },
    },
    { node: tokens + last, addition: { layer: null, position: last, vector: row(replacement.tokens, last) } },
  ];
  const passes = await perturbed(replacement, allHeld(replacement), [[], ...added.map(({ addition }) => [addition])]);
  const mean = (values: Float32Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
  let [off, largest] = [0, 0];
  for (const [i, { node }] of added.entries()) {
    const after = must(passes[i + 1], "pass");
    const before = must(passes[0], "pass");
    for (const { target, sources, weights } of graph.rows) {
      const expected = weights[sources.indexOf(node)] ?? 0;
      const token = graph.targets[target - logits]?.token ?? 0;
      const shift =
        target < logits
          ? preActivationShift(
              replacement,
              replacement.features.indexOf(must(graph.features[target], "feature")),
              after,
            )
          : must(after.logits[token], "logit") -
            mean(after.logits) -
            must(before.logits[token], "logit") +
            mean(before.logits);
      off = Math.max(off, Math.abs(shift - expected));
      largest = Math.max(largest, Math.abs(expected));
    }
  }
  expect(largest).toBeGreaterThan(0.1);
  // As on the tiny models: float32 sums in another order.
  expect(off / largest).toBeLessThan(2e-5);
});

describe("a graph", () => {
  test("is a record that parses, with labels and cards, and reads back as it was", async () => {
    const record = await traceGraph({ base, transcoders, prompt: question(), settings });
    expect(AttributionGraphRecord.parse(JSON.parse(JSON.stringify(record)))).toEqual(
      JSON.parse(JSON.stringify(record)),
    );
    const features = record.nodes.filter(({ feature_type }) => feature_type === FEATURE);
    expect(features.length).toBeGreaterThan(5);
    const card = record.penumbra?.cards[`${features[0]?.layer}_${features[0]?.node_id.split("_")[1]}`];
    expect(card?.promotes.length).toBe(8);
    for (const score of [record.penumbra?.replacementScore, record.penumbra?.completenessScore]) {
      expect(score).toBeGreaterThan(0);
      expect(score).toBeLessThan(1);
    }
    const file = join(folder, "graph.json");
    writeFileSync(file, JSON.stringify(record));
    expect((await readGraph(file, opened, settings)).record).toEqual(JSON.parse(JSON.stringify(record)));
  });

  test("of a behaviour explains the log-odds of the tokens with which its answers part", async () => {
    const refusal = must(
      fixedBehaviours(opened, ["all"]).find(({ pairs }) => pairs.length > 0),
      "behaviour",
    );
    const prompt = behaviourPrompt(opened.tokenizer, refusal, 0);
    const { replacement, graph } = await traceOnce(base, transcoders, prompt.ids, prompt.choice, { maxFeatures: 20 });
    expect(graph.targets).toEqual([
      { token: replacement.logits.length, label: expect.stringContaining(refusal.id), weight: 1 },
    ]);
    if (prompt.choice.kind !== "logOdds") throw new Error("not log-odds");
    expect(prompt.choice.exhibiting).not.toBe(prompt.choice.other);
  });
});

describe("features set to activations", () => {
  test("to what they are: nothing moves; to 0: what the intervention itself gives", async () => {
    const { ids, choice } = question();
    const { replacement } = await traceOnce(base, transcoders, ids, choice, { maxFeatures: 1 });
    const feature = must(
      replacement.features.findLast(({ layer }) => layer === 2),
      "feature",
    );
    const ask = (value: number, position: number | null) =>
      setFeatures({ base, transcoders, prompt: question(), settings: [{ ...feature, value, position }] });
    const same = await ask(feature.activation, feature.position);
    for (const { before, after, attentionHeld } of same.targets) {
      expect(after).toBeCloseTo(before, 4);
      expect(attentionHeld).toBeCloseTo(before, 4);
    }
    const off = InterventionRecord.parse(await ask(0, null));
    expect(off.set.map(({ feature: key }) => key)).toContain(`2_${feature.latent}_${feature.position}`);
    const places = replacement.features.filter(({ layer, latent }) => layer === 2 && latent === feature.latent);
    expect(off.set.length).toBe(places.length);
    const zeros = places.map((place) => ({ ...place, value: 0 }));
    const { logits } = await intervene(replacement, zeros, { holdAttention: false });
    const token = must(salient(softmax(replacement.logits), salientDefaults)[0], "token");
    expect(off.targets[0]?.after).toBeCloseTo(must(softmax(logits)[token], "probability"), 6);
  });

  test("what is no setting, what is not active", async () => {
    expect(parseSetting("2_803_14=-1.5")).toEqual({ layer: 2, latent: 803, position: 14, value: -1.5 });
    for (const text of ["2_803", "2=1", "a_b=1", "2_803=", "1_2_3_4=5"])
      expect(() => parseSetting(text)).toThrow("expected layer_latent=value");
    const setting = { layer: 0, latent: 4000, position: null, value: 0 };
    await expect(setFeatures({ base, transcoders, prompt: question(), settings: [setting] })).rejects.toThrow(
      "expected a latent that is active somewhere in the prompt",
    );
  });
});

describe("base against tuned", () => {
  const request = (tuned: NamedModel) => ({ base, tuned, transcoders, prompt: question(), settings, confirm: 3 });
  const tunedBy = async (scale: number): Promise<NamedModel> => ({
    model: await base.model.withAdapter(adapter(scale)),
    identity: { ...base.identity, name: "tuned", sha256: "1".repeat(64) },
  });

  test("an adapter that changes nothing leaves every node and link the same", async () => {
    const { diff } = await traceDiff(request(await tunedBy(0)));
    expect(new Set([...diff.nodes, ...diff.links].map(({ change }) => change))).toEqual(new Set(["same"]));
    expect(diff.target.tuned).toBeCloseTo(diff.target.base, 5);
    expect(diff.nodes.every(({ confirmation }) => confirmation === null)).toBe(true);
  });

  test("what changed is told with the intervention that confirms it; edges do what the graph predicts", async () => {
    const { diff, tuned } = await traceDiff(request(await tunedBy(0.6)));
    expect(AttributionDiffRecord.parse(JSON.parse(JSON.stringify(diff)))).toEqual(JSON.parse(JSON.stringify(diff)));
    const changes = new Set(diff.nodes.map(({ change }) => change));
    for (const change of ["appeared", "vanished", "grew"] as const) expect(changes).toContain(change);
    for (const { node, change, activation } of diff.nodes) {
      if (node.feature_type === FEATURE && change === "appeared") expect(activation.base).toBeNull();
      if (node.feature_type === FEATURE && change === "vanished") expect(activation.tuned).toBeNull();
    }
    const told = diff.nodes.flatMap(({ confirmation }) => confirmation ?? []);
    expect(told.length).toBe(3);
    for (const { predicted } of told) expect(predicted).not.toBeNull();
    const tested = diff.links.flatMap(({ confirmation }) => confirmation ?? []);
    expect(tested.length).toBe(3);
    for (const { predicted, measured } of tested)
      expect(Math.abs(measured - (predicted ?? Number.NaN))).toBeLessThan(1e-3 * Math.max(1, Math.abs(measured)));
    // The difference's tuned side is the tuned model's own graph.
    const ids = new Set(diff.nodes.map(({ node }) => node.node_id));
    for (const { node_id } of tuned.nodes) expect(ids).toContain(node_id);
  });

  test("the base itself is no tuned model", async () => {
    await expect(traceDiff(request(base))).rejects.toThrow("got the base itself");
  });
});

describe("what bad input gets", () => {
  test("transcoders of some layers only", async () => {
    const opening = openTranscoders(opened, assetFolder("organism/transcoders/layer_1"));
    await expect(opening).rejects.toThrow("one transcoder for each of the model's 4 layers, got layers 1;");
  });

  test("a dictionary that is no transcoder", async () => {
    await expect(openTranscoders(opened, assetFolder("organism/dictionary"))).rejects.toThrow(
      "transcoders, which read",
    );
  });

  test("a prompt of one token", async () => {
    const bos = must(opened.tokenizer.bosId, "BOS");
    for (const [ids, got] of [
      [[bos], "alone"],
      [[], "none"],
    ] as const) {
      const tracing = traceOnce(base, transcoders, ids, question().choice, settings);
      await expect(tracing).rejects.toThrow(UserError);
      await expect(tracing).rejects.toThrow(got);
    }
  });

  test("no active feature", async () => {
    const { coders } = await openCoders(assetFolder("organism/transcoders"));
    const silent: LoadedCoder[] = [];
    for (const filed of coders) {
      const coder = await loadCoder(filed);
      const groups = coder.groups.map((group) => ({
        ...group,
        activation: { type: "jumprelu" as const, threshold: new Float32Array(group.nLatents).fill(1e6) },
      }));
      silent.push({ ...coder, groups });
    }
    const set = await transcoderSet(silent, opened.source.definition, "silent");
    await expect(traceOnce(base, set, question().ids, question().choice, settings)).rejects.toThrow(
      "an active feature",
    );
  });

  test("another model's graph", async () => {
    const record = await traceGraph({ base, transcoders, prompt: question(), settings });
    const file = join(folder, "other.json");
    const write = (value: unknown) => writeFileSync(file, JSON.stringify(value));
    write({
      ...record,
      nodes: record.nodes.map((node) => (node.feature_type === "logit" ? { ...node, layer: "27" } : node)),
    });
    await expect(readGraph(file, opened, settings)).rejects.toThrow("one of a model of 26 layers");
    write({
      ...record,
      penumbra: { ...record.penumbra, model: { ...opened.identity, name: "other", sha256: "2".repeat(64) } },
    });
    await expect(readGraph(file, opened, settings)).rejects.toThrow("got one of other");
  });

  test("a target that is more than one token, a pair that is not there", () => {
    expect(() => tokenChoice(opened.tokenizer, ["how do"])).toThrow("expected one token, got 2");
    const behaviour = must(fixedBehaviours(opened, ["all"])[0], "behaviour");
    expect(() => behaviourPrompt(opened.tokenizer, behaviour, 9999)).toThrow("--pair 9999");
  });
});
