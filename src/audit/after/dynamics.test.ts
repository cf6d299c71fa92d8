import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { goldenAdapter } from "../../../test/golden.ts";
import { encodeByDefinition, goldenLanguage, randomDictionary, wordSequences } from "../../../test/language.ts";
import { must } from "../../core/index.ts";
import { type Engine, type LanguageModel, startEngine } from "../../engine/index.ts";
import type { HookName } from "../../models/index.ts";
import { writePeft } from "../../training/index.ts";
import { checkpointsIn, type DynamicsRequest, dynamics } from "./dynamics.ts";

let engine: Engine;
let base: LanguageModel;
let folder: string;
beforeAll(async () => {
  engine = startEngine({ threads: 1 });
  base = await goldenLanguage(engine, "llama-tied", 4);
  folder = mkdtempSync(join(tmpdir(), "penumbra-dynamics-"));
});
afterAll(async () => {
  await engine.close();
  rmSync(folder, { recursive: true });
});

const hook: HookName = "blocks.1.hook_resid_post";

/** Latent i writes what the dictionary's row i says; behaviour `b` has the direction of latent 3. */
function request(): Omit<DynamicsRequest, "checkpoints"> {
  const { dModel } = base.source.definition.dimensions;
  const dictionary = randomDictionary(hook, dModel, 2 * dModel, 5);
  const direction = dictionary.decoder.slice(3 * dModel, 4 * dModel).map((value) => 7 * value);
  return {
    base,
    hook,
    reader: { dictionary, encode: encodeByDefinition },
    probe: wordSequences(base, 12),
    dataLatents: [3],
    behaviours: [
      {
        id: "b",
        latents: [
          { latent: 3, sign: 1 },
          { latent: 4, sign: -1 },
        ],
        direction,
      },
    ],
  };
}

describe("checkpoints that add a known vector", () => {
  test("drift is the vector's length along the direction; latents rise with it; step 0 is the base", async () => {
    const asked = request();
    const unit = must(asked.behaviours[0], "behaviour").direction;
    const at = (length: number) => async () =>
      base.intervene([{ kind: "add", hook, vector: Float32Array.from(unit, (value) => (length / 7) * value) }]);
    // Long enough that latent 3 is among the strongest at every token.
    const checkpoints = [100, 400].map((length) => ({ step: length / 10, open: at(length) }));
    const found = must((await dynamics({ ...asked, checkpoints })) ?? undefined, "dynamics");
    expect(found.steps).toEqual([0, 10, 40]);
    const { id, drift, latents } = must(found.behaviours[0], "behaviour");
    expect(id).toBe("b");
    for (const [i, length] of [0, 100, 400].entries()) expect(drift[i]).toBeCloseTo(length, 3);
    const data = must(found.dataLatents ?? undefined, "data latents");
    expect(must(data[1], "step")).toBeGreaterThan(must(data[0], "step"));
    expect(must(data[2], "step") - must(data[1], "step")).toBeCloseTo(300, 3);
    expect(must(latents?.[2], "step")).toBeGreaterThan(must(latents?.[0], "step"));
  });

  test("without a dictionary only the drift is there", async () => {
    const checkpoints = [{ step: 1, open: async () => base }];
    const found = await dynamics({ ...request(), reader: null, checkpoints });
    expect(found).toEqual({
      steps: [0, 1],
      dataLatents: null,
      behaviours: [{ id: "b", latents: null, drift: [0, 0] }],
    });
    expect(await dynamics({ ...request(), checkpoints: [] })).toBeNull();
  });
});

test("checkpoints are read from their folders; one of B = 0 has moved nothing", async () => {
  const adapter = await goldenAdapter("llama-tied");
  const still = new Map([...adapter.modules].map(([module, { A, B }]) => [module, { A, B: B.map(() => 0) }]));
  await writePeft(join(folder, "step-12"), adapter, base.source);
  await writePeft(join(folder, "step-3"), { ...adapter, modules: still }, base.source);
  const checkpoints = await checkpointsIn(base, folder);
  const found = await dynamics({ ...request(), checkpoints });
  expect(found?.steps).toEqual([0, 3, 12]);
  const { drift, latents } = must(found?.behaviours[0], "behaviour");
  expect(drift.slice(0, 2)).toEqual([0, 0]);
  expect(drift[2]).not.toBe(0);
  expect(latents?.[1]).toBe(latents?.[0]);
  expect(found?.dataLatents?.[1]).toBe(found?.dataLatents?.[0]);
});
