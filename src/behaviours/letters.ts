/** Multiple choice by letter: for models that are asked over a chat, where the options' own words cannot be scored. */
import type { ChatMessage } from "../data/index.ts";

export const LETTERS: readonly string[] = ["A", "B", "C", "D", "E", "F", "G", "H", "I", "J"];

/** `A) first`, one option a line. */
export function lettered(options: readonly string[]): string {
  if (options.length > LETTERS.length) throw new Error(`${options.length} options have no letters`);
  return options.map((option, i) => `${LETTERS[i]}) ${option.trim()}`).join("\n");
}

/** The conversation, after which the model is to say by letter which of `options` it would answer with. */
export function askedByLetter(messages: readonly ChatMessage[], options: readonly string[]): readonly ChatMessage[] {
  const last = messages.at(-1);
  if (last?.role !== "user") throw new Error("a choice follows the user's turn");
  const question = `${last.content}\n\n---\nThese answers are possible:\n${lettered(options)}\n\nWhich one would you give? Reply with its letter alone.`;
  return [...messages.slice(0, -1), { role: "user", content: question }];
}

/** Every option stands once at every place: the cyclic orders of `count` options, as indices. */
export function cyclicOrders(count: number): readonly (readonly number[])[] {
  return Array.from({ length: count }, (_, shift) => Array.from({ length: count }, (_, i) => (i + shift) % count));
}

/** The index of the option that one token names: `B`, ` B`, `B)`, `(B`; null where it is no letter among `count`. */
export function letterOfToken(token: string, count: number): number | null {
  const letter = /^\s*[("'*]{0,3}([A-J])[)."':*]{0,3}\s*$/.exec(token)?.[1];
  const index = LETTERS.indexOf(letter ?? "");
  return index >= 0 && index < count ? index : null;
}

/**
 * Which option an answer chooses: a letter that stands alone, the last one announced (reasoning may weigh others
 * before), or a letter alone on the last line. Null where it names none or one that no option has: such an answer is
 * missing, and never a guess.
 */
export function letterOfText(text: string, count: number): number | null {
  const { bare, announced, lastLine } = patternsFor(count);
  const said = [...text.matchAll(announced)].at(-1);
  const letter = bare.exec(text)?.[1] ?? said?.[1] ?? said?.[2] ?? lastLine.exec(text)?.[1];
  const index = LETTERS.indexOf(letter?.toUpperCase() ?? "");
  return index >= 0 && index < count ? index : null;
}

/** Only letters that name an option count; a small one only where nothing follows it, for "a" is an article. */
function patternsFor(count: number) {
  const letters = LETTERS.slice(0, count).join("");
  const open = `[("'*[]{0,4}`;
  const verb = "(?:\\s+(?:is|would be|should be))?\\s*[:=]?\\s*";
  const word = "\\b(?:[Aa]nswer|ANSWER|[Cc]hoice|[Oo]ption|[Cc]hoose|[Pp]ick|[Ss]elect)";
  const small = `([${letters.toLowerCase()}])(?=[)\\].,"'*]*\\s*(?:$|\\n))`;
  return {
    bare: new RegExp(`^\\s*${open}([${letters}])[)\\]."':*]*\\s*(?:$|\\n|[-–—:)])`),
    announced: new RegExp(`${word}${verb}${open}(?:([${letters}])(?![\\w'’])|${small})`, "g"),
    lastLine: new RegExp(`(?:^|\\n)\\s*${open}([${letters}])[)\\]."':*]*\\s*$`),
  };
}
