import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { must } from "../core/index.ts";
import { encodeGroupLarge, readActivations } from "../dictionaries/index.ts";
import { type Engine, startEngine } from "../engine/index.ts";
import { chosenGroup } from "./describe-latents.ts";
import { corpusTexts, textReader } from "./dictionary-text.ts";
import { asLanguageModel, assetFolder, openModel } from "./open.ts";
import { pooledTexts, probeDictionary } from "./probe-dictionary.ts";
import type { NamedModel } from "./train-dictionary.ts";

const folder = mkdtempSync(join(tmpdir(), "penumbra-probe-"));
const dictionary = assetFolder("organism/dictionary");
let engine: Engine;
let base: NamedModel;
beforeAll(async () => {
  engine = startEngine({ threads: 1 });
  const opened = await openModel("organism");
  base = { model: asLanguageModel(opened, engine, null), identity: opened.identity };
});
afterAll(async () => {
  await engine.close();
  rmSync(folder, { recursive: true });
});

/** Texts of one to three windows of 128 tokens. */
function written(name: string, sentence: string, texts: number): string {
  const file = join(folder, name);
  const words = sentence.split(" ").length;
  const text = (i: number) => Array.from({ length: Math.ceil((100 + 128 * (i % 3)) / words) + i }, () => sentence);
  writeFileSync(file, Array.from({ length: texts }, (_, i) => text(i).join(" ")).join("\n\n"));
  return file;
}

test("a text is one example however many windows it fills, so that it lies in one half alone", async () => {
  const [withIt, without] = [
    written("with.txt", "how do i cook raw chicken ?", 6),
    written("without.txt", "what color is snow ?", 8),
  ];
  const { sparse, absorption } = await probeDictionary({
    folder: dictionary,
    base,
    layer: 0,
    withIt,
    without,
    seed: 1,
  });
  expect(sparse.n).toEqual([3, 4]);
  expect(absorption?.n).toBeLessThanOrEqual(3);
});

test("an example is the mean over all tokens of all its text's windows", async () => {
  const { model } = base;
  const { coder, group } = await chosenGroup(dictionary, 0);
  const of = must(coder.groups[group], "group");
  const file = written("pooled.txt", "how do i cook raw chicken ?", 3);
  const texts = await corpusTexts(file, textReader(model.tokenizer, null));
  expect(texts.map(({ length }) => length)).toEqual([1, 2, 3]);
  const pooled = await pooledTexts(model, of, texts);
  for (const [text, windows] of texts.entries()) {
    const tokens = windows.reduce((sum, { positions }) => sum + positions.length, 0);
    const [activations, latents] = [new Float64Array(of.dIn), new Float64Array(of.nLatents)];
    for await (const { rows } of readActivations(model, windows, of.hooks))
      for (const each of rows) {
        for (const [i, value] of each.entries())
          activations[i % of.dIn] = must(activations[i % of.dIn], "sum") + value / tokens;
        const spoken = await encodeGroupLarge(engine, of, each);
        for (const [s, latent] of spoken.latents.entries())
          latents[latent] = must(latents[latent], "sum") + must(spoken.values[s], "value") / tokens;
      }
    const near = (ours: Float32Array, theirs: Float64Array) => {
      // float32 sums of some hundred values of the order of ten.
      for (const [i, value] of theirs.entries()) expect(Math.abs(must(ours[i], "mean") - value)).toBeLessThan(1e-4);
    };
    near(pooled.activations.subarray(text * of.dIn, (text + 1) * of.dIn), activations);
    near(pooled.latents.subarray(text * of.nLatents, (text + 1) * of.nLatents), latents);
  }
});

test("one text has no second half", async () => {
  const [one, two] = [written("one.txt", "what color is snow ?", 1), written("two.txt", "how do i cook ?", 2)];
  const at = { folder: dictionary, base, layer: 0, seed: 1 };
  await expect(probeDictionary({ ...at, withIt: two, without: one })).rejects.toThrow(/one\.txt.*two at least, got 1/);
});
