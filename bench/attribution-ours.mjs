/**
 * One attribution graph of random weights and random TopK transcoders, as one JSON line: what bench/attribution.mjs starts
 * for each of its cells, in a process of its own. A small graph first, which is not timed. Memory is that of this process
 * and the engine's.
 *
 *   node bench/attribution-ours.mjs '{"weights":"model.safetensors","shape":{…},"tokens":64,"features":256,…}'
 */
import { readdirSync, readFileSync } from "node:fs";
import {
  attribute,
  edgeCount,
  localReplacement,
  logitTargets,
  salientDefaults,
  transcoderSet,
} from "../dist/attribution/index.js";
import { rng } from "../dist/core/index.js";
import { openSafetensors } from "../dist/data/index.js";
import { languageModel, startEngine } from "../dist/engine/index.js";
import { defineModel } from "../dist/models/index.js";

const BOS = 2;
const WARM_UP = { tokens: 8, features: 8 };
const { weights, shape, tokens, features, latents, k, batch, round, threads } = JSON.parse(process.argv[2]);

const engine = startEngine({ threads });
try {
  const definition = defineModel(shape, "random");
  const source = { definition, tensors: await openSafetensors(weights), name: "random" };
  const tokenizer = { bosId: BOS, tokenText: (id) => `w${id}` };
  const model = languageModel({ engine, source, tokenizer, adapterRank: null });
  const set = await transcoderSet(randomTranscoders(definition), definition, "random");
  await graphOf(model, set, WARM_UP);
  const loaded = sum(residentBytes);
  const startedAt = performance.now();
  const graph = await graphOf(model, set, { tokens, features });
  const seconds = (performance.now() - startedAt) / 1000;
  const report = {
    seconds,
    activeFeatures: graph.activeFeatures,
    features: graph.features.length,
    edges: edgeCount(graph.rows),
    loadedRssBytes: loaded,
    peakRssBytes: sum(highWaterBytes),
  };
  console.log(JSON.stringify(report));
} finally {
  await engine.close();
}

async function graphOf(model, set, asked) {
  const random = rng(1, "prompt", asked.tokens);
  const { dVocab } = model.source.definition.dimensions;
  const ids = Array.from({ length: asked.tokens }, (_, t) => (t === 0 ? BOS : BOS + 1 + random.int(dVocab - BOS - 1)));
  const replacement = await localReplacement(model, set, ids);
  const targets = await logitTargets(replacement, salientDefaults);
  return attribute(replacement, targets, { maxFeatures: asked.features, roundFeatures: round, batch });
}

/** One per layer, from one pool of normal numbers read from a random place: drawing them is not what is measured. */
function randomTranscoders({ dimensions: { nLayers, dModel } }) {
  const random = rng(2, "transcoders");
  const pool = Float32Array.from({ length: 2 ** 20 }, () => random.normal() / Math.sqrt(dModel));
  const rows = () => {
    const out = new Float32Array(latents * dModel);
    for (let at = 0; at < out.length; ) {
      const from = random.int(pool.length);
      const part = pool.subarray(from, Math.min(pool.length, from + out.length - at));
      out.set(part, at);
      at += part.length;
    }
    return out;
  };
  return Array.from({ length: nLayers }, (_, layer) => ({
    kind: "transcoder",
    modelName: null,
    groups: [
      {
        hooks: [`blocks.${layer}.mlp.hook_in`],
        dIn: dModel,
        nLatents: latents,
        inputNorm: "none",
        inputBias: null,
        encoder: rows(),
        encoderBias: null,
        activation: { type: "topk", k, byNorm: false },
        decoder: rows(),
        firstOutput: 0,
        written: 1,
      },
    ],
    outputs: [{ hook: `blocks.${layer}.hook_mlp_out`, dOut: dModel, bias: null, skip: null }],
  }));
}

/** This process and the engine's. */
function family() {
  const own = process.pid;
  const children = readdirSync(`/proc/${own}/task`).flatMap((task) =>
    readFileSync(`/proc/${own}/task/${task}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number),
  );
  return [own, ...children];
}

function sum(of) {
  return family().reduce((total, pid) => total + of(pid), 0);
}

function residentBytes(pid) {
  return statusKib(pid, "VmRSS") * 1024;
}

function highWaterBytes(pid) {
  return statusKib(pid, "VmHWM") * 1024;
}

function statusKib(pid, key) {
  const found = new RegExp(`${key}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return Number(found?.[1] ?? 0);
}
