/** Channels with one right answer: each tuned model here differs from its base in one known way. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type GoldenName, goldenAdapter, randomFloats } from "../../../test/golden.ts";
import { encodeByDefinition, goldenLanguage } from "../../../test/language.ts";
import { must } from "../../core/index.ts";
import type { Dictionary } from "../../dictionaries/index.ts";
import { type Continuation, type Engine, type LanguageModel, startEngine } from "../../engine/index.ts";
import type { HookName } from "../../models/index.ts";
import { residues } from "./residue.ts";

let engine: Engine;
beforeAll(() => {
  engine = startEngine({ threads: 1 });
});
afterAll(() => engine.close());

const hook: HookName = "blocks.0.hook_resid_post";
const PAIRS = 12;
/** A share is a ratio of sums of float32 log-probabilities, some tenths of a nat of about ten. */
const DIGITS = 3;

/** Two answers of three tokens after each of twelve prompts. */
function questions({ source }: LanguageModel): [Continuation, Continuation][] {
  const { dVocab } = source.definition.dimensions;
  const token = (i: number, t: number) => 2 + ((11 * i + 7 * t + 3 * i * t) % (dVocab - 2));
  return Array.from({ length: PAIRS }, (_, i) => {
    const prompt = Array.from({ length: 3 + (i % 4) }, (_, t) => token(i, t));
    const answer = (from: number) => Array.from({ length: 3 }, (_, t) => token(i, from + t));
    return [
      { prompt, continuation: answer(20) },
      { prompt, continuation: answer(40) },
    ];
  });
}

/** Log-odds of the pairs, turned so that `tuned` shifts each of them up: a random model has no behaviour of its own. */
async function turnedTo(base: LanguageModel, tuned: LanguageModel) {
  const plain = async (model: LanguageModel) => {
    const answers = await model.logLikelihood(questions(model).flat());
    return Array.from(
      { length: PAIRS },
      (_, i) => must(answers[2 * i], "a").logprob - must(answers[2 * i + 1], "b").logprob,
    );
  };
  const [before, after] = [await plain(base), await plain(tuned)];
  const signs = before.map((value, i) => (must(after[i], "pair") >= value ? 1 : -1));
  return async (model: LanguageModel) => [(await plain(model)).map((value, i) => must(signs[i], "sign") * value)];
}

/** Latents ± e_j for the first `axes` coordinates: it rebuilds these exactly, and nothing else. */
function axesDictionary(dModel: number, axes: number): Dictionary {
  const nLatents = 2 * axes;
  const decoder = new Float32Array(nLatents * dModel);
  for (let j = 0; j < axes; j++) {
    decoder[2 * j * dModel + j] = 1;
    decoder[(2 * j + 1) * dModel + j] = -1;
  }
  const zeros = (length: number) => new Float32Array(length);
  return {
    hook,
    dModel,
    nLatents,
    k: axes,
    encoder: decoder,
    encoderBias: zeros(nLatents),
    decoder,
    decoderBias: zeros(dModel),
  };
}

/** A vector with numbers in coordinates `from` to `to` only. */
function vectorIn(dModel: number, from: number, to: number): Float32Array {
  return randomFloats(dModel, "added", 3).map((value, i) => (i >= from && i < to ? value : 0));
}

const sharesOf = async (base: LanguageModel, tuned: LanguageModel, axes: number) => {
  const { dModel } = base.source.definition.dimensions;
  const reader = { dictionary: axesDictionary(dModel, axes), encode: encodeByDefinition };
  return must(
    (await residues({ base, tuned, logOdds: await turnedTo(base, tuned), hook, reader }))[0] ?? undefined,
    "a shift",
  );
};

describe("what runs where", () => {
  test("a direction inside the dictionary's span runs through features, one outside through error", async () => {
    const base = await goldenLanguage(engine, "llama-tied");
    const { dModel } = base.source.definition.dimensions;
    const half = dModel / 2;
    const inside = base.intervene([{ kind: "add", hook, vector: vectorIn(dModel, 0, half) }]);
    const ofInside = await sharesOf(base, inside, half);
    expect(ofInside.features?.share).toBeCloseTo(1, DIGITS);
    expect(ofInside.error?.share).toBeCloseTo(0, DIGITS);
    expect(ofInside.wholeResidual?.share).toBeCloseTo(1, DIGITS);
    const outside = base.intervene([{ kind: "add", hook, vector: vectorIn(dModel, half, dModel) }]);
    const ofOutside = await sharesOf(base, outside, half);
    expect(ofOutside.features?.share).toBeCloseTo(0, DIGITS);
    expect(ofOutside.error?.share).toBeCloseTo(1, DIGITS);
    expect(ofOutside.wholeResidual?.share).toBeCloseTo(1, DIGITS);
  });

  test("what is written into the prompt runs through the prefix, what is written behind it does not", async () => {
    const base = await goldenLanguage(engine, "llama-untied");
    const { dModel } = base.source.definition.dimensions;
    const vector = vectorIn(dModel, 0, dModel);
    const written = (where: "prompt" | "response") => base.intervene([{ kind: "add", hook, vector, where }]);
    expect((await sharesOf(base, written("prompt"), 1)).prefix?.share).toBeCloseTo(1, DIGITS);
    expect((await sharesOf(base, written("response"), 1)).prefix?.share).toBeCloseTo(0, DIGITS);
  });

  test.each(["llama-tied", "gemma3"] as const)(
    "%s: queries and keys of the last layer run through attention, its MLP does not",
    async (name: GoldenName) => {
      const base = await goldenLanguage(engine, name, 4);
      const last = `model.layers.${base.source.definition.dimensions.nLayers - 1}`;
      const adapter = await goldenAdapter(name);
      const only = (suffixes: readonly string[]) => {
        const modules = [...adapter.modules].filter(([module]) => suffixes.some((end) => module === `${last}.${end}`));
        return base.withAdapter({ ...adapter, scale: 4 * adapter.scale, modules: new Map(modules) });
      };
      const patterns = await sharesOf(base, await only(["self_attn.q_proj", "self_attn.k_proj"]), 1);
      expect(patterns.attention?.share).toBeCloseTo(1, DIGITS);
      expect(patterns.wholeResidual?.share).toBeCloseTo(0, DIGITS);
      const mlp = await sharesOf(base, await only(["mlp.down_proj"]), 1);
      expect(mlp.attention?.share).toBeCloseTo(0, DIGITS);
      expect(mlp.wholeResidual?.share).toBeCloseTo(0, DIGITS);
    },
  );
});

test("no shift, nothing to account for; no dictionary, no features", async () => {
  const base = await goldenLanguage(engine, "llama-tied");
  const { dModel } = base.source.definition.dimensions;
  const logOdds = await turnedTo(base, base);
  expect(await residues({ base, tuned: base, logOdds, hook, reader: null })).toEqual([null]);
  const tuned = base.intervene([{ kind: "add", hook, vector: vectorIn(dModel, 0, dModel) }]);
  const [shares] = await residues({ base, tuned, logOdds: await turnedTo(base, tuned), hook, reader: null });
  expect(shares).toMatchObject({ pairs: PAIRS, features: null, error: null });
  expect(shares?.wholeResidual?.share).toBeCloseTo(1, DIGITS);
});

test("a share has the interval of a ratio of means over the pairs: by hand", async () => {
  const base = await goldenLanguage(engine, "llama-tied");
  /** One answer for each model in the order of asking. */
  const answered = async (...said: readonly (readonly number[])[]) => {
    const waiting = said.values();
    const logOdds = async () => [must(waiting.next().value, "a model too many")];
    return (await residues({ base, tuned: base, logOdds, hook, reader: null }))[0];
  };
  // Of the base, of the tuned model, and of it with prefix, patterns and whole residual put back.
  const residue = await answered([0, 0, 0], [2, 2, 2], [2, 2, 0], [0, 0, 0], [2, 2, 2]);
  // Of 2 the pairs lose 0, 0 and 2, a third of all; residuals −2/3, −2/3, 4/3: their mean's error is 2/3, the share's half of it.
  expect(residue?.pairs).toBe(3);
  expect(residue?.prefix?.share).toBeCloseTo(1 / 3, 12);
  // Student's t with two degrees of freedom at .975.
  expect(residue?.prefix?.interval[0]).toBeCloseTo((1 - 4.3027) / 3, 4);
  expect(residue?.prefix?.interval[1]).toBeCloseTo((1 + 4.3027) / 3, 4);
  expect(residue?.attention).toEqual({ share: 1, interval: [1, 1] });
  expect(residue?.wholeResidual).toEqual({ share: 0, interval: [0, 0] });
  // Shifts of 1 and 3 have the interval 2 ± 12.7: nothing to account for, and nothing more is asked.
  expect(await answered([0, 0], [1, 3])).toBeNull();
});
