/** Laws of interventions, on the tiny checkpoints: base against PEFT's random adapter. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type GoldenName, golden, goldenAdapter, randomFloats, relativeDifference } from "../../test/golden.ts";
import { must } from "../core/index.ts";
import type { Tokenizer } from "../data/index.ts";
import { type HookName, hookShape } from "../models/index.ts";
import {
  type Continuation,
  type Engine,
  type Intervention,
  type LanguageModel,
  languageModel,
  type ReadSequence,
  startEngine,
  type Where,
} from "./index.ts";

let engine: Engine;
beforeAll(() => {
  engine = startEngine({ threads: 2 });
});
afterAll(() => engine.close());

/** float32 sums in another order, through up to seven layers. */
const ROUNDING = 1e-5;
const names: readonly GoldenName[] = ["llama-tied", "gemma3"];

type Scene = Awaited<ReturnType<typeof buildScene>>;
const scenes = new Map<GoldenName, Promise<Scene>>();

/** One per checkpoint: its models share their programs. */
function scene(name: GoldenName): Promise<Scene> {
  const known = scenes.get(name) ?? buildScene(name);
  scenes.set(name, known);
  return known;
}

async function buildScene(name: GoldenName) {
  const { source } = await golden(name);
  const tokenizer = { eosIds: [1] } as unknown as Tokenizer;
  const base = languageModel({ engine, source, tokenizer, adapterRank: 4 });
  const tuned = await base.withAdapter(await goldenAdapter(name));
  const { nLayers, dModel, dVocab } = source.definition.dimensions;
  const posts = Array.from({ length: nLayers }, (_, layer): HookName => `blocks.${layer}.hook_resid_post`);
  const last = must(posts.at(-1), "layer");
  const questions = Array.from({ length: 7 }, (_, i): Continuation => {
    const token = (t: number) => 3 + ((7 * i + 5 * t + i * t) % (dVocab - 3));
    const prompt = Array.from({ length: 3 + (i % 4) }, (_, t) => token(t));
    return { prompt, continuation: Array.from({ length: 1 + ((3 * i) % 5) }, (_, t) => token(t + 20)) };
  });
  const sequence = (i: number): ReadSequence => {
    const { prompt, continuation } = must(questions[i], "question");
    const ids = [...prompt, ...continuation];
    return { ids, positions: [...ids.keys()], promptLength: prompt.length };
  };
  return { name, source, base, tuned, posts, last, dModel, questions, sequence };
}

async function nats(model: LanguageModel, questions: readonly Continuation[]): Promise<number[]> {
  return (await model.logLikelihood(questions)).map(({ logprob }) => logprob);
}

async function hidden(model: LanguageModel, sequence: ReadSequence, hook: HookName): Promise<Float32Array> {
  const found: Float32Array[] = [];
  await model.activations([sequence], [hook], ({ rows }) => void found.push(must(rows[0], "hook")));
  return must(found[0], "batch");
}

/** Orthonormal rows by Gram and Schmidt, in double precision. */
function basisOf(rank: number, width: number, name: string): Float32Array {
  const rows: Float64Array[] = [];
  for (let r = 0; r < rank; r++) {
    let row = Float64Array.from(randomFloats(width, `${name} ${r}`));
    for (const other of [...rows, ...rows]) {
      const along = row.reduce((sum, value, i) => sum + value * must(other[i], "value"), 0);
      row = row.map((value, i) => value - along * must(other[i], "value"));
    }
    const norm = Math.hypot(...row);
    rows.push(row.map((value) => value / norm));
  }
  return Float32Array.from(rows.flatMap((row) => [...row]));
}

const identity = (width: number) => Float32Array.from({ length: width * width }, (_, i) => (i % (width + 1) ? 0 : 1));

describe.each(names)("%s", (name) => {
  test("none, a vector of zeros, a basis of no rows: nothing changes", async () => {
    const { base, tuned, posts, last, dModel, questions } = await scene(name);
    const plain = await nats(tuned, questions);
    expect(await nats(tuned.intervene([]), questions)).toEqual(plain);
    const nothing: Intervention[] = [
      { kind: "project", hook: last, basis: new Float32Array(0) },
      { kind: "pin", hook: last, basis: new Float32Array(0), to: base },
    ];
    expect(await nats(tuned.intervene(nothing), questions)).toEqual(plain);
    const zeros = posts.map((hook): Intervention => ({ kind: "add", hook, vector: new Float32Array(dModel) }));
    expect(relativeDifference(await nats(tuned.intervene(zeros), questions), plain)).toBeLessThan(ROUNDING);
  });

  test("pinned to itself a model is itself; pinned everywhere to another at the last layer it is the other", async () => {
    const { base, tuned, posts, last, dModel, questions } = await scene(name);
    const [ofBase, ofTuned] = [await nats(base, questions), await nats(tuned, questions)];
    expect(relativeDifference(ofBase, ofTuned)).toBeGreaterThan(0.01);
    const self = posts.map((hook): Intervention => ({ kind: "pin", hook, basis: basisOf(3, dModel, hook), to: tuned }));
    expect(relativeDifference(await nats(tuned.intervene(self), questions), ofTuned)).toBeLessThan(ROUNDING);
    const whole: Intervention = { kind: "pin", hook: last, basis: identity(dModel), to: base };
    expect(relativeDifference(await nats(tuned.intervene([whole]), questions), ofBase)).toBeLessThan(ROUNDING);
    const everywhere = posts.map((hook): Intervention => ({ ...whole, hook }));
    expect(relativeDifference(await nats(tuned.intervene(everywhere), questions), ofBase)).toBeLessThan(ROUNDING);
  });

  test("pinning gives the other's coordinates along the basis and leaves the rest", async () => {
    const { base, tuned, posts, dModel, sequence } = await scene(name);
    const hook = must(posts[1], "layer");
    const basis = basisOf(2, dModel, "pin");
    const pinned = await hidden(tuned.intervene([{ kind: "pin", hook, basis, to: base }]), sequence(3), hook);
    const [own, other] = [await hidden(tuned, sequence(3), hook), await hidden(base, sequence(3), hook)];
    const expected = own.map((value, at) => {
      const row = at - (at % dModel);
      let off = 0;
      for (let r = 0; r < 2; r++) {
        let along = 0;
        for (let i = 0; i < dModel; i++)
          along += must(basis[r * dModel + i], "b") * (must(own[row + i], "own") - must(other[row + i], "other"));
        off += along * must(basis[r * dModel + (at % dModel)], "b");
      }
      return value - off;
    });
    expect(relativeDifference(pinned, expected)).toBeLessThan(ROUNDING);
    expect(relativeDifference(own, expected)).toBeGreaterThan(0.01);
  });

  test("taking the last layer from another model gives its logits; taking patterns gives its patterns only", async () => {
    const { base, tuned, last, sequence, questions } = await scene(name);
    const taken = tuned.intervene([{ kind: "take", hook: last, from: base }]);
    expect(relativeDifference(await taken.logits(sequence(2)), await base.logits(sequence(2)))).toBeLessThan(ROUNDING);
    expect(relativeDifference(await nats(taken, questions), await nats(base, questions))).toBeLessThan(ROUNDING);
    const pattern: Intervention = { kind: "take", hook: "blocks.1.attn.hook_pattern", from: base };
    const mixed = await nats(tuned.intervene([pattern]), questions);
    expect(relativeDifference(mixed, await nats(tuned, questions))).toBeGreaterThan(1e-4);
    expect(relativeDifference(mixed, await nats(base, questions))).toBeGreaterThan(1e-4);
    const own = await nats(tuned.intervene([{ ...pattern, from: tuned }]), questions);
    expect(relativeDifference(own, await nats(tuned, questions))).toBeLessThan(ROUNDING);
  });

  test("projecting twice is projecting once, at any rank", async () => {
    const { tuned, posts, dModel, questions, sequence } = await scene(name);
    const hook = must(posts[0], "layer");
    for (const rank of [1, 3]) {
      const project: Intervention = { kind: "project", hook, basis: basisOf(rank, dModel, "project") };
      const once = tuned.intervene([project]);
      expect(
        relativeDifference(await nats(once.intervene([project]), questions), await nats(once, questions)),
      ).toBeLessThan(ROUNDING);
      const left = await hidden(once, sequence(1), hook);
      for (let r = 0; r < rank; r++) {
        const along = must(
          left.reduce((sum, value, i) => sum + (i < dModel ? value * must(project.basis[r * dModel + i], "b") : 0), 0),
          "sum",
        );
        expect(Math.abs(along)).toBeLessThan(1e-4);
      }
    }
  });

  test.each<[string, (s: Scene, where: Where) => Intervention]>([
    ["add", ({ last, dModel }, where) => ({ kind: "add", hook: last, vector: randomFloats(dModel, "v", 3), where })],
    ["project", ({ last, dModel }, where) => ({ kind: "project", hook: last, basis: basisOf(2, dModel, "w"), where })],
    [
      "pin",
      ({ last, dModel, base }, where) => ({ kind: "pin", hook: last, basis: basisOf(2, dModel, "w"), to: base, where }),
    ],
    ["take", ({ last, base }, where) => ({ kind: "take", hook: last, from: base, where })],
    [
      "patch",
      ({ last, base }, where) => ({
        kind: "patch",
        hook: last,
        from: base,
        where,
        value: (a, b) => a.map((x, i) => x + 2 * must(b[i], "b")),
      }),
    ],
  ])("%s at the prompt and at the response is the same at all tokens, each in its place", async (_, make) => {
    const s = await scene(name);
    const { tuned, sequence, questions, dModel, last } = s;
    const at = (where: Where) => tuned.intervene([make(s, where)]);
    const both = make(s, "all").kind === "patch" ? null : tuned.intervene([make(s, "prompt"), make(s, "response")]);
    if (both)
      expect(relativeDifference(await nats(both, questions), await nats(at("all"), questions))).toBeLessThan(ROUNDING);
    const { promptLength = 0 } = sequence(3);
    const [plain, prompt, response, all] = await Promise.all(
      [tuned, at("prompt"), at("response"), at("all")].map((model) => hidden(model, sequence(3), last)),
    );
    const cut = promptLength * dModel;
    const close = (a: Float32Array | undefined, b: Float32Array | undefined) =>
      expect(relativeDifference(must(a, "a"), must(b, "b"))).toBeLessThan(ROUNDING);
    close(prompt?.subarray(0, cut), all?.subarray(0, cut));
    close(prompt?.subarray(cut), plain?.subarray(cut));
    close(response?.subarray(0, cut), plain?.subarray(0, cut));
    close(response?.subarray(cut), all?.subarray(cut));
    expect(relativeDifference(must(all, "all"), must(plain, "plain"))).toBeGreaterThan(0.01);
  });

  test("a batch is its questions one by one; trees are their sequences", async () => {
    const { base, tuned, posts, last, dModel, questions, source } = await scene(name);
    const model = tuned.intervene([
      { kind: "add", hook: must(posts[0], "layer"), vector: randomFloats(dModel, "v"), where: "response" },
      { kind: "pin", hook: must(posts[1], "layer"), basis: basisOf(3, dModel, "p"), to: base },
      {
        kind: "patch",
        hook: last,
        from: base,
        where: "response",
        value: (a, b) => a.map((x, i) => (x + must(b[i], "b")) / 2),
      },
    ]);
    const together = await nats(model, questions);
    const alone: number[] = [];
    for (const question of questions) alone.push(...(await nats(model, [question])));
    expect(relativeDifference(together, alone)).toBeLessThan(ROUNDING);
    const { dVocab } = source.definition.dimensions;
    for (const [i, { prompt, continuation }] of questions.entries()) {
      const ids = [...prompt, ...continuation];
      const positions = continuation.map((_, t) => prompt.length - 1 + t);
      const logits = await model.logits({ ids, positions, promptLength: prompt.length });
      const sum = continuation.reduce(
        (total, token, t) => total + logSoftmax(logits.subarray(t * dVocab, (t + 1) * dVocab), token),
        0,
      );
      expect(sum).toBeCloseTo(must(together[i], "answer"), 3);
    }
  });

  test("a generation under interventions is the greedy path of its logits", async () => {
    const { tuned, posts, dModel, questions } = await scene(name);
    const model = tuned.intervene([
      { kind: "add", hook: must(posts[1], "layer"), vector: randomFloats(dModel, "g", 2), where: "response" },
      { kind: "project", hook: must(posts[0], "layer"), basis: basisOf(2, dModel, "g") },
      { kind: "add", hook: "hook_embed", vector: randomFloats(dModel, "p", 0.5), where: "prompt" },
    ]);
    const prompts = questions.slice(0, 3).map(({ prompt }) => prompt);
    const answers = await model.generate(prompts, { maxNewTokens: 5, stopIds: [] });
    const plain = await tuned.generate(prompts, { maxNewTokens: 5, stopIds: [] });
    expect(answers).not.toEqual(plain);
    for (const [i, prompt] of prompts.entries()) {
      const ids = [...prompt];
      for (const token of must(answers[i], "answer")) {
        const logits = await model.logits({ ids, positions: [ids.length - 1], promptLength: prompt.length });
        expect(logits.indexOf(Math.max(...logits))).toBe(token);
        ids.push(token);
      }
    }
  });

  test("hook points have the widths that the table says", async () => {
    const { source } = await scene(name);
    const { values } = await golden(name);
    for (const hook of source.definition.hooks) {
      const shape = hookShape(hook, source.definition.dimensions);
      const theirs = must(values.get(hook), hook).shape;
      if (shape) expect([hook, ...shape]).toEqual([hook, ...theirs.slice(2)]);
      else expect(hook).toMatch(/hook_(attn_scores|pattern)$/);
    }
  });

  test("what does not fit is refused, and says what belongs", async () => {
    const { base, tuned, last, dModel, questions, sequence } = await scene(name);
    const twice = Float32Array.from([...basisOf(1, dModel, "a"), ...basisOf(1, dModel, "a")]);
    const value = (own: Float32Array) => own;
    const bad: [RegExp, Intervention[]][] = [
      [/vector of 3 numbers where \d+ belong/, [{ kind: "add", hook: last, vector: new Float32Array(3) }]],
      [/where rows of \d+ belong/, [{ kind: "project", hook: last, basis: new Float32Array(3) }]],
      [/not orthonormal/, [{ kind: "project", hook: last, basis: twice }]],
      [/not orthonormal/, [{ kind: "pin", hook: last, basis: new Float32Array(dModel).fill(1), to: base }]],
      [/no such hook point/, [{ kind: "take", hook: "blocks.99.hook_resid_post", from: base }]],
      [/use take/, [{ kind: "patch", hook: "blocks.0.attn.hook_pattern", from: base, value }]],
      [
        /only one patch/,
        [0, 1].map((l) => ({ kind: "patch", hook: `blocks.${l}.hook_resid_post`, from: base, value })),
      ],
    ];
    for (const [message, interventions] of bad) expect(() => tuned.intervene(interventions)).toThrow(message);
    const taken = tuned.intervene([{ kind: "take", hook: last, from: base }]);
    await expect(taken.generate([[3, 4]], { maxNewTokens: 1, stopIds: [] })).rejects.toThrow(/take cannot act/);
    const short = tuned.intervene([{ kind: "patch", hook: last, from: base, value: () => new Float32Array(1) }]);
    await expect(nats(short, questions)).rejects.toThrow(/a patch gave 1 numbers/);
    const { ids, positions } = sequence(0);
    const prompt = tuned.intervene([{ kind: "take", hook: last, from: base, where: "prompt" }]);
    await expect(prompt.logits({ ids, positions })).rejects.toThrow(/promptLength/);
  });
});

test("a model of other widths cannot be read", async () => {
  const [llama, gemma] = [await scene("llama-tied"), await scene("gemma3")];
  const take: Intervention = { kind: "take", hook: "blocks.0.hook_resid_post", from: gemma.base };
  expect(() => llama.base.intervene([take])).toThrow(/gemma3 differs there/);
});

function logSoftmax(logits: Float32Array, token: number): number {
  const top = Math.max(...logits);
  return must(logits[token], "logit") - top - Math.log(logits.reduce((sum, x) => sum + Math.exp(x - top), 0));
}
