/** The same transcoders in every layout that holds them give the same graph, from files to logits. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { goldenLanguage } from "../../test/language.ts";
import { randomTranscoders } from "../../test/transcoders.ts";
import { type LoadedCoder, openCoders, writeCoders } from "../dictionaries/index.ts";
import { type Engine, type LanguageModel, startEngine } from "../engine/index.ts";
import { attribute, localReplacement, logitTargets, transcoderSet } from "./index.ts";

const scratch = mkdtempSync(join(tmpdir(), "penumbra-layouts-"));
let engine: Engine;
let model: LanguageModel;
beforeAll(async () => {
  engine = startEngine({ threads: 2 });
  model = await goldenLanguage(engine, "gemma3");
});
afterAll(async () => {
  await engine.close();
  rmSync(scratch, { recursive: true });
});

const IDS = [0, 7, 3, 19];

async function graphOf(coders: Parameters<typeof transcoderSet>[0]) {
  const set = await transcoderSet(coders, model.source.definition, "set");
  const replacement = await localReplacement(model, set, IDS);
  const targets = await logitTargets(replacement, { kind: "salient", most: 2, probability: 0.9 });
  return attribute(replacement, targets);
}

describe.each([
  ["circuit-tracer", "skip_transcoder"],
  ["circuit-tracer", "clt"],
  ["gemma-scope-2", "transcoder"],
  ["gemma-scope-2", "skip_transcoder"],
  ["gemma-scope-2", "clt"],
  ["sae-lens", "transcoder"],
] as const)("%s, %s", (format, kind) => {
  test("read from files", async () => {
    const coders: LoadedCoder[] = randomTranscoders(model.source.definition, { kind, activation: "jumprelu" });
    const folder = join(scratch, `${format}-${kind}`);
    await writeCoders(format, folder, coders);
    const opened = await openCoders(folder);
    expect(opened.format).toBe(format);
    expect(await graphOf(opened.coders)).toEqual(await graphOf(coders));
  });
});

test("the turn that Gemma Scope 2's chat transcoders never saw has no features and no errors", async () => {
  const coders = randomTranscoders(model.source.definition, { kind: "transcoder" });
  const named = coders.map((coder) => ({ ...coder, modelName: "google/gemma-3-270m-it" }));
  const set = await transcoderSet(named, model.source.definition, "set");
  expect(set.leftOut).toEqual([2, 105, 2364, 107]);
  // A vocabulary of 97 has no such ids: the same rule under ids that it has.
  const leftOut = [2, 5, 64, 7];
  const { features, errors } = await localReplacement(model, { ...set, leftOut }, [...leftOut, 9, 11]);
  expect(Math.min(...features.map(({ position }) => position))).toBe(4);
  for (const rows of errors) expect(rows.subarray(0, 4 * set.dModel).every((value) => value === 0)).toBe(true);
});
