/** Laws of generation, on the tiny checkpoints. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  floats,
  type Golden,
  golden,
  goldenAdapter,
  goldenNames,
  randomFloats,
  tokenFeeds,
} from "../../test/golden.ts";
import { must } from "../core/index.ts";
import { adapterLayout, flattenAdapter, type KeyValueCache, servesInPlace } from "../models/index.ts";
import { generationPrograms } from "./generation-programs.ts";
import {
  type Engine,
  type ForwardSpec,
  float32,
  forwardProgram,
  type GenerateRequest,
  type HostTensor,
  scalarTensor,
  startEngine,
  type Tap,
  type TokenReport,
  tapInput,
} from "./index.ts";
import { argmax } from "./sampling.ts";

let engine: Engine;
beforeAll(() => {
  engine = startEngine({ threads: 2 });
});
afterAll(() => engine.close());

type Feeds = Record<string, HostTensor>;
type Spec = Pick<ForwardSpec, "taps" | "adapter">;
type Kind = KeyValueCache["kind"];

const inPlaceNames = ["llama-tied", "llama3", "gemma3", "gemma3-vision"] as const;
const caches = [
  ...goldenNames.map((name) => [name, "appended"] as const),
  ...inPlaceNames.map((name) => [name, "inPlace"] as const),
];

test("every model whose heads allow it is tried with both caches", async () => {
  const models = await Promise.all(goldenNames.map((name) => golden(name)));
  const can = goldenNames.filter((_, i) => servesInPlace(must(models[i], "model").source.definition.dimensions));
  expect(can).toEqual(inPlaceNames);
});

function request(
  { source }: Golden,
  kind: Kind,
  prompts: readonly (readonly number[])[],
  { taps = [], adapter = null }: Spec = {},
): GenerateRequest {
  const { nLayers, nKvHeads, dHead } = source.definition.dimensions;
  const shape = {
    kind,
    fused: kind === "inPlace" || servesInPlace(source.definition.dimensions),
    prepacked: prompts.length === 1,
    prompt: taps,
    response: taps,
    rows: prompts.length,
  };
  return {
    ...generationPrograms((spec) => forwardProgram(source, { ...spec, adapter }), shape),
    prompts: prompts.map((prompt) => Int32Array.from(prompt)),
    maxNewTokens: 12,
    stopIds: [],
    temperature: 0,
    topP: 1,
    seed: 1,
    feeds: {},
    cache: { kind, nLayers, nKvHeads, dHead },
  };
}

const tokensOf = (tokens: readonly Int32Array[]) => tokens.map((row) => [...row]);

/** The slow way: the whole sequence again for each token. */
async function withoutCache(
  { source }: Golden,
  prompt: readonly number[],
  n: number,
  spec: Spec = {},
  feeds: Feeds = {},
) {
  const program = forwardProgram(source, { ...spec, outputs: ["logits"] });
  const { dVocab } = source.definition.dimensions;
  const ids = [...prompt];
  for (let i = 0; i < n; i++) {
    const out = await engine.run({ program, feeds: { ...tokenFeeds([ids]), ...feeds }, fetches: ["logits"] });
    ids.push(argmax(floats(out.logits).subarray(-dVocab)));
  }
  return ids.slice(prompt.length);
}

const PROMPTS = [[5, 9, 41], [77], [12, 60, 33, 8, 95, 21, 4, 50, 66], [5, 9, 42]];

describe.each(caches)("%s, cache %s", (name, kind) => {
  test("greedy tokens are those of transformers", async () => {
    const model = await golden(name);
    const { tokens } = await engine.generate(
      request(
        model,
        kind,
        model.generation.map(({ prompt }) => prompt),
      ),
    );
    expect(tokensOf(tokens)).toEqual(model.generation.map((each) => each.tokens));
  });

  test("cached is uncached, also where the cache grows", async () => {
    const model = await golden(name);
    const prompt = must(PROMPTS[2], "prompt");
    const { tokens } = await engine.generate({ ...request(model, kind, [prompt]), maxNewTokens: 70 });
    expect(tokensOf(tokens)).toEqual([await withoutCache(model, prompt, 70)]);
  });

  test("a batch is its rows one by one: greedy, and sampled from named streams", async () => {
    const model = await golden(name);
    const streams = ["a", "b", "c", "d"];
    for (const sampling of [{}, { temperature: 1 }, { temperature: 1.5, topP: 0.8 }]) {
      const together = await engine.generate({ ...request(model, kind, PROMPTS), ...sampling, streams });
      const alone: number[][] = [];
      for (const [row, prompt] of PROMPTS.entries()) {
        const stream = must(streams[row], "stream");
        const { tokens } = await engine.generate({ ...request(model, kind, [prompt]), ...sampling, streams: [stream] });
        alone.push(...tokensOf(tokens));
      }
      expect(tokensOf(together.tokens)).toEqual(alone);
    }
  });

  test("sampling is fixed by the seed, and only by it", async () => {
    const model = await golden(name);
    const sampled = async (seed: number) =>
      tokensOf((await engine.generate({ ...request(model, kind, PROMPTS), temperature: 1, seed })).tokens);
    expect(await sampled(1)).toEqual(await sampled(1));
    expect(await sampled(1)).not.toEqual(await sampled(2));
  });

  test("a stop token ends its row, is left out, and leaves the other rows alone", async () => {
    const model = await golden(name);
    const free = tokensOf((await engine.generate(request(model, kind, PROMPTS))).tokens);
    const stop = must(free[0]?.[3], "token");
    const { tokens, stopped } = await engine.generate({ ...request(model, kind, PROMPTS), stopIds: [stop] });
    const cut = free.map((row) => (row.includes(stop) ? row.slice(0, row.indexOf(stop)) : row));
    expect(tokensOf(tokens)).toEqual(cut);
    expect(stopped).toEqual(free.map((row) => row.includes(stop)));
  });

  test("tokens are told as they are chosen, with the log-probabilities of the whole sequence's own forward pass", async () => {
    const model = await golden(name);
    const { dVocab } = model.source.definition.dimensions;
    const told: TokenReport[] = [];
    const asked = { ...request(model, kind, PROMPTS), temperature: 1.5, topP: 0.9, report: { topLogprobs: 3 } };
    const { tokens } = await engine.generate(asked, undefined, (reports) => void told.push(...reports));
    const program = forwardProgram(model.source, { outputs: ["logits"] });
    for (const [row, prompt] of PROMPTS.entries()) {
      const answer = [...must(tokens[row], "answer")];
      const own = told.filter((report) => report.row === row);
      expect(own.map(({ token }) => token)).toEqual(answer);
      const out = await engine.run({ program, feeds: tokenFeeds([[...prompt, ...answer]]), fetches: ["logits"] });
      for (const [i, { token, logprob, top }] of own.entries()) {
        const at = prompt.length - 1 + i;
        const logits = [...floats(out.logits).subarray(at * dVocab, (at + 1) * dVocab)];
        const norm = Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit), 0));
        const order = [...logits.keys()].sort((a, b) => (logits[b] ?? 0) - (logits[a] ?? 0)).slice(0, 3);
        // Cached and uncached sums differ by rounding in float32.
        expect(logprob).toBeCloseTo((logits[token] ?? 0) - norm, 3);
        expect(top.map((each) => each.token)).toEqual(order);
        for (const each of top) expect(each.logprob).toBeCloseTo((logits[each.token] ?? 0) - norm, 3);
      }
    }
  });

  test("an adapter and taps that hold everywhere act on prompt and answer alike", async () => {
    const model = await golden(name);
    const adapter = await goldenAdapter(name);
    const layout = adapterLayout(model.source.definition.linears, adapter.rank);
    const { dModel } = model.source.definition.dimensions;
    const hook = "blocks.1.hook_resid_post";
    const taps: Tap[] = (["add", "project"] as const).map((kind) => ({ kind, hook, id: kind, everywhere: true }));
    const [add, project] = taps as [Tap, Tap];
    const unit = randomFloats(dModel, "unit");
    const norm = Math.hypot(...unit);
    const spec: Spec = { adapter: layout, taps };
    const feeds = (rows: number): Feeds => ({
      adapter: float32([layout.size], flattenAdapter(adapter, layout)),
      adapter_scale: scalarTensor(adapter.scale),
      [tapInput(add, "vector")]: float32([dModel], randomFloats(dModel, "vector", 0.5)),
      [tapInput(add, "weight")]: float32([rows, 1], new Float32Array(rows).fill(1)),
      [tapInput(project, "basis")]: float32(
        [1, dModel],
        unit.map((value) => value / norm),
      ),
      [tapInput(project, "weight")]: float32([rows, 1], new Float32Array(rows).fill(1)),
    });
    const { tokens } = await engine.generate({ ...request(model, kind, PROMPTS, spec), feeds: feeds(PROMPTS.length) });
    const slow: number[][] = [];
    for (const prompt of PROMPTS) slow.push(await withoutCache(model, prompt, 12, spec, feeds(1)));
    expect(tokensOf(tokens)).toEqual(slow);
    expect(tokensOf(tokens)).not.toEqual(tokensOf((await engine.generate(request(model, kind, PROMPTS))).tokens));
  });
});
