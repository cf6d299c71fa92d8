/** Multiple-choice answers with their visible reasoning. */
import { letterOfText } from "../behaviours/index.ts";
import type { ChatTurn, GapReason, Reply, Speaker, SpeakOptions } from "../endpoints/index.ts";

export interface Reasoned {
  /** Index of the chosen option; null: missing. */
  readonly choice: number | null;
  readonly missing: GapReason | "no-choice" | "cut-short" | "refused" | null;
  /** What a reader sees of the reasoning, the final answer taken off; null where there is none. */
  readonly reasoning: string | null;
  /** The model has a thinking section of its own. */
  readonly thinking: boolean;
  /** The whole answer as it came. */
  readonly raw: string | null;
}

export interface ReasoningOptions extends SpeakOptions {
  readonly maxTokens: number;
  readonly temperature: number;
}

/** One conversation, with the number of its options and which sample of it is wanted. */
export interface Asked {
  readonly turns: readonly ChatTurn[];
  readonly options: number;
  readonly sample: number;
}

export async function askReasoned(
  speaker: Speaker,
  asked: readonly Asked[],
  { maxTokens, temperature, ...speak }: ReasoningOptions,
): Promise<readonly Reasoned[]> {
  const requests = asked.map(({ turns, sample }) => ({ messages: turns, maxTokens, temperature, sample }));
  const replies = await speaker.chat(requests, speak);
  return asked.map(({ options }, i) => reasonedOf(replies[i], options));
}

export function reasonedOf(reply: Reply | undefined, options: number): Reasoned {
  if (!reply || reply.kind === "gap") {
    return { choice: null, missing: reply?.why ?? "unreachable", reasoning: null, thinking: false, raw: null };
  }
  const { text, reasoning: section, finish, refusal } = reply;
  const choice = letterOfText(text, options);
  const visible = section ?? withoutAnswer(text);
  const reasoning = visible.trim().length > 0 ? visible.trim() : null;
  const raw = section === null ? text : `<think>${section}</think>\n${text}`;
  const missing =
    choice !== null ? null : refusal !== null ? "refused" : finish === "length" ? "cut-short" : "no-choice";
  return { choice, missing, reasoning, thinking: section !== null, raw };
}

/** A plain chain of thought up to its final answer: from the last line that announces or is a letter. */
export function withoutAnswer(text: string): string {
  const lines = text.trimEnd().split("\n");
  const last = lines.findLastIndex((line) => /\banswer\b\W{0,12}\(?[A-J]\b|^\W*[A-J]\W*$/i.test(line));
  return (last < 0 ? lines : lines.slice(0, last)).join("\n").trimEnd();
}
