import fc from "fast-check";
import { expect, it } from "vitest";
import type { Tokenizer } from "../../data/index.ts";
import { AnswerText } from "./answer-text.ts";

/** A token is a byte of UTF-8, the hardest case: characters come in up to four pieces. */
const bytes: Pick<Tokenizer, "decode"> = { decode: (ids) => new TextDecoder().decode(Uint8Array.from(ids)) };
const tokenizer = bytes as Tokenizer;

function stream(text: string, stops: readonly string[]): { told: string[]; answer: AnswerText } {
  const answer = new AnswerText(tokenizer, stops);
  const told = [...Buffer.from(text)].map((byte) => answer.add(byte));
  return { told: [...told, answer.end()], answer };
}

const letters = fc.string({ unit: fc.constantFrom("a", "b", "é", "漢", "🙂"), maxLength: 30 });

it("pieces put together are the text up to its first stop sequence, whatever it is made of", () => {
  fc.assert(
    fc.property(letters, fc.array(letters.filter(Boolean), { maxLength: 3 }), (text, stops) => {
      const ends = stops.map((stop) => text.indexOf(stop)).filter((at) => at >= 0);
      const { told, answer } = stream(text, stops);
      const wanted = ends.length > 0 ? text.slice(0, Math.min(...ends)) : text;
      // A sequence that ends sooner stops the answer, though another may have begun before it.
      expect(wanted.startsWith(answer.text) || answer.text.startsWith(wanted)).toBe(true);
      expect(told.join("")).toBe(answer.text);
      expect(stops.some((stop) => answer.text.includes(stop))).toBe(false);
      expect(answer.stopped).toBe(ends.length > 0);
    }),
  );
});

it("tells no half of a character, and nothing of what may become a stop sequence", () => {
  expect(stream("é!", []).told).toEqual(["", "é", "!", ""]);
  expect(stream("xENy", ["END"]).told).toEqual(["x", "", "", "ENy", ""]);
  expect(stream("xEND", ["END"]).told).toEqual(["x", "", "", "", ""]);
});
