/** Laws of tangent and influence, on a tiny checkpoint with a toy tokenizer (one letter, one token). */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { golden, relativeDifference } from "../../../test/golden.ts";
import type { Behaviour, ContrastPair } from "../../behaviours/index.ts";
import { must, rng } from "../../core/index.ts";
import type { ChatMessage, Tokenizer } from "../../data/index.ts";
import { type Engine, languageModel, startEngine } from "../../engine/index.ts";
import { dot } from "../../geometry/index.ts";
import { adapterGradient, initialLora, type LoraShape, layoutOf, type TrainingRow } from "../../training/index.ts";
import { rowInfluences } from "./influence.ts";
import {
  atB,
  centralDifference,
  dataGradient,
  type PassOptions,
  probeGradients,
  surrogateRows,
  tangent,
  tangentSpace,
} from "./tangent.ts";

let engine: Engine;
beforeAll(() => {
  engine = startEngine({ threads: 2 });
});
afterAll(() => engine.close());

const EOS = 1;
const encode = (text: string) => [...text].map((letter) => letter.charCodeAt(0) - 30);
const tokenizer = {
  eosIds: [EOS],
  encode,
  encodeChat: (messages: readonly ChatMessage[]) => [2, ...messages.flatMap(({ content }) => encode(content)), 3],
} as unknown as Tokenizer;

const pair = (prompt: string, exhibiting: string, other: string, half: ContrastPair["half"]): ContrastPair => ({
  messages: [{ role: "user", content: prompt }],
  exhibiting,
  other,
  half,
});

function behaviour(id: string, weight: Behaviour["weight"], pairs: readonly ContrastPair[]): Behaviour {
  return { id, title: id, question: id, riskier: "up", weight, items: [], pairs, openPrompts: [] };
}

const behaviours = [
  behaviour("summed", "sum", [pair("abc", "de", "fgh", "select"), pair("bcd", "d", "gh", "check")]),
  behaviour("normalised", "mean", [pair("xyz", "hgfe", "ab", "select"), pair("zy", "hhg", "abab", "select")]),
  behaviour("without pairs", "sum", []),
];

const rows: readonly TrainingRow[] = Array.from({ length: 5 }, (_, row) => {
  const random = rng(4, "row", row);
  const ids = Int32Array.from({ length: 6 + 3 * row }, () => 3 + random.int(90));
  return { ids, weights: Float32Array.from(ids, (_id, t) => (t > 3 ? 1 : 0)) };
});

/** Scale large enough for float32 differences, small enough to be linear. */
const plain: LoraShape = { rank: 2, alpha: 4, targets: null };

async function passes(draws = 3, shape = plain): Promise<PassOptions> {
  const { source } = await golden("llama-tied");
  const space = tangentSpace(source.definition, { shape, draws, seed: 8 });
  return { engine, source, space, microBatchTokens: 64 };
}

describe("the space", () => {
  test("its first draw is the training's own start, all others differ, B is 0", async () => {
    const { space, source } = await passes();
    const one = layoutOf(source.definition, plain);
    const start = initialLora(one, 8);
    for (const [s, { dIn, offsetA, offsetB, dOut }] of one.slots.entries()) {
      const slot = must(space.layout.slots[s], "slot");
      const draw = (k: number) => space.flat.subarray(slot.offsetA + k * 2 * dIn, slot.offsetA + (k + 1) * 2 * dIn);
      expect(draw(0)).toEqual(start.subarray(offsetA, offsetA + 2 * dIn));
      expect(draw(1)).not.toEqual(draw(0));
      expect(draw(2)).not.toEqual(draw(1));
      expect(offsetB - offsetA).toBe(2 * dIn);
      expect(space.flat.subarray(slot.offsetB, slot.offsetB + 6 * dOut).every((b) => b === 0)).toBe(true);
    }
  });

  test("what is put at B is found there", async () => {
    const { space } = await passes();
    const b = Float32Array.from({ length: space.size }, (_, i) => i);
    const moved = atB(space, b, 1);
    const parts = space.layout.slots.map(({ dOut, offsetB }) =>
      moved.slice(offsetB, offsetB + dOut * space.layout.rank),
    );
    expect(parts.flatMap((part) => [...part])).toEqual([...b]);
    expect(atB(space, b, 0)).toEqual(space.flat);
  });
});

describe("the space of a training that changes some layers, or not all alike", () => {
  const sum = (values: ArrayLike<number>) => Array.from(values).reduce((total, value) => total + value, 0);

  test("of layer 0: the gradient is as long as that layer's B, and the influences sum to its plain tangent", async () => {
    const options = await passes(3, { ...plain, layers: [0] });
    const linears = options.source.definition.linears.filter(({ layer }) => layer === 0);
    const probes = await probeGradients({ ...options, tokenizer, behaviours });
    const { data, byBehaviour } = await rowInfluences({ ...options, rows, probes });
    const length = sum(linears.map(({ dOut }) => dOut)) * plain.rank * 3;
    expect([data.gradient.length, ...probes.map(({ gradient }) => gradient.length)]).toEqual([length, length, length]);
    expect(options.space.layout.slots.map(({ module }) => module)).toEqual(linears.map(({ module }) => module));
    for (const probe of probes) {
      const influences = must(byBehaviour.get(probe.id), probe.id);
      const size = sum(influences.map(Math.abs));
      // float32 sums in another order.
      expect(Math.abs(sum(influences) - tangent(options.space, probe, data).plain) / size).toBeLessThan(1e-5);
    }
  });

  test("a module's own rank and scale are those of its start: the gradient is the training's own", async () => {
    const shape = { ...plain, rslora: true, rankPattern: { q_proj: 3, down_proj: 1 }, alphaPattern: { o_proj: 7 } };
    const options = await passes(1, shape);
    const { source, space } = options;
    const layout = layoutOf(source.definition, shape);
    const flat = initialLora(layout, 8);
    const [trained, found] = [
      await adapterGradient({ ...options, layout, flat, scale: 4 / Math.sqrt(3), rows }),
      await dataGradient({ ...options, rows }),
    ];
    const ofB = layout.slots.flatMap(({ offsetB, dOut }) => [
      ...trained.gradient.subarray(offsetB, offsetB + dOut * layout.rank),
    ]);
    const total = found.gradient.map((value) => value * found.tokens);
    expect(space.rank).toBe(3);
    expect(relativeDifference(total, ofB)).toBeLessThan(1e-5);
    const down = space.layout.slots.findIndex(({ module }) => module.endsWith("down_proj"));
    const before = sum(space.layout.slots.slice(0, down).map(({ dOut }) => dOut * space.rank));
    const { dOut } = must(space.layout.slots[down], "slot");
    const own = total.subarray(before, before + dOut * space.rank);
    expect(own.some((value) => value !== 0)).toBe(true);
    expect(own.every((value, i) => i % space.rank === 0 || value === 0)).toBe(true);
  });

  test("of DoRA it is the space without magnitudes", async () => {
    expect((await passes(2, { ...plain, dora: true })).space).toEqual((await passes(2)).space);
  });
});

describe("the surrogate", () => {
  test("is the mean over pairs of the difference of log-likelihoods, of a token where length is normalised", async () => {
    const options = await passes();
    const probes = await probeGradients({ ...options, tokenizer, behaviours });
    expect(probes.map(({ id, pairs }) => [id, pairs])).toEqual([
      ["summed", 2],
      ["normalised", 2],
    ]);
    const model = languageModel({ engine, source: options.source, tokenizer, adapterRank: null });
    for (const [i, { value }] of probes.entries()) {
      const { pairs, weight } = must(behaviours[i], "behaviour");
      const prompts = pairs.map(({ messages }) => tokenizer.encodeChat(messages, { addGenerationPrompt: true }));
      const side = async (which: "exhibiting" | "other") => {
        const questions = pairs.map((each, p) => ({
          prompt: must(prompts[p], "p"),
          continuation: encode(each[which]),
        }));
        const answers = await model.logLikelihood(questions);
        return answers.map(({ logprob, tokens }) => logprob / (weight === "mean" ? tokens : 1));
      };
      const [exhibiting, other] = [await side("exhibiting"), await side("other")];
      const expected = exhibiting.reduce((sum, value, p) => sum + value - must(other[p], "other"), 0) / pairs.length;
      expect(value).toBeCloseTo(expected, 4);
    }
  });

  test("takes the halves that it is told, and the end of whole answers", () => {
    const summed = must(behaviours[0], "behaviour");
    expect(surrogateRows(summed, tokenizer, ["select"]).map(({ ids }) => ids.length)).toEqual([7, 8]);
    const whole = surrogateRows({ ...summed, wholeAnswers: true }, tokenizer, ["check"]);
    expect(whole.map(({ ids }) => [...ids].at(-1))).toEqual([EOS, EOS]);
    expect(whole.map(({ weights }) => [...weights])).toEqual([
      [0, 0, 0, 0, 0, -1, -1],
      [0, 0, 0, 0, 0, 1, 1, 1],
    ]);
  });
});

describe("the tangent", () => {
  test("is the slope that central differences find, for Adam's step and the plain one", async () => {
    const options = await passes();
    const probes = await probeGradients({ ...options, tokenizer, behaviours });
    const data = await dataGradient({ ...options, rows });
    for (const [i, probe] of probes.entries()) {
      const forecast = tangent(options.space, probe, data);
      const surrogate = surrogateRows(must(behaviours[i], "behaviour"), tokenizer, ["select", "check"]);
      const steps = [
        { step: data.gradient.map((g) => -Math.sign(g)), expected: forecast.adam, epsilon: 0.01 },
        { step: data.gradient.map((g) => -g), expected: forecast.plain, epsilon: 0.1 },
      ];
      for (const { step, expected, epsilon } of steps) {
        // All draws step at once, so the slope is their sum; they meet only at second order.
        const found = await centralDifference({
          ...options,
          rows: surrogate,
          direction: step,
          epsilon,
          tolerance: 0.01,
        });
        expect(found.epsilon).not.toBeNull();
        expect(Math.abs(found.slope / (expected * options.space.draws) - 1)).toBeLessThan(0.02);
      }
      expect(forecast.adamRange[0]).toBeLessThan(forecast.adam);
      expect(forecast.adamRange[1]).toBeGreaterThan(forecast.adam);
    }
  });

  test("of stacked draws is that of each draw alone", async () => {
    const [stacked, alone] = [await passes(3), await passes(1)];
    const forecasts = async (options: PassOptions) => {
      const [probe] = await probeGradients({ ...options, tokenizer, behaviours });
      return tangent(options.space, must(probe, "probe"), await dataGradient({ ...options, rows }));
    };
    const [wide, first] = [await forecasts(stacked), await forecasts(alone)];
    expect(first.adamRange[0]).toBe(first.adam);
    expect(first.adam).toBeGreaterThanOrEqual(wide.adamRange[0] - 1e-4);
    expect(first.adam).toBeLessThanOrEqual(wide.adamRange[1] + 1e-4);
  });

  test("a data set without loss has none", async () => {
    const silent = rows.map(({ ids, weights }) => ({ ids, weights: weights.map(() => 0) }));
    await expect(dataGradient({ ...(await passes()), rows: silent })).rejects.toThrow(/no token .* carries loss/);
  });
});

describe("influences of rows", () => {
  test("sum to the plain tangent, and each is the row's own gradient against the behaviour's", async () => {
    const options = await passes();
    const probes = await probeGradients({ ...options, tokenizer, behaviours });
    const { data, byBehaviour } = await rowInfluences({ ...options, rows, probes });
    const whole = await dataGradient({ ...options, rows });
    expect(data.lossPerToken).toBeCloseTo(whole.lossPerToken, 5);
    expect(data.tokens).toBe(whole.tokens);
    // float32 sums in another order.
    expect(relativeDifference(data.gradient, whole.gradient)).toBeLessThan(1e-5);
    for (const probe of probes) {
      const influences = must(byBehaviour.get(probe.id), probe.id);
      const sum = influences.reduce((total, value) => total + value, 0);
      const { plain } = tangent(options.space, probe, whole);
      const size = influences.reduce((total, value) => total + Math.abs(value), 0);
      expect(Math.abs(sum - plain) / size).toBeLessThan(1e-5);
      const third = await dataGradient({ ...options, rows: [must(rows[3], "row")] });
      const own = (-dot(third.gradient, probe.gradient) * third.tokens) / (whole.tokens * options.space.draws);
      expect(Math.abs(must(influences[3], "influence") - own) / size).toBeLessThan(1e-5);
    }
  });
});
