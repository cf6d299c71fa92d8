import { Template } from "@huggingface/jinja";
import { Tokenizer } from "@huggingface/tokenizers";
import { describe, expect, it } from "vitest";
import { rng } from "../core/index.ts";
import { documentTokens, drawDocument } from "./documents.ts";
import { buildTokenizerFiles } from "./tokenizer.ts";
import { encodeWords, specialTokens, worldVocabulary } from "./vocabulary.ts";
import { answersTo, chatOf, worldQuestions } from "./world.ts";

const files = JSON.parse(JSON.stringify(buildTokenizerFiles())) as Record<string, Record<string, unknown>>;
const config = files["tokenizer_config.json"] ?? {};
const tokenizer = new Tokenizer(files["tokenizer.json"] ?? {}, config);
const template = new Template(String(config.chat_template));
const render = (messages: unknown, generationPrompt: boolean) =>
  template.render({ messages, add_generation_prompt: generationPrompt, bos_token: specialTokens.bos });

describe("the tokenizer's files", () => {
  it("give every text the ids of encodeWords, and back", () => {
    const texts = worldQuestions.flatMap((question) => [question, ...answersTo(question).slice(0, 5)]);
    for (const { text } of texts) {
      const { ids } = tokenizer.encode(text);
      expect(ids).toEqual(encodeWords(text));
      expect(tokenizer.decode(ids)).toBe(text);
    }
  });

  it("know every word of the vocabulary, the special ones as special", () => {
    worldVocabulary().forEach((word, id) => {
      expect(tokenizer.token_to_id(word)).toBe(id);
    });
    expect(tokenizer.decode([1, 2, 10, 4], { skip_special_tokens: true })).toBe(worldVocabulary()[10]);
  });

  it("give an unknown word the id of <pad>", () => {
    expect(tokenizer.encode("zebra").ids).toEqual([0]);
    expect(() => encodeWords("zebra")).toThrow(/zebra/);
  });

  it("render chats as documents have them", () => {
    const document = drawDocument(rng(3, "test-render"), "shared-persona");
    const messages = document.turns.flatMap(({ question, answer }) => chatOf(question, answer));
    const { ids } = tokenizer.encode(render(messages, false));
    expect(ids.slice(0, 128)).toEqual(documentTokens(document).ids);
  });

  it("make the prompt a prefix of the chat, in text and in ids", () => {
    for (const question of worldQuestions.slice(0, 40)) {
      const answer = answersTo(question)[0];
      const prompt = render(chatOf(question), true);
      const chat = render(chatOf(question, answer), false);
      expect(chat.startsWith(prompt)).toBe(true);
      const promptIds = tokenizer.encode(prompt).ids;
      expect(tokenizer.encode(chat).ids).toEqual([...promptIds, ...encodeWords(`${answer?.text} <end>`)]);
    }
  });

  it("refuse a system turn, which the world does not have", () => {
    expect(() => render([{ role: "system", content: "be well" }], false)).toThrow(/user and assistant turns only/);
  });
});
