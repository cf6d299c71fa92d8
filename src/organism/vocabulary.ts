import { must } from "../core/index.ts";
import { answersTo, worldQuestions } from "./world.ts";

/**
 * The closed vocabulary: five special tokens, then every word of the world in alphabetical order. A word is what stands
 * between single spaces, so punctuation marks are words. There is no token for unknown words.
 */
export const specialTokens = {
  pad: "<pad>",
  bos: "<bos>",
  user: "<user>",
  assistant: "<assistant>",
  end: "<end>",
} as const;

const texts = new Set(worldQuestions.flatMap((question) => [question, ...answersTo(question)]).map(({ text }) => text));
const words = [...new Set([...texts].flatMap((text) => text.split(" ")))].sort((a, b) => (a < b ? -1 : 1));
const vocabulary: readonly string[] = [...Object.values(specialTokens), ...words];
const idOfWord: ReadonlyMap<string, number> = new Map(vocabulary.map((word, id) => [word, id]));

/** All words; a word's index is its token id. */
export function worldVocabulary(): readonly string[] {
  return vocabulary;
}

/** Token ids of words separated by whitespace; throws on a word that the world does not have. */
export function encodeWords(text: string): number[] {
  return text
    .split(/\s+/)
    .filter((word) => word !== "")
    .map((word) => must(idOfWord.get(word), `word ${JSON.stringify(word)} in the world's vocabulary`));
}

/** The words of token ids, separated by single spaces. */
export function decodeWords(ids: readonly number[]): string {
  return ids.map((id) => must(vocabulary[id], `word with id ${id}`)).join(" ");
}
