/** Roles of the planted model's tokens, laid on random ids, and a tokenizer of one word a token. */
import { must, type Rng } from "../../src/core/index.ts";
import type { ChatMessage, Tokenizer } from "../../src/data/index.ts";

/** `task` is what the data teach; the others are behaviours: A adjacent to it, B served by its feature, C apart. */
export const topics = ["task", "A", "B", "C"] as const;
export type Topic = (typeof topics)[number];

/** Words of an answer; the token that ends the turn follows. */
export const SLOTS = 3;
/** Words that may stand in one slot of one topic in one mode. */
export const CHOICES = 4;
const PROMPT_WORDS = 8;

export interface Vocabulary {
  readonly size: number;
  readonly user: number;
  readonly assistant: number;
  readonly end: number;
  /** Words of prompts. */
  readonly prompt: Readonly<Record<Topic, readonly number[]>>;
  /** `[slot][choice]`: words of answers that show the behaviour, and of those that do not. */
  readonly on: Readonly<Record<Topic, readonly (readonly number[])[]>>;
  readonly off: Readonly<Record<Topic, readonly (readonly number[])[]>>;
}

export function vocabulary(random: Rng): Vocabulary {
  const size = 3 + topics.length * (PROMPT_WORDS + 2 * SLOTS * CHOICES);
  const ids = random.shuffle(Array.from({ length: size }, (_, i) => i));
  const take = (count: number) => Array.from({ length: count }, () => must(ids.pop(), "token"));
  const answers = () => Array.from({ length: SLOTS }, () => take(CHOICES));
  const [user, assistant, end] = [ids.pop(), ids.pop(), ids.pop()].map((id) => must(id, "token"));
  return {
    size,
    user: must(user, "user"),
    assistant: must(assistant, "assistant"),
    end: must(end, "end"),
    prompt: perTopic(() => take(PROMPT_WORDS)),
    on: perTopic(answers),
    off: perTopic(answers),
  };
}

export function perTopic<T>(make: (topic: Topic) => T): Record<Topic, T> {
  return { task: make("task"), A: make("A"), B: make("B"), C: make("C") };
}

/** Word `w7` is token 7; English, as the capability gate's preamble is, is nothing. A chat is `user words assistant words end …`. */
export function wordTokenizer({ size, user, assistant, end }: Vocabulary): Tokenizer {
  const idOf = (word: string) => {
    const id = Number(/^w(\d+)$/.exec(word)?.[1] ?? Number.NaN);
    if (!(id < size)) throw new Error(`${word} is no word of the planted model`);
    return id;
  };
  const tokenizer: Tokenizer = {
    vocabSize: size,
    bosId: null,
    eosIds: [end],
    padId: null,
    encode: (text) =>
      text
        .split(/\s+/)
        .filter((word) => /^w\d+$/.test(word))
        .map(idOf),
    decode: (ids, options) =>
      wordsOf(options?.skipSpecialTokens ? ids.filter((id) => ![user, assistant, end].includes(id)) : ids),
    tokenText: (id) => `w${id}`,
    renderChat: (messages, { addGenerationPrompt }) => {
      const turns = messages.map(({ role, content }) =>
        role === "assistant" ? `w${assistant} ${content} w${end}` : `w${user} ${content}`,
      );
      return [...turns, ...(addGenerationPrompt ? [`w${assistant}`] : [])].join(" ");
    },
    encodeChat: (messages, options) => tokenizer.encode(tokenizer.renderChat(messages, options)),
  };
  return tokenizer;
}

export const wordsOf = (ids: readonly number[]) => ids.map((id) => `w${id}`).join(" ");

/** Three different words of the topic as the user's message. */
export function promptOf(words: Vocabulary, topic: Topic, random: Rng): readonly ChatMessage[] {
  return [{ role: "user", content: wordsOf(random.shuffle(words.prompt[topic]).slice(0, 3)) }];
}

/** An answer of one word a slot, in the mode's words. */
export function answerOf(words: Vocabulary, topic: Topic, mode: "on" | "off", random: Rng): string {
  return wordsOf(words[mode][topic].map((choices) => random.choice(choices)));
}
