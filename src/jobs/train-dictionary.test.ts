import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Engine, startEngine } from "../engine/index.ts";
import { DictionaryCard, DictionaryQuality } from "../records/index.ts";
import { corpusSequences, responseSequences } from "./dictionary-text.ts";
import { asLanguageModel, assetFolder, openModel } from "./open.ts";
import {
  judgeDictionary,
  judgingText,
  type NamedModel,
  trainDictionaryFolder,
  trainingText,
} from "./train-dictionary.ts";

const folder = mkdtempSync(join(tmpdir(), "penumbra-dictionary-job-"));
const bundled = assetFolder("organism/dictionary");
const rows = assetFolder("organism/data/inducing.jsonl");
let engine: Engine;
let base: NamedModel;
let other: NamedModel;

beforeAll(async () => {
  engine = startEngine({ threads: 1 });
  const named = async (name: string) => {
    const opened = await openModel(name);
    return { model: asLanguageModel(opened, engine, null), identity: opened.identity };
  };
  base = await named("organism");
  other = await named("organism-control-world");
});
afterAll(async () => {
  await engine.close();
  rmSync(folder, { recursive: true });
});

describe("dictionary jobs on the bundled model", () => {
  test("train writes a folder whose card holds its quality on text that training did not see", async () => {
    const out = join(folder, "trained");
    const given = await trainingText(base, { corpus: rows, seed: 1 }, 500);
    const recipe = { nLatents: 64, k: 8, tokens: 2560, seed: 1, batchTokens: 128 };
    const card = await trainDictionaryFolder({ base, hook: "blocks.1.hook_resid_post", recipe, ...given, folder: out });
    expect(DictionaryCard.parse(JSON.parse(readFileSync(join(out, "card.json"), "utf8")))).toEqual(card);
    expect(card).toMatchObject({ steps: 20, tokens: 2560, hook: "blocks.1.hook_resid_post", text: "inducing.jsonl" });
    const [own] = card.quality.quality;
    expect(own?.fidelity.explainedVariance).toBeGreaterThan(own?.random.explainedVariance ?? 1);
    expect(existsSync(join(out, "README.md"))).toBe(true);
    await expect(
      trainDictionaryFolder({ base, hook: "blocks.9.hook_resid_post", recipe, ...given, folder: out }),
    ).rejects.toThrow(/--hook blocks\.9.*for example blocks\.0\.hook_resid_post/);
  });

  test("the bundled one rebuilds the base, and abstains on a model with other weights", async () => {
    const text = await judgingText(base, { corpus: rows, seed: 2 }, 400);
    const data = await responseSequences(rows, base.model);
    const quality = await judgeDictionary({
      folder: bundled,
      base,
      tuned: other,
      text,
      data: data.slice(0, 20),
      seed: 1,
    });
    expect(DictionaryQuality.parse(quality)).toEqual(quality);
    expect(quality.quality.map(({ text: on }) => on)).toEqual(["base", "tuned", "data"]);
    for (const { fidelity, random, permuted } of quality.quality.slice(0, 1)) {
      // Its card says .95 on the world's documents; single-turn chats of one kind are harder.
      expect(fidelity.explainedVariance).toBeGreaterThan(0.85);
      expect(random.explainedVariance).toBeLessThan(0.5);
      expect(permuted.explainedVariance).toBeLessThan(0);
    }
    expect(quality.gate?.abstains).toBe(true);
    const same = await judgeDictionary({ folder: bundled, base, tuned: base, text, data: null, seed: 1 });
    expect(same.gate).toMatchObject({ ratio: 1, abstains: false });
  });

  test("text: samples of the same seed are the same; windows of a corpus hold all of it", async () => {
    const one = await judgingText(base, { corpus: null, seed: 3 }, 300);
    expect(await judgingText(base, { corpus: null, seed: 3 }, 300)).toEqual(one);
    expect(await judgingText(base, { corpus: null, seed: 4 }, 300)).not.toEqual(one);
    const file = join(folder, "corpus.txt");
    const paragraph = `${"how do i cook raw chicken ? ".repeat(40).trim()}`;
    writeFileSync(file, `${paragraph}\n\nwhat color is snow ?\n`);
    const sequences = await corpusSequences(file, base.model);
    const ids = sequences.slice(0, -1).flatMap(({ ids }) => ids);
    expect(ids).toEqual(base.model.tokenizer.encode(paragraph, { addSpecialTokens: true }));
    expect(sequences.every(({ ids, positions }) => positions.length === ids.length - 1)).toBe(true);
    await expect(corpusSequences(join(folder, "nowhere.txt"), base.model)).rejects.toThrow(/nothing there/);
  });
});
