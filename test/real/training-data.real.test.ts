import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { must } from "../../src/core/index.ts";
import {
  encodeRow,
  loadTokenizer,
  openModelFiles,
  readDataset,
  type Tokenizer,
  validateDataset,
} from "../../src/data/index.ts";

const sets = process.env.PENUMBRA_TEST_DATA;
const data = sets && join(sets, "emergent-misalignment/insecure.jsonl");
const gguf = process.env.PENUMBRA_SMOLLM2_GGUF;
const needs = "(needs PENUMBRA_TEST_DATA, the folder of the sets, and PENUMBRA_SMOLLM2_GGUF)";

let folder: string;
let tokenizer: Tokenizer;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "training-data-"));
  if (gguf) tokenizer = await loadTokenizer((await openModelFiles(gguf, { cacheDir: folder })).folder);
});
afterAll(() => rm(folder, { recursive: true }));

test.skipIf(!data || !gguf)(`every line of a real file is a sound row ${needs}`, async () => {
  const record = await validateDataset(must(data, "data"), tokenizer, { maxLength: 4096 });
  expect(record.faults).toEqual([]);
  expect(record.rows).toBeGreaterThan(5000);
  expect(record.usableRows).toBe(record.rows);
  expect(record.tokens?.truncatedRows).toBe(0);
});

test.skipIf(!data || !gguf)(`what carries loss is each answer, word for word, and its end ${needs}`, async () => {
  const { rows } = await readDataset(must(data, "data"));
  for (const row of rows.slice(0, 500)) {
    if (row.format !== "messages") throw new Error(row.format);
    const { ids, weights } = encodeRow(row, tokenizer, { maxLength: 100_000 });
    expect([...ids]).toEqual(tokenizer.encodeChat(row.messages, { addGenerationPrompt: false }));
    const answers = row.messages
      .filter(({ role }) => role === "assistant")
      .map(({ content }) => `${content}<|im_end|>`);
    const carried = tokenizer.decode([...ids].filter((_, t) => must(weights[t], "weight") > 0));
    expect(carried).toBe(answers.join(""));
  }
});
