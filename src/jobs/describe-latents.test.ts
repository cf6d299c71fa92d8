import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { must, rng } from "../core/index.ts";
import { readNeuronpedia } from "../dictionaries/index.ts";
import { type Engine, type ReadSequence, startEngine } from "../engine/index.ts";
import { documentTokens, drawDocument } from "../organism/index.ts";
import { type Described, describeLatents } from "./describe-latents.ts";
import { findLabels, keepDescription } from "./keep-description.ts";
import { asLanguageModel, assetFolder, openModel } from "./open.ts";
import { probeDictionary } from "./probe-dictionary.ts";
import { type NamedModel, showLatent } from "./train-dictionary.ts";

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
  test("of an autoencoder as `show` shows them", async () => {
    const at = { folder: assetFolder("organism/dictionary"), base, text };
    const shown = await showLatent({ ...at, latent: 3 });
    const { latents, tokens } = await describeLatents({ ...at, layer: 0, latents: [3, 4] });
    expect(tokens).toBe(shown.tokens);
    const [first] = latents;
    expect(first?.firingRate).toBeCloseTo(shown.firingRate, 10);
    expect(first?.promotes.map(({ token }) => token)).toEqual(shown.topLogits.map(({ token }) => token));
    expect(first?.contexts.map(({ values }) => Math.max(...values))).toEqual(
      shown.contexts.map(({ value }) => expect.closeTo(value, 3)),
    );
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
        labels: [{ text: "<script>alert(1)</script> rain", method: null, by: null }],
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
    expect((await readNeuronpedia(join(folder, "export"))).get(fires.latent)?.contexts).toEqual(fires.contexts);
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
    const { sparse, absorption } = await probeDictionary({ ...at, ...files });
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
