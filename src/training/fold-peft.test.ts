/** Adapters that are folded into their base: PEFT's logits. Generator: test/fixtures/peft/folded.py. */

import { readFileSync } from "node:fs";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { floats, type GoldenName, golden, goldenFolder, relativeDifference, tokenFeeds } from "../../test/golden.ts";
import { must, UserError } from "../core/index.ts";
import { openCheckpoint } from "../data/index.ts";
import { type Engine, forwardProgram, type ModelSource, startEngine } from "../engine/index.ts";
import { checkpointTensors, defineModel } from "../models/index.ts";
import { foldPeft, needsFolding } from "./fold-peft.ts";
import { readPeft } from "./peft.ts";

const fixtures = join(import.meta.dirname, "../../test/fixtures/peft");
const { forms, ids }: { forms: Record<string, { base: GoldenName; logits: number[] }>; ids: number[][] } = JSON.parse(
  readFileSync(join(fixtures, "folded.json"), "utf8"),
);

let engine: Engine;
let scratch: string;
beforeAll(async () => {
  engine = startEngine({ threads: 2 });
  scratch = await mkdtemp(join(tmpdir(), "fold-"));
});
afterAll(async () => {
  await engine.close();
  await rm(scratch, { recursive: true });
});

/** The model that lies in a folder. */
async function opened(folder: string): Promise<ModelSource> {
  const definition = defineModel(JSON.parse(await readFile(join(folder, "config.json"), "utf8")), folder);
  return { definition, tensors: checkpointTensors(definition, await openCheckpoint(folder), folder), name: folder };
}

/** At the last three positions of each row. */
async function logits(source: ModelSource): Promise<number[]> {
  const program = forwardProgram(source, { outputs: ["logits"] });
  const out = floats((await engine.run({ program, feeds: tokenFeeds(ids), fetches: ["logits"] })).logits);
  const [seq, { dVocab }] = [must(ids[0], "row").length, source.definition.dimensions];
  return [...out].filter((_, i) => Math.floor(i / dVocab) % seq >= seq - 3);
}

describe.each(Object.entries(forms))("%s", (name, { base, logits: theirs }) => {
  test("the folded model says what PEFT's says, and a graph would not take the adapter", async () => {
    const { source } = await golden(base);
    const adapter = join(fixtures, name);
    expect(await needsFolding(adapter)).toBe(true);
    await expect(readPeft(adapter, source.definition)).rejects.toThrow(UserError);
    const folder = join(scratch, name);
    await foldPeft({ base: source, baseFolder: goldenFolder(base), adapter, folder });
    expect(
      relativeDifference(Float32Array.from(await logits(await opened(folder))), Float32Array.from(theirs)),
    ).toBeLessThan(1e-4);
  });
});

test("an adapter of linear layers alone is left to the graph", async () => {
  expect(await needsFolding(join(fixtures, "rslora"))).toBe(false);
});

test.each<[string, GoldenName]>([
  ["embedding", "gpt2"],
  ["lora-bias", "llama-tied"],
  ["saved", "qwen2"],
])("%s of another model is the user's mistake", async (name, base) => {
  const { source } = await golden(base);
  const asked = foldPeft({
    base: source,
    baseFolder: goldenFolder(base),
    adapter: join(fixtures, name),
    folder: join(scratch, `${name}-of-${base}`),
  });
  await expect(asked).rejects.toThrow(UserError);
});

test("a variant that nobody here knows is refused by name", async () => {
  const adapter = join(scratch, "variant");
  await cp(join(fixtures, "saved"), adapter, { recursive: true });
  const path = join(adapter, "adapter_config.json");
  await writeFile(path, JSON.stringify({ ...JSON.parse(await readFile(path, "utf8")), use_qalora: true }));
  await expect(needsFolding(adapter)).rejects.toThrow(/use_qalora/);
  await writeFile(
    path,
    JSON.stringify({
      ...JSON.parse(await readFile(join(fixtures, "saved", "adapter_config.json"), "utf8")),
      init_lora_weights: "olora",
    }),
  );
  await expect(needsFolding(adapter)).rejects.toThrow(/olora/);
});
