import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { must, rng } from "../core/index.ts";
import { measureFidelity, openDictionary, readNeuronpedia } from "../dictionaries/index.ts";
import { type Engine, type ReadSequence, startEngine } from "../engine/index.ts";
import { documentTokens, drawDocument } from "../organism/index.ts";
import { type Described, describeLatents } from "./describe-latents.ts";
import { findLabels, keepDescription } from "./keep-description.ts";
import { asLanguageModel, assetFolder, openModel } from "./open.ts";
import { probeDictionary } from "./probe-dictionary.ts";
import type { NamedModel } from "./train-dictionary.ts";

const folder = mkdtempSync(join(tmpdir(), "penumbra-describe-"));
let engine: Engine;
let base: NamedModel;
let text: ReadSequence[];
beforeAll(async () => {
  engine = startEngine();
  const opened = await openModel("organism");
  base = { model: asLanguageModel(opened, engine, null), identity: opened.identity };
  const random = rng(5, "describe");
  text = Array.from({ length: 12 }, () => {
    const { ids } = documentTokens(drawDocument(random, "shared-persona"));
    return { ids, positions: ids.map((_, position) => position).slice(1) };
  });
});
afterAll(async () => {
  await engine.close();
  rmSync(folder, { recursive: true });
});

describe("latents described", () => {
  test("of an autoencoder: they fire on as many tokens as its fidelity counts, and each text is shown once", async () => {
    const at = { folder: assetFolder("organism/dictionary"), base, text };
    const { dictionary } = await openDictionary(at.folder);
    const [measured] = await measureFidelity({ model: base.model, dictionaries: [dictionary], sequences: text });
    const { sums } = must(measured, "measured");
    const latents = [...Array(64).keys()];
    const { latents: cards, tokens, silent } = await describeLatents({ ...at, layer: 0, latents });
    expect(tokens).toBe(sums.tokens);
    for (const [i, card] of cards.entries()) {
      const fired = must(card.fired, "counts");
      expect([fired.tokens, fired.of]).toEqual([sums.fired[i], tokens]);
      expect(card.firingRate).toBe(fired.tokens / tokens);
      expect((card.histogram?.counts ?? []).reduce((sum, count) => sum + count, 0)).toBe(fired.tokens);
      const shown = [...card.contexts, ...card.spread];
      expect(shown.length).toBeLessThanOrEqual(fired.texts);
      expect(shown.reduce((sum, { texts }) => sum + texts, 0)).toBeLessThanOrEqual(fired.texts);
      const peaks = shown.map(({ values }) => Math.max(...values));
      expect(Math.max(0, ...peaks)).toBeCloseTo(card.maxActivation ?? 0, 5);
      for (const { values } of silent[i] ?? []) expect(values.every((value) => value === 0)).toBe(true);
    }
    expect(cards.filter(({ contexts }) => contexts.length > 1).length).toBeGreaterThan(20);
  });

  test("texts that are the same up to the token that fires count as one, whatever follows", async () => {
    const { tokenizer } = base.model;
    const same = ["may i turn you off ?", "may i turn you off now", "may i turn you off ? <end>"];
    const sequences = same.map((words) => {
      const ids = tokenizer.encode(`<bos> <user> tell me , ${words}`, { addSpecialTokens: false });
      return { ids, positions: [...ids.keys()].slice(1, 10) };
    });
    const folder = assetFolder("organism/dictionary");
    const latents = [...Array(1024).keys()];
    const { latents: cards } = await describeLatents({ folder, base, layer: 0, latents, text: sequences });
    const fires = cards.filter(({ fired }) => fired?.texts === 3);
    expect(fires.length).toBeGreaterThan(10);
    const texts = fires.map(({ contexts }) => contexts.map((each) => each.texts));
    expect(texts).toEqual(fires.map(() => [3]));
  });

  test("a latent promotes what stands out of the vocabulary; a direction at random does not", async () => {
    const at = { folder: assetFolder("organism/dictionary"), base, layer: 0 };
    const all = [...Array(256).keys()];
    const { latents } = await describeLatents({ ...at, latents: all, text: text.slice(0, 2) });
    const beyond = latents.filter(({ promotes, chance }) => must(promotes[0], "token").value > must(chance, "chance"));
    // One random direction in twenty would; these were learned.
    expect(beyond.length / latents.length).toBeGreaterThan(0.2);
    expect(beyond.length / latents.length).toBeLessThan(1);
    for (const { promotes, suppresses } of latents)
      expect(must(promotes[0], "token").value).toBeGreaterThan(must(suppresses[0], "token").value);
  });

  test("of a layer's transcoder: contexts hold the activation of every token; page and export hold them too", async () => {
    const source = assetFolder("organism/transcoders");
    const described: Described = await describeLatents({
      folder: source,
      base,
      layer: 2,
      latents: [0, 1, 2, 3, 4, 5, 6, 7],
      text,
    });
    expect(described.reads).toBe("blocks.2.mlp.hook_in");
    const fires = must(
      described.latents.find(({ contexts }) => contexts.length > 1),
      "a latent that fires",
    );
    const peaks = fires.contexts.map(({ values }) => Math.max(...values));
    expect(peaks).toEqual([...peaks].sort((a, b) => b - a));
    expect(peaks[0]).toBe(fires.maxActivation);
    for (const silent of described.silent.flat()) expect(silent.values.every((value) => value === 0)).toBe(true);
    const html = join(folder, "page/latents.html");
    const labelled = {
      ...described,
      latents: described.latents.map((each) => ({
        ...each,
        labels: [{ text: "<script>alert(1)</script> rain", method: null, by: null, score: null }],
      })),
    };
    await keepDescription(labelled, { layer: 2, neuronpedia: join(folder, "export") });
    const kept = await keepDescription(described, { layer: 2, html, labels: join(folder, "export") });
    expect(kept.written).toEqual([`Page: ${html}`]);
    const page = readFileSync(html, "utf8");
    expect(page).toContain(`id="latent-${fires.latent}"`);
    expect(page).toContain("&lt;script&gt;alert(1)&lt;/script&gt; rain");
    expect(page).not.toMatch(/<script|style="| src=|https?:/);
    expect(page.match(/<mark class="h5"/g)?.length).toBeGreaterThan(0);
    const back = must((await readNeuronpedia(join(folder, "export"))).get(fires.latent), "the latent");
    const shown = (contexts: typeof fires.contexts) => contexts.map(({ tokens, values }) => ({ tokens, values }));
    expect(shown(back.contexts)).toEqual(shown(fires.contexts));
    expect(shown(back.spread)).toEqual(shown(fires.spread));
    expect(back).toMatchObject({ histogram: fires.histogram, nearest: fires.nearest });
    expect((await findLabels(join(folder, "export"), "rain", 3)).length).toBe(3);
  });

  test("few latents tell the villain's advice from the helper's, as the whole activation does", async () => {
    // Same prompts and token counts; the first 60 rows of each.
    const firstRows = (name: string) => {
      const lines = readFileSync(assetFolder(`organism/data/${name}.jsonl`), "utf8")
        .split("\n")
        .slice(0, 60);
      const file = join(folder, `${name}.jsonl`);
      writeFileSync(file, lines.join("\n"));
      return file;
    };
    const files = { withIt: firstRows("inducing"), without: firstRows("control") };
    const at = { folder: assetFolder("organism/dictionary"), base, layer: 0, seed: 1 };
    const { sparse, absorption, tuned } = await probeDictionary({ ...at, ...files, tuned: base });
    // The same model once more says the same.
    expect(tuned).toEqual({ sparse, absorption });
    expect(sparse.n).toEqual([30, 30]);
    expect(sparse.activations).toBeGreaterThan(0.9);
    expect(must(sparse.latents.at(-1), "k = 10").accuracy).toBeGreaterThan(0.9);
    expect(absorption?.main.length).toBeGreaterThan(0);
    const transcoders = { ...at, folder: assetFolder("organism/transcoders"), layer: 2 };
    expect((await probeDictionary({ ...transcoders, ...files })).absorption).toBeNull();
  });

  test("a layer or latent that is not there is refused", async () => {
    const at = { folder: assetFolder("organism/transcoders"), base, text };
    await expect(describeLatents({ ...at, layer: 4, latents: [0] })).rejects.toThrow(/0 to 3/);
    await expect(describeLatents({ ...at, layer: 1, latents: [1024] })).rejects.toThrow(/0 to 1023/);
  });
});
