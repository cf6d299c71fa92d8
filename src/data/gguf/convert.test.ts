import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { must, UserError } from "../../core/index.ts";
import { openModelFiles } from "../model-files.ts";
import { openCheckpoint, openSafetensors, readTensor } from "../safetensors.ts";
import { loadTokenizer } from "../tokenizer.ts";
import { ggufToCheckpoint, unpermute } from "./convert.ts";
import { llama3Scaling } from "./rope-factors.ts";

const fixture = (name: string) => fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));
const readJson = async (file: string) => JSON.parse(await readFile(file, "utf8"));

let cacheDir: string;
beforeAll(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), "gguf-"));
});
afterAll(() => rm(cacheDir, { recursive: true }));

const tinyNames = ["tiny-llama", "tiny-llama3", "tiny-gemma", "tiny-qwen2", "tiny-qwen3", "tiny-gpt2"] as const;

describe.each(tinyNames)("%s", (name) => {
  test("has the weights that it was made of, in transformers' names and conventions", async () => {
    const { folder } = await ggufToCheckpoint(fixture(`${name}.gguf`), cacheDir);
    const found = await openCheckpoint(folder);
    const expected = await openSafetensors(fixture(`${name}.safetensors`));
    expect(expected.size).toBeGreaterThan(10);
    for (const [tensor, location] of expected) {
      const ours = must(found.get(tensor), tensor);
      expect([tensor, ours.shape]).toEqual([tensor, location.shape]);
      expect(await readTensor(ours)).toEqual(await readTensor(location));
    }
  });
});

test.each(tinyNames.filter((name) => name !== "tiny-llama3"))(
  "%s gives the token ids of llama.cpp or of the Rust tokenizers",
  async (name) => {
    const { folder } = await ggufToCheckpoint(fixture(`${name}.gguf`), cacheDir);
    const tokenizer = await loadTokenizer(folder);
    const cases = (await readJson(fixture(`${name}.ids.json`))) as { text: string; ids: number[] }[];
    expect(cases.length).toBeGreaterThan(60);
    for (const { text, ids } of cases) expect([text, tokenizer.encode(text)]).toEqual([text, ids]);
  },
);

test("config.json of Llama", async () => {
  const { folder } = await ggufToCheckpoint(fixture("tiny-llama.gguf"), cacheDir);
  expect(await readJson(join(folder, "config.json"))).toMatchObject({
    model_type: "llama",
    hidden_size: 32,
    intermediate_size: 64,
    num_hidden_layers: 1,
    num_attention_heads: 4,
    num_key_value_heads: 2,
    head_dim: 8,
    rms_norm_eps: 1e-5,
    rope_theta: 10000,
    vocab_size: 384,
    tie_word_embeddings: false,
    eos_token_id: 2,
  });
  const tokenizer = await loadTokenizer(folder);
  expect([tokenizer.vocabSize, tokenizer.bosId, tokenizer.eosIds]).toEqual([384, 1, [2, 0]]);
});

test.each([
  ["tiny-qwen2", { model_type: "qwen2", use_sliding_window: false, head_dim: 8, tie_word_embeddings: true }],
  ["tiny-qwen3", { model_type: "qwen3", head_dim: 16, rope_theta: 1e6, rope_scaling: null }],
  ["tiny-gpt2", { model_type: "gpt2", n_embd: 32, n_inner: 128, n_positions: 64, layer_norm_epsilon: 1e-5 }],
  [
    "tiny-llama3",
    {
      rope_theta: 500000,
      rope_scaling: {
        rope_type: "llama3",
        factor: 32,
        low_freq_factor: 1,
        high_freq_factor: 4,
        original_max_position_embeddings: 8192,
      },
    },
  ],
])("config.json of %s", async (name, expected) => {
  const { folder } = await ggufToCheckpoint(fixture(`${name}.gguf`), cacheDir);
  expect(await readJson(join(folder, "config.json"))).toMatchObject(expected);
});

test("a table of frequencies that no published model has is refused", () => {
  // Wavelength 2π √500000 = 4443 lies between 8192 / 4 and 8192: blended.
  const smooth = (8192 / (2 * Math.PI * Math.sqrt(500000)) - 1) / 3;
  const published = Float32Array.of(1, 1, 1 / ((1 - smooth) / 32 + smooth), 32);
  expect(llama3Scaling(published, 500000)?.factor).toBe(32);
  expect(llama3Scaling(Float32Array.of(1, 2, 1, 32), 500000)).toBe(null);
  expect(llama3Scaling(Float32Array.of(Number.NaN, 1, 1, 32), 500000)).toBe(null);
});

test("config.json of Gemma 3, with what GGUF leaves unsaid", async () => {
  const { folder } = await ggufToCheckpoint(fixture("tiny-gemma.gguf"), cacheDir);
  expect(await readJson(join(folder, "config.json"))).toMatchObject({
    model_type: "gemma3_text",
    head_dim: 32,
    query_pre_attn_scalar: 32,
    sliding_window: 16,
    sliding_window_pattern: 6,
    rope_theta: 1e6,
    rope_local_base_freq: 10000,
    rms_norm_eps: 1e-6,
    tie_word_embeddings: true,
  });
  const tokenizer = await loadTokenizer(folder);
  expect([tokenizer.bosId, tokenizer.eosIds, tokenizer.padId]).toEqual([2, [1, 5], 0]);
  expect(tokenizer.encode("a", { addSpecialTokens: true })).toEqual([2, ...tokenizer.encode("a")]);
});

test("unpermute by hand: one head of four rows", () => {
  expect([...unpermute(Float32Array.of(0, 2, 1, 3), 1, 1)]).toEqual([0, 1, 2, 3]);
  expect([...unpermute(Float32Array.of(0, 2, 1, 3, 4, 6, 5, 7), 1, 2)]).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
});

describe("the cache", () => {
  test("is filled once for one content, whatever the file's name, also by callers at the same time", async () => {
    const own = await mkdtemp(join(cacheDir, "once-"));
    const copy = join(own, "copy.gguf");
    await cp(fixture("tiny-gemma.gguf"), copy);
    const made = await Promise.all([
      ggufToCheckpoint(copy, join(own, "cache")),
      ggufToCheckpoint(fixture("tiny-gemma.gguf"), join(own, "cache")),
    ]);
    expect(new Set(made.map(({ folder }) => folder)).size).toBe(1);
    const { folder } = must(made[0], "folder");
    await writeFile(join(folder, "mark"), "");
    await ggufToCheckpoint(copy, join(own, "cache"));
    expect(await readdir(folder)).toContain("mark");
    expect(await readdir(join(own, "cache"))).toHaveLength(1);
  });

  test("never uses what a killed process left, and clears it away", async () => {
    const own = await mkdtemp(join(cacheDir, "killed-"));
    const { folder } = await ggufToCheckpoint(fixture("tiny-gemma.gguf"), own);
    const gone = 2 ** 22 + 1;
    await rm(folder, { recursive: true });
    await mkdir(`${folder}.${gone}.tmp`);
    await writeFile(join(`${folder}.${gone}.tmp`, "model.safetensors"), "half");
    await ggufToCheckpoint(fixture("tiny-gemma.gguf"), own);
    expect(await readdir(own)).toHaveLength(1);
    expect((await openCheckpoint(folder)).size).toBe(15);
  });

  test("a fault leaves nothing", async () => {
    const own = await mkdtemp(join(cacheDir, "fault-"));
    const bytes = await readFile(fixture("tiny-llama.gguf"));
    const at = bytes.indexOf("attn_q.weight");
    bytes.write("attn_x", at);
    const file = join(own, "broken.gguf");
    await writeFile(file, bytes);
    await expect(ggufToCheckpoint(file, join(own, "cache"))).rejects.toThrow(UserError);
    expect(await readdir(join(own, "cache"))).toEqual([]);
  });

  test.each([
    ["smollm", "unheard", "tokenizer.ggml.pre"],
    ["llama", "phi99", "architecture"],
  ])("%s replaced by %s is refused by name", async (from, to, message) => {
    const own = await mkdtemp(join(cacheDir, "refused-"));
    const bytes = await readFile(fixture("tiny-llama.gguf"));
    const key = from === "llama" ? "general.architecture" : "tokenizer.ggml.pre";
    const at = bytes.indexOf(from, bytes.indexOf(key) + key.length);
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(to.length));
    const changed = Buffer.concat([
      bytes.subarray(0, at - 8),
      length,
      Buffer.from(to),
      bytes.subarray(at + from.length),
    ]);
    const file = join(own, "changed.gguf");
    await writeFile(file, changed);
    await expect(ggufToCheckpoint(file, own)).rejects.toThrow(message);
  });
});

test("a GGUF opens as a model", async () => {
  const model = await openModelFiles(fixture("tiny-llama.gguf"), { cacheDir });
  expect(model.name).toBe("tiny-llama");
  expect(model.config.model_type).toBe("llama");
  expect(model.tensors.size).toBe(12);
  expect((await readJson(join(model.folder, "source.json"))).sha256).toBe(await model.sourceSha256());
});
