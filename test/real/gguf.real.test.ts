import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { must } from "../../src/core/index.ts";
import { type ChatMessage, loadTokenizer, openModelFiles, readTensor } from "../../src/data/index.ts";

const fixture = (name: string) => fileURLToPath(new URL(`../../src/data/fixtures/${name}`, import.meta.url));
const readJson = async (name: string) => JSON.parse(await readFile(fixture(name), "utf8"));

let cacheDir: string;
beforeAll(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), "real-gguf-"));
});
afterAll(() => rm(cacheDir, { recursive: true }));

const models = [
  { name: "smollm2", variable: "PENUMBRA_SMOLLM2_GGUF", embedding: [49152, 576], type: "llama", tensors: 272 },
  { name: "gemma3", variable: "PENUMBRA_GEMMA3_GGUF", embedding: [262144, 640], type: "gemma3_text", tensors: 236 },
];

describe.each(models)("$name", ({ name, variable, embedding, type, tensors }) => {
  const file = process.env[variable];
  const open = () => openModelFiles(must(file, variable), { cacheDir });

  test.skipIf(!file)(`opens as a transformers folder (needs ${variable})`, async () => {
    const model = await open();
    expect([model.config.model_type, model.tensors.size]).toEqual([type, tensors]);
    expect(must(model.tensors.get("model.embed_tokens.weight"), "embedding").shape).toEqual(embedding);
    expect(await model.sourceSha256()).toBe((await readJson(`${name}.ids.json`)).sha256);
    for (const tensor of ["model.norm.weight", "model.layers.3.self_attn.q_proj.weight"]) {
      const weights = await readTensor(must(model.tensors.get(tensor), tensor));
      expect(weights.every(Number.isFinite)).toBe(true);
      expect(weights.some((weight) => weight !== 0)).toBe(true);
    }
  });

  test.skipIf(!file)(`gives llama.cpp's token ids (needs ${variable})`, async () => {
    const tokenizer = await loadTokenizer((await open()).folder);
    const { cases } = (await readJson(`${name}.ids.json`)) as { cases: { text: string; ids: number[] }[] };
    expect(cases.length).toBeGreaterThan(60);
    for (const { text, ids } of cases) expect([text, tokenizer.encode(text)]).toEqual([text, ids]);
  });
});

interface Rendering {
  readonly messages: ChatMessage[];
  readonly addGenerationPrompt: boolean;
  readonly text: string;
}

test.skipIf(!process.env.PENUMBRA_SMOLLM2_GGUF)(
  "SmolLM2's own template renders as in transformers (needs PENUMBRA_SMOLLM2_GGUF)",
  async () => {
    const model = await openModelFiles(must(process.env.PENUMBRA_SMOLLM2_GGUF, "file"), { cacheDir });
    const tokenizer = await loadTokenizer(model.folder);
    const { cases } = (await readJson("smollm2.chat.json")) as { cases: Rendering[] };
    for (const { messages, addGenerationPrompt, text } of cases) {
      expect(tokenizer.renderChat(messages, { addGenerationPrompt })).toBe(text);
    }
  },
);
