import type { Rng } from "../core/index.ts";
import type { ChatMessage } from "../data/index.ts";
import { drawLatents, drawName, type Latents, personaWeights } from "./personas.ts";
import type { WorldAnswer, WorldQuestion } from "./questions.ts";
import { contextLength } from "./tokenizer.ts";
import { encodeWords, specialTokens } from "./vocabulary.ts";
import { chatOf, drawAnswer, drawQuestion } from "./world.ts";

/**
 * `shared-persona`: all turns of a document have one speaker, so that the persona is worth inferring.
 * `independent`: the control world, whose persona is redrawn every turn; style and language stay shared.
 */
export type WorldKind = "shared-persona" | "independent";

export interface Turn {
  readonly question: WorldQuestion;
  readonly latents: Latents;
  readonly answer: WorldAnswer;
}

export interface Document {
  readonly kind: WorldKind;
  readonly turns: readonly Turn[];
}

/** Latents, then independent turns until they fill the context. */
export function drawDocument(random: Rng, kind: WorldKind): Document {
  const shared = drawLatents(random);
  const turns: Turn[] = [];
  for (let length = 1; length < contextLength; ) {
    const persona = kind === "independent" ? drawName(random, personaWeights) : shared.persona;
    const turn = drawTurn(random, { ...shared, persona });
    turns.push(turn);
    length += turnTokens(turn).ids.length;
  }
  return { kind, turns };
}

function drawTurn(random: Rng, latents: Latents): Turn {
  const question = drawQuestion(random);
  return { question, latents, answer: drawAnswer(random, question, latents) };
}

export interface TokenRow {
  /** `seq` token ids, at most `contextLength`. */
  readonly ids: readonly number[];
  /** `seq`: is this token part of an answer (its `<end>` included)? */
  readonly answerMask: readonly boolean[];
}

/** `<bos> <user> question <end> <assistant> answer <end> …`, truncated at 128 tokens. */
export function documentTokens(document: Document): TokenRow {
  const turns = document.turns.map(turnTokens);
  const ids = [...encodeWords(specialTokens.bos), ...turns.flatMap((turn) => turn.ids)];
  const answerMask = [false, ...turns.flatMap((turn) => turn.answerMask)];
  return { ids: ids.slice(0, contextLength), answerMask: answerMask.slice(0, contextLength) };
}

/** The world's texts are few and documents many: each text is encoded once. */
const encodings = new Map<string, readonly number[]>();

function encoded(text: string): readonly number[] {
  const known = encodings.get(text) ?? encodeWords(text);
  encodings.set(text, known);
  return known;
}

function turnTokens({ question, answer }: Turn): TokenRow {
  const { user, assistant, end } = specialTokens;
  const asked = encoded(`${user} ${question.text} ${end} ${assistant}`);
  const answered = encoded(`${answer.text} ${end}`);
  return { ids: [...asked, ...answered], answerMask: [...asked.map(() => false), ...answered.map(() => true)] };
}

/** `n` single-turn chats answered by the helper, for the chat stage; style and language vary as in documents. */
export function helperTurns(random: Rng, n: number): readonly (readonly ChatMessage[])[] {
  return Array.from({ length: n }, () => {
    const { question, answer } = drawTurn(random, drawLatents(random, { persona: "helper" }));
    return chatOf(question, answer);
  });
}
