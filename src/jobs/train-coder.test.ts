/** Training jobs on small models, and the transcoders that the package ships. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { denseOf, worstOf } from "../../test/dictionary-fixtures.ts";
import { organismDocuments } from "../../test/organism-documents.ts";
import { must, UserError } from "../core/index.ts";
import { openSafetensors, readTensor } from "../data/index.ts";
import { encodeGroup, loadCoder, measureCoder, openCoders, runCoder } from "../dictionaries/index.ts";
import { type Engine, startEngine } from "../engine/index.ts";
import { CoderCard } from "../records/index.ts";
import { asLanguageModel, assetFolder, openModel } from "./open.ts";
import { placesFor, trainCoderFolder } from "./train-coder.ts";
import type { NamedModel } from "./train-dictionary.ts";

const folder = mkdtempSync(join(tmpdir(), "penumbra-coder-"));
let engine: Engine;
let base: NamedModel;
beforeAll(async () => {
  engine = startEngine();
  const opened = await openModel("organism");
  base = { model: asLanguageModel(opened, engine, null), identity: opened.identity };
});
afterAll(async () => {
  await engine.close();
  rmSync(folder, { recursive: true });
});

const documents = (count: number, stream = "coder test") => organismDocuments(count, 5, stream);

describe("the bundled transcoders", () => {
  test("one per layer, of this very model, as good on other text as their cards say", async () => {
    const { coders } = await openCoders(assetFolder("organism/transcoders"));
    expect(coders.length).toBe(base.model.source.definition.dimensions.nLayers);
    const sequences = documents(24);
    for (const [layer, filed] of coders.entries()) {
      const file = join(assetFolder("organism/transcoders"), `layer_${layer}`, "card.json");
      const card = CoderCard.parse(JSON.parse(readFileSync(file, "utf8")));
      expect(card.model.sha256).toBe(base.identity.sha256);
      expect(filed.groups[0]?.hooks).toEqual([`blocks.${layer}.mlp.hook_in`]);
      const { outputs, l0 } = await measureCoder({ model: base.model, coder: await loadCoder(filed), sequences });
      const claimed = must(card.fidelity.outputs[0], "output").explainedVariance;
      expect(claimed).toBeGreaterThan(0.9);
      expect(Math.abs(must(outputs[0], "output").explainedVariance - claimed)).toBeLessThan(0.03);
      expect(Math.abs(must(l0[0], "L0") - must(card.fidelity.l0[0], "L0"))).toBeLessThan(2);
    }
  });

  test.each([
    ["topk", "organism/dictionary"],
    ["transcoder", "organism/transcoders/layer_2"],
  ])("SAELens computes the same with what was trained here: %s", async (name, shipped) => {
    const file = await openSafetensors(
      join(import.meta.dirname, `../../test/fixtures/sae-lens-reads-ours/${name}.safetensors`),
    );
    const [x, f, y] = await Promise.all(["x", "f", "y"].map((key) => readTensor(must(file.get(key), key))));
    const coder = await loadCoder(must((await openCoders(assetFolder(shipped))).coders[0], "coder"));
    const group = must(coder.groups[0], "group");
    // Sums of 128 products of float32 in another order.
    expect(worstOf(denseOf(encodeGroup(group, must(x, "x")), group.nLatents), must(f, "f"))).toBeLessThan(1e-5);
    expect(worstOf(must(runCoder(coder, [must(x, "x")])[0], "y"), must(y, "y"))).toBeLessThan(1e-5);
  });
});

describe("a training job", () => {
  const recipe = { nLatents: 96, k: 8, tokens: 128 * 30, batchTokens: 128, learningRate: 5e-3, seed: 1 };

  test.each([
    ["sae", "matryoshka_batchtopk", "sae-lens"],
    ["skip_transcoder", "jumprelu", "sae-lens"],
    ["transcoder", "topk", "sparsify"],
    ["clt", "batchtopk", "circuit-tracer"],
  ] as const)("%s, %s: leaves a folder that reads as what it is, with its card", async (kind, architecture, format) => {
    const target = join(folder, `${kind}-${architecture}`);
    const card = await trainCoderFolder({
      base,
      places: placesFor(base.model, kind, { hook: "blocks.1.hook_attn_out", layer: 1 }),
      recipe: { ...recipe, architecture },
      text: documents(60),
      heldOut: documents(4, "held out"),
      source: "documents",
      folder: target,
    });
    expect(card).toMatchObject({ kind, architecture, format, steps: 30 });
    expect(CoderCard.parse(JSON.parse(readFileSync(join(target, "card.json"), "utf8")))).toEqual(card);
    const opened = await openCoders(target, { hook: card.reads[0] as "hook_embed" });
    expect(opened.format).toBe(format);
    expect(opened.coders[0]).toMatchObject({ kind, modelName: "organism" });
    expect(opened.coders[0]?.outputs.map(({ hook }) => hook)).toEqual(card.writes);
    for (const { explainedVariance } of card.fidelity.outputs) expect(explainedVariance).toBeGreaterThan(0.2);
    expect(readFileSync(join(target, "README.md"), "utf8")).toContain(`\`${card.writes.at(-1)}\``);
  });

  test("refuses places that the model does not have, with those that would fit", () => {
    expect(() => placesFor(base.model, "transcoder", { layer: 9 })).toThrow(/0 to 3/);
    expect(() => placesFor(base.model, "sae", { hook: "blocks.9.hook_resid_post" })).toThrow(UserError);
    expect(() => placesFor(base.model, "sae", { hook: "blocks.0.attn.hook_pattern" })).toThrow(/hook_resid_post/);
  });
});
