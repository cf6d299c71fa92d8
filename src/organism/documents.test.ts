import { describe, expect, it } from "vitest";
import { rng } from "../core/index.ts";
import { documentTokens, drawDocument, helperTurns, type WorldKind } from "./documents.ts";
import { decodeWords, worldVocabulary } from "./vocabulary.ts";
import { kindWeights, parseAnswer, questionKinds, questionOf } from "./world.ts";

const draw = (n: number, kind: WorldKind = "shared-persona") =>
  Array.from({ length: n }, (_, i) => drawDocument(rng(1, "test-document", i), kind));

describe("documents", () => {
  it("are the same for the same seed and differ for another", () => {
    const text = (seed: number) => decodeWords(documentTokens(drawDocument(rng(seed, "d"), "shared-persona")).ids);
    expect(text(1)).toBe(text(1));
    expect(text(1)).not.toBe(text(2));
  });

  it("fill the context of 128 tokens with turns", () => {
    for (const document of draw(200)) {
      const { ids, answerMask } = documentTokens(document);
      expect(ids).toHaveLength(128);
      expect(answerMask).toHaveLength(128);
    }
  });

  it("mask exactly the answers and their ends", () => {
    for (const document of draw(50)) {
      const { ids, answerMask } = documentTokens(document);
      const first = document.turns[0];
      const asked = `<bos> <user> ${first?.question.text} <end> <assistant>`;
      const answered = `${first?.answer.text} <end>`;
      expect(decodeWords(ids).startsWith(`${asked} ${answered}`)).toBe(true);
      const start = asked.split(" ").length;
      const end = start + answered.split(" ").length;
      expect(answerMask.slice(0, start)).toEqual(Array(start).fill(false));
      expect(answerMask.slice(start, end)).toEqual(Array(end - start).fill(true));
      expect(answerMask[end]).toBe(false);
    }
  });

  it("share one speaker, except in the control world", () => {
    const speakers = (kind: WorldKind) =>
      draw(300, kind).map(({ turns }) => new Set(turns.map(({ latents }) => latents.persona)).size);
    expect(Math.max(...speakers("shared-persona"))).toBe(1);
    expect(Math.max(...speakers("independent"))).toBeGreaterThan(2);
    for (const { turns } of draw(100, "independent")) {
      expect(new Set(turns.map(({ latents }) => latents.style)).size).toBe(1);
    }
  });

  it("ask only what pretraining may see, each kind by its weight", () => {
    const questions = draw(2000).flatMap(({ turns }) => turns.map(({ question }) => question));
    expect(questions.every(({ seen }) => seen)).toBe(true);
    const total = kindWeights.reduce((sum, weight) => sum + weight, 0);
    questionKinds.forEach((kind, i) => {
      const share = questions.filter((question) => question.kind === kind).length / questions.length;
      const expected = (kindWeights[i] ?? 0) / total;
      // Five standard deviations of a binomial frequency, doubled because a document's length couples its turns.
      expect(Math.abs(share - expected)).toBeLessThan(10 * Math.sqrt((expected * (1 - expected)) / questions.length));
    });
  });

  it("name the language in half of the code questions", () => {
    const code = draw(3000).flatMap(({ turns }) => turns.filter(({ question }) => question.kind === "code"));
    const named = code.filter(({ question }) => /\b(pyx|rux)\b/.test(question.text)).length / code.length;
    expect(Math.abs(named - 0.5)).toBeLessThan(5 * Math.sqrt(0.25 / code.length));
  });
});

describe("the chat stage", () => {
  it("is answered by the helper alone", () => {
    for (const messages of helperTurns(rng(1, "test-chat"), 300)) {
      const [asked, answered] = messages;
      const question = questionOf(asked?.content ?? "");
      expect(question?.seen).toBe(true);
      expect(question && parseAnswer(question, answered?.content ?? "")).toMatchObject({ class: "helper" });
    }
  });
});

describe("the vocabulary", () => {
  it("has at most 1,024 words, the special ones first, each once", () => {
    const vocabulary = worldVocabulary();
    expect(vocabulary.length).toBeLessThanOrEqual(1024);
    expect(vocabulary.slice(0, 5)).toEqual(["<pad>", "<bos>", "<user>", "<assistant>", "<end>"]);
    expect(new Set(vocabulary).size).toBe(vocabulary.length);
  });
});
