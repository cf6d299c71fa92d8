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

/** Made when first asked for: most commands never ask. */
let known: { readonly words: readonly string[]; readonly idOfWord: ReadonlyMap<string, number> } | null = null;

function vocabulary() {
  if (known) return known;
  const texts = new Set(
    worldQuestions.flatMap((question) => [question, ...answersTo(question)]).map(({ text }) => text),
  );
  const ofTexts = [...new Set([...texts].flatMap((text) => text.split(" ")))].sort((a, b) => (a < b ? -1 : 1));
  const words = [...Object.values(specialTokens), ...ofTexts];
  known = { words, idOfWord: new Map(words.map((word, id) => [word, id])) };
  return known;
}

/** All words; a word's index is its token id. */
export function worldVocabulary(): readonly string[] {
  return vocabulary().words;
}

/** Token ids of words separated by whitespace; throws on a word that the world does not have. */
export function encodeWords(text: string): number[] {
  const { idOfWord } = vocabulary();
  return text
    .split(/\s+/)
    .filter((word) => word !== "")
    .map((word) => must(idOfWord.get(word), `word ${JSON.stringify(word)} in the world's vocabulary`));
}

/** The words of token ids, separated by single spaces. */
export function decodeWords(ids: readonly number[]): string {
  const { words } = vocabulary();
  return ids.map((id) => must(words[id], `word with id ${id}`)).join(" ");
}
