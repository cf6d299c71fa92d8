import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { UserError } from "../core/index.ts";
import { loadTokenizer, makeTokenizer, type TokenizerFiles } from "./tokenizer.ts";

const none = { generationConfig: {}, modelConfig: {}, templateJinja: null, templateJson: null };

/** A word-level tokenizer such as the bundled model has. */
function wordLevel(preTokenizer: string, unkToken: string | undefined = "<unk>"): TokenizerFiles {
  const words = [
    "<unk>",
    "<pad>",
    "<s>",
    "<|im_start|>",
    "<|im_end|>",
    "user",
    "assistant",
    "hello",
    "world",
    "né",
    "?",
  ];
  const special = words.slice(0, 5).map((content, id) => ({ id, content, special: true, normalized: false }));
  return {
    ...none,
    tokenizer: {
      added_tokens: special,
      normalizer: null,
      pre_tokenizer: { type: preTokenizer },
      post_processor: null,
      decoder: null,
      model: { type: "WordLevel", vocab: Object.fromEntries(words.map((w, id) => [w, id])), unk_token: unkToken },
    },
    config: { bos_token: "<s>", eos_token: { content: "<|im_end|>" }, pad_token: "<pad>" },
  };
}

describe("a word-level tokenizer", () => {
  test.each(["Whitespace", "WhitespaceSplit"])("with %s encodes, decodes and knows its special tokens", (kind) => {
    const tokenizer = makeTokenizer("x", wordLevel(kind));
    expect(tokenizer.encode("hello  né\nworld")).toEqual([7, 9, 8]);
    expect(tokenizer.decode([7, 9, 8])).toBe("hello né world");
    expect(tokenizer.encode("hello ufo")).toEqual([7, 0]);
    expect(tokenizer.encode("")).toEqual([]);
    expect(tokenizer.decode([])).toBe("");
    expect([tokenizer.vocabSize, tokenizer.bosId, tokenizer.eosIds, tokenizer.padId]).toEqual([11, 2, [4], 1]);
    expect(tokenizer.decode([7, 4], { skipSpecialTokens: true })).toBe("hello");
    expect(tokenizer.tokenText(9)).toBe("né");
  });

  test("with Whitespace splits off punctuation, also after letters beyond ASCII", () => {
    expect(makeTokenizer("x", wordLevel("Whitespace")).encode("né?")).toEqual([9, 10]);
  });

  test("speaks ChatML where nothing else is said and the vocabulary has it", () => {
    const tokenizer = makeTokenizer("x", wordLevel("WhitespaceSplit"));
    const messages = [{ role: "user", content: "hello" }] as const;
    expect(tokenizer.renderChat(messages, { addGenerationPrompt: true })).toBe(
      "<|im_start|>user\nhello<|im_end|>\n<|im_start|>assistant\n",
    );
    expect(tokenizer.encodeChat(messages, { addGenerationPrompt: true })).toEqual([3, 5, 7, 4, 3, 6]);
  });

  test("without an unknown token refuses what it does not know", () => {
    const files = wordLevel("WhitespaceSplit", undefined);
    const model = { ...(files.tokenizer.model as object), unk_token: undefined };
    const tokenizer = makeTokenizer("x", { ...files, tokenizer: { ...files.tokenizer, model } });
    expect(() => tokenizer.encode("ufo")).toThrow(UserError);
  });
});

test("end tokens: the tokenizer's own first, then what the configs say, each once", () => {
  const generationConfig = { eos_token_id: [5, 4] };
  const files = { ...wordLevel("WhitespaceSplit"), generationConfig, modelConfig: { eos_token_id: 6 } };
  expect(makeTokenizer("x", files).eosIds).toEqual([4, 5, 6]);
});

test("a vocabulary without turn markers and without a template cannot chat, and says so", () => {
  const files = wordLevel("WhitespaceSplit");
  const model = { type: "WordLevel", vocab: { "<unk>": 0, a: 1 }, unk_token: "<unk>" };
  const plain = { ...files, tokenizer: { ...files.tokenizer, added_tokens: [], model } };
  expect(() => makeTokenizer("x", plain).encodeChat([], { addGenerationPrompt: true })).toThrow(/chat_template/);
});

describe("the files of a folder", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "tokenizer-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test("missing tokenizer.json", async () => {
    await expect(loadTokenizer(folder)).rejects.toThrow(/tokenizer.json/);
  });

  test("template sources in their order: jinja, json, config; a list by its default", async () => {
    const { tokenizer, config } = wordLevel("WhitespaceSplit");
    const write = (name: string, value: unknown) =>
      writeFile(join(folder, name), typeof value === "string" ? value : JSON.stringify(value));
    const rendered = async () => (await loadTokenizer(folder)).renderChat([], { addGenerationPrompt: false });
    await write("tokenizer.json", tokenizer);
    const named = [
      { name: "tool_use", template: "no" },
      { name: "default", template: "listed {{ bos_token }}" },
    ];
    await write("tokenizer_config.json", { ...config, chat_template: named });
    expect(await rendered()).toBe("listed <s>");
    await write("tokenizer_config.json", { ...config, chat_template: "config" });
    expect(await rendered()).toBe("config");
    await write("chat_template.json", { chat_template: "json" });
    expect(await rendered()).toBe("json");
    await write("chat_template.jinja", "jinja");
    expect(await rendered()).toBe("jinja");
  });

  test("rubbish in tokenizer.json", async () => {
    for (const text of ["{", "[]", "{}", '{"model":{"type":"BPE"}}']) {
      await writeFile(join(folder, "tokenizer.json"), text);
      await expect(loadTokenizer(folder)).rejects.toThrow(UserError);
    }
  });
});
