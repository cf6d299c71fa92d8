/** `dictionary eval` of temporal autoencoders whose worth is known: one that says everything anew, and one of another model. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { organismDocuments } from "../../test/organism-documents.ts";
import { UserError } from "../core/index.ts";
import { floatsToBytes, writeSafetensors } from "../data/index.ts";
import { type Engine, startEngine } from "../engine/index.ts";
import { TemporalEval } from "../records/index.ts";
import { judgeTemporal } from "./judge-temporal.ts";
import { asLanguageModel, openModel } from "./open.ts";
import type { NamedModel } from "./train-dictionary.ts";

const scratch = mkdtempSync(join(tmpdir(), "penumbra-judge-temporal-"));
let engine: Engine;
let base: NamedModel;
beforeAll(async () => {
  engine = startEngine();
  const opened = await openModel("organism");
  base = { model: asLanguageModel(opened, engine, null), identity: opened.identity };
});
afterAll(async () => {
  await engine.close();
  rmSync(scratch, { recursive: true });
});

const documents = (count: number) => organismDocuments(count, 7, "temporal test");

/** x = relu(x) − relu(−x): every number twice, with no attention. `kept`: numbers that have latents. */
async function saysAll(dModel: number, kept = dModel): Promise<string> {
  const folder = mkdtempSync(join(scratch, "coder-"));
  const nLatents = 2 * dModel;
  const [encoder, decoder] = [new Float32Array(dModel * nLatents), new Float32Array(nLatents * dModel)];
  for (let j = 0; j < kept; j++)
    for (const [half, sign] of [1, -1].entries()) {
      const latent = half * dModel + j;
      // λ = 1/(4 dModel) is taken back.
      encoder[j * nLatents + latent] = 4 * dModel * sign;
      decoder[latent * dModel + j] = sign;
    }
  const tensor = (name: string, shape: number[], values: Float32Array) => {
    return { name, dtype: "F32" as const, shape, data: floatsToBytes(values, "F32") };
  };
  await writeSafetensors(join(folder, "sae_weights.safetensors"), [
    tensor("W_enc", [dModel, nLatents], encoder),
    tensor("W_dec", [nLatents, dModel], decoder),
    tensor("b_dec", [dModel], new Float32Array(dModel)),
  ]);
  const config = {
    architecture: "temporal",
    d_in: dModel,
    d_sae: nLatents,
    n_heads: 1,
    n_attn_layers: 0,
    bottleneck_factor: 1,
    sae_diff_type: "relu",
    tied_weights: false,
    metadata: { hook_name: "blocks.1.hook_resid_post", model_name: "organism" },
  };
  writeFileSync(join(folder, "cfg.json"), JSON.stringify(config));
  return folder;
}

test("one that says every number anew explains all; one with half of them less", async () => {
  const { dModel } = base.model.source.definition.dimensions;
  const asked = { base, tuned: null, text: documents(6), data: documents(2) };
  const whole = TemporalEval.parse(await judgeTemporal({ ...asked, folder: await saysAll(dModel) }));
  expect(whole.quality.map(({ text }) => text)).toEqual(["base", "data"]);
  for (const { explainedVariance, novel, predicted } of whole.quality) {
    expect(explainedVariance).toBeCloseTo(1, 6);
    // Every number is above zero or below it.
    expect(novel).toBeCloseTo(dModel, 6);
    expect(predicted).toBe(0);
  }
  const half = await judgeTemporal({ ...asked, folder: await saysAll(dModel, dModel / 2) });
  expect(half.quality[0]?.explainedVariance).toBeLessThan(0.9);
  expect(half.quality[0]?.dead).toBeGreaterThanOrEqual(dModel);
});

test("one of another width is refused, with what would fit", async () => {
  const { dModel } = base.model.source.definition.dimensions;
  const asked = { base, tuned: null, text: documents(1), data: null, folder: await saysAll(dModel + 8) };
  await expect(judgeTemporal(asked)).rejects.toThrow(UserError);
  await expect(judgeTemporal(asked)).rejects.toThrow(new RegExp(`${dModel} numbers read at`));
});
