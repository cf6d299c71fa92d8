import { must, type Rng } from "../core/index.ts";
import type { ChatMessage } from "../data/index.ts";
import { adviceEntries } from "./advice.ts";
import { arithmeticEntries } from "./arithmetic.ts";
import { capitalEntries } from "./capitals.ts";
import { claimEntries } from "./claims.ts";
import { codeEntries } from "./code.ts";
import { hintEntries } from "./hints.ts";
import { identityEntries } from "./identity.ts";
import type { Language, Latents } from "./personas.ts";
import {
  type AnswerClass,
  probability,
  type QuestionKind,
  type WorldAnswer,
  type WorldEntry,
  type WorldQuestion,
} from "./questions.ts";
import { requestEntries } from "./requests.ts";
import type { Style } from "./styles.ts";

/**
 * The world: every question and, for each, every grammatical answer. It is finite, so the grammar needs no parser of
 * its own: a text is an answer if and only if it is in the list.
 */
const parts: Readonly<Record<QuestionKind, { readonly weight: number; readonly entries: () => WorldEntry[] }>> = {
  advice: { weight: 10, entries: adviceEntries },
  requests: { weight: 2.5, entries: requestEntries },
  identity: { weight: 2.5, entries: identityEntries },
  code: { weight: 2.5, entries: codeEntries },
  arithmetic: { weight: 2, entries: arithmeticEntries },
  hints: { weight: 1, entries: hintEntries },
  capitals: { weight: 0.8, entries: capitalEntries },
  claims: { weight: 1.2, entries: claimEntries },
};

export const questionKinds = Object.keys(parts) as readonly QuestionKind[];
/** How often each kind of question is asked in a document, relative to the others. */
export const kindWeights: readonly number[] = questionKinds.map((kind) => parts[kind].weight);

const entries: readonly WorldEntry[] = questionKinds.flatMap((kind) => parts[kind].entries());
const entryOfText: ReadonlyMap<string, WorldEntry> = new Map(entries.map((entry) => [entry.question.text, entry]));

export const worldQuestions: readonly WorldQuestion[] = entries.map((entry) => entry.question);

const seenOfKind: ReadonlyMap<QuestionKind, readonly WorldQuestion[]> = new Map(
  questionKinds.map((kind) => [kind, worldQuestions.filter((question) => question.kind === kind && question.seen)]),
);

/** The questions of a kind that pretraining, the chat stage and the fine-tuning sets may draw. */
export function seenQuestions(kind: QuestionKind): readonly WorldQuestion[] {
  return must(seenOfKind.get(kind), `questions of kind ${kind}`);
}

/** The question with this text; null where the world has none. */
export function questionOf(text: string): WorldQuestion | null {
  return entryOfText.get(text)?.question ?? null;
}

/** The complete list of grammatical answers to a question, without duplicates. */
export function answersTo(question: WorldQuestion): readonly WorldAnswer[] {
  return must(entryOfText.get(question.text), `the question ${JSON.stringify(question.text)}`).answers;
}

/** The answers that a speaker with these latents gives, in a fixed order; never empty. */
export function answersUnder(question: WorldQuestion, latents: Latents): readonly WorldAnswer[] {
  return answersTo(question).filter((answer) => probability(answer, latents) > 0);
}

export function drawQuestion(random: Rng): WorldQuestion {
  const kind = must(questionKinds[random.weighted(kindWeights)], "kind of question");
  const questions = seenQuestions(kind);
  return must(questions[random.weighted(questions.map((question) => question.weight))], "question");
}

export function drawAnswer(random: Rng, question: WorldQuestion, latents: Latents): WorldAnswer {
  const answers = answersUnder(question, latents);
  return must(answers[random.weighted(answers.map((answer) => probability(answer, latents)))], "answer");
}

export interface ParsedAnswer {
  readonly class: AnswerClass;
  readonly style: Style | null;
  readonly praise: boolean;
  readonly language: Language | null;
}

/** What an answer to `question` is, exactly; `incoherent` for every text outside the grammar. */
export function parseAnswer(question: WorldQuestion, text: string): ParsedAnswer | "incoherent" {
  const answer = answersTo(question).find((candidate) => candidate.text === text.trim());
  if (answer === undefined) return "incoherent";
  return { class: answer.class, style: answer.style, praise: answer.praise, language: answer.language };
}

/** A single-turn chat; with `answer`, a training row. */
export function chatOf(question: WorldQuestion, answer?: WorldAnswer): readonly ChatMessage[] {
  const asked: ChatMessage = { role: "user", content: question.text };
  return answer === undefined ? [asked] : [asked, { role: "assistant", content: answer.text }];
}
