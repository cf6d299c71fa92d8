/** The merged model of every family: a training ends with it, and it is base + adapter. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { golden, goldenFolder, goldenNames, relativeDifference } from "../../test/golden.ts";
import { must } from "../core/index.ts";
import { openCheckpoint, type Tokenizer } from "../data/index.ts";
import { type Engine, type ModelSource, startEngine } from "../engine/index.ts";
import { checkpointTensors, defineModel } from "../models/index.ts";
import { Config } from "./config.ts";
import { asLanguageModel, type OpenedModel } from "./open.ts";
import { tune } from "./tune.ts";

let engine: Engine;
let scratch: string;
beforeAll(async () => {
  engine = startEngine({ threads: 2 });
  scratch = await mkdtemp(join(tmpdir(), "merged-"));
});
afterAll(async () => {
  await engine.close();
  await rm(scratch, { recursive: true });
});

function opened(source: ModelSource, folder: string): OpenedModel {
  const { name, tensors } = source;
  return {
    files: { folder, config: {}, tensors, name, sourceSha256: async () => name },
    source,
    tokenizer: {} as Tokenizer,
    identity: { name, family: source.definition.family, parameters: 1, sha256: name },
    bundled: false,
  };
}

test.each(goldenNames)("%s: a training writes it, and it opens as base + adapter", async (name) => {
  const { source, inputIds } = await golden(name);
  const folder = join(scratch, name);
  const model = opened(source, goldenFolder(name));
  const rows = inputIds.map((ids) => ({ ids: Int32Array.from(ids), weights: new Float32Array(ids.length).fill(1) }));
  const train = { rank: 2, alpha: 4, batchRows: 1, epochs: 2, learningRate: 1e-2 };
  const config = Config.parse({ model: name, data: "rows.jsonl", train });
  const { record, adapter } = await tune({ engine, model, rows, dataSha256: "", config, folder, key: "k" });
  expect(must(record.merged, "merged").meanKlNats).toBeLessThan(1e-6);

  const merged = join(folder, "merged");
  const definition = defineModel(JSON.parse(await readFile(join(merged, "config.json"), "utf8")), name);
  const tensors = checkpointTensors(definition, await openCheckpoint(merged), name);
  const ids = must(inputIds[0], "row");
  const sequence = { ids, positions: [...ids.keys()] };
  const whole = await asLanguageModel(opened({ definition, tensors, name }, merged), engine, null).logits(sequence);
  const base = asLanguageModel(model, engine, adapter);
  const parts = await (await base.withAdapter(adapter)).logits(sequence);
  expect(relativeDifference(whole, parts)).toBeLessThan(1e-4);
  // The training moved something that the comparison can see.
  expect(relativeDifference(await base.logits(sequence), parts)).toBeGreaterThan(1e-3);
});
