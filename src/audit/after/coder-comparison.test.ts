/** Base against tuned through dictionaries: as the shifts of latents say, and by laws of crosscoders. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { goldenAdapter } from "../../../test/golden.ts";
import { encodeByDefinition, goldenLanguage, randomDictionary, wordSequences } from "../../../test/language.ts";
import { must } from "../../core/index.ts";
import { coderOf, type Dictionary, type LoadedCoder } from "../../dictionaries/index.ts";
import { type Engine, type LanguageModel, startEngine } from "../../engine/index.ts";
import { CoderComparison } from "../../records/index.ts";
import { compareThrough } from "./coder-comparison.ts";
import { featureShifts } from "./feature-shifts.ts";

let engine: Engine;
let base: LanguageModel;
let tuned: LanguageModel;
let dictionary: Dictionary;
beforeAll(async () => {
  engine = startEngine({ threads: 1 });
  base = await goldenLanguage(engine, "llama-tied", 4);
  tuned = await base.withAdapter(await goldenAdapter("llama-tied"));
  const { dModel } = base.source.definition.dimensions;
  dictionary = randomDictionary("blocks.1.hook_resid_post", dModel, 2 * dModel, 4);
});
afterAll(() => engine.close());

const sequences = () => wordSequences(base, 12).map(({ ids, positions }) => ({ ids, positions: positions.slice(1) }));
const named = { schemaVersion: 1 as const, dictionary: "d", gate: { ratio: 1, limit: 2, abstains: false } };
const identity = { name: "m", family: "llama", parameters: 1, sha256: "x" };

/** A crosscoder of two models that reads both alike; what latent `i` writes in the base times `inBase(i)`. */
function pairOf(
  { hook, dModel, nLatents, encoder, decoder }: Dictionary,
  inBase: (latent: number) => number,
): LoadedCoder {
  const halves = new Float32Array(2 * encoder.length);
  const writes = new Float32Array(2 * decoder.length);
  for (let i = 0; i < nLatents; i++)
    for (let j = 0; j < dModel; j++)
      for (const m of [0, 1]) {
        const at = (2 * i + m) * dModel + j;
        halves[at] = must(encoder[i * dModel + j], "e") / 2;
        writes[at] = must(decoder[i * dModel + j], "d") * (m === 0 ? inBase(i) : 1);
      }
  const group = {
    hooks: [hook, hook],
    dIn: 2 * dModel,
    nLatents,
    inputNorm: "none" as const,
    inputBias: null,
    encoder: halves,
    encoderBias: null,
    activation: { type: "topk" as const, k: 4, byNorm: false },
    decoder: writes,
    firstOutput: 0,
    written: 2,
  };
  const outputs = [0, 1].map(() => ({ hook, dOut: dModel, bias: null, skip: null }));
  return { kind: "crosscoder", modelName: null, groups: [group], outputs };
}

describe("through a dictionary of one model", () => {
  test("latents shift as the paired test of each says; the strongest come first", async () => {
    const coder = coderOf(dictionary, null);
    const compared = await compareThrough({ base, tuned, coder, group: 0, sequences: sequences(), keep: 500 });
    const shifts = await featureShifts({ base, tuned, dictionary, encode: encodeByDefinition, sequences: sequences() });
    const shifted = [...shifts].filter(([, { pAdjusted }]) => pAdjusted < 0.05);
    expect(compared.tested).toEqual({ latents: shifts.size, shifted: shifted.length });
    expect(compared.latents.length).toBe(shifted.length);
    for (const { latent, shift, rate } of compared.latents) {
      const expected = must(shifts.get(latent), "shift");
      expect(shift?.delta).toBeCloseTo(expected.delta, 5);
      expect(shift?.pAdjusted).toBeCloseTo(expected.pAdjusted, 4);
      expect(rate.base + rate.tuned).toBeGreaterThan(0);
    }
    const effects = compared.latents.map(({ shift }) => Math.abs(shift?.effect ?? Number.POSITIVE_INFINITY));
    expect(effects).toEqual([...effects].sort((a, b) => b - a));
    CoderComparison.parse({ ...named, base: identity, tuned: identity, ...compared });
  });

  test("a model against itself: nothing shifts", async () => {
    const coder = coderOf(dictionary, null);
    const same = await compareThrough({ base, tuned: base, coder, group: 0, sequences: sequences() });
    expect(same.tested?.shifted).toBe(0);
    expect(same.explainedVariance.base).toBe(same.explainedVariance.tuned);
  });
});

describe("through a crosscoder of the two", () => {
  test("of the same model twice every latent is shared, as much there in both", async () => {
    const coder = pairOf(dictionary, () => 1);
    const { latents, kinds, explainedVariance, texts, tokens } = await compareThrough({
      base,
      tuned: base,
      coder,
      group: 0,
      sequences: sequences(),
      keep: 500,
    });
    expect([texts, tokens]).toEqual([12, 12 * 9]);
    expect(kinds).toEqual({ baseOnly: 0, shared: dictionary.nLatents, tunedOnly: 0, between: 0 });
    expect(explainedVariance.base).toBe(explainedVariance.tuned);
    expect(latents.length).toBeGreaterThan(10);
    for (const { pair } of latents) {
      expect(pair).toMatchObject({ relativeNorm: 0.5, kind: "shared" });
      expect(pair?.cosine).toBeCloseTo(1, 5);
      expect(pair?.scaling).toBeCloseTo(1, 5);
    }
  });

  test("a decoder that was lost in the base alone is called tuned-only by its norm, and told by its scaling", async () => {
    const lost = new Set([0, 3, 5, 7, 11]);
    const coder = pairOf(dictionary, (latent) => (lost.has(latent) ? 0 : 1));
    const { latents, kinds } = await compareThrough({
      base,
      tuned: base,
      coder,
      group: 0,
      sequences: sequences(),
      keep: 500,
    });
    expect(kinds?.tunedOnly).toBe(lost.size);
    const told = latents.filter(({ latent }) => lost.has(latent));
    expect(told.length).toBeGreaterThan(0);
    for (const { pair } of told) {
      expect(pair).toMatchObject({ relativeNorm: 1, kind: "tuned-only", cosine: null });
      // The base shows the same activations: what the tuned model's latent explains is in the base's error. Where others of
      // the lost ones fire too, the base's error holds their part as well.
      expect(pair?.scaling).toBeGreaterThan(0.5);
    }
  });

  test("in another model than the base it is less there where the fine-tune put it", async () => {
    const coder = pairOf(dictionary, () => 1);
    const { latents } = await compareThrough({ base, tuned, coder, group: 0, sequences: sequences(), keep: 500 });
    const away = latents.map(({ pair }) => Math.abs((pair?.scaling ?? 1) - 1));
    expect(Math.max(...away)).toBeGreaterThan(0.01);
  });
});
