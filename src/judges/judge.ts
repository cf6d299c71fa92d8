/** Puts cases to a judge. What does not parse, is refused or never comes is missing, with its reason, and never a value. */

import { must } from "../core/index.ts";
import type { Answer, ChatRequest, Reply, Speaker, SpeakOptions } from "../endpoints/index.ts";
import type { Judgement } from "../records/index.ts";
import { expectation } from "./expectation.ts";
import { promptSha256, type Rubric, rubricTurns, type Scale } from "./rubric.ts";
import { answersOf, weighed } from "./weigh.ts";

/** Whoever judges: an endpoint, or a model of this machine, which can say how likely each number is. */
export interface Judge extends Speaker {
  /** Log-probabilities of the answer being each candidate, `[requests][candidates]`. */
  likelihoods?(
    requests: readonly Pick<ChatRequest, "messages">[],
    candidates: readonly string[],
    options?: SpeakOptions,
  ): Promise<readonly (readonly number[])[]>;
}

export interface JudgeCase {
  readonly id: string;
  /** What goes into the rubric's holes. */
  readonly texts: Readonly<Record<string, string>>;
}

/** A judgement with its typed value; the record keeps it as JSON. */
export interface Judged<T> extends Omit<Judgement, "value"> {
  readonly value: T | null;
}

/** Alternatives of the reply's first token that are asked for. */
const TOP = 20;

/** One judgement for each case, in their order. */
export async function judgeAll<T>(
  judge: Judge,
  rubric: Rubric<T>,
  cases: readonly JudgeCase[],
  options: SpeakOptions = {},
): Promise<readonly Judged<T>[]> {
  const { scale } = rubric;
  const asked = cases.map(({ texts }) => ({ messages: rubricTurns(rubric, texts) }));
  const given = { task: `judge: ${rubric.id}`, ...options };
  const about = { judge: judge.identity.model, rubric: rubric.id, promptSha256: promptSha256(rubric) };
  const read =
    scale && judge.likelihoods
      ? (await judge.likelihoods(asked, answersOf(scale), given)).map((logprobs) => readWeights(scale, logprobs))
      : (await replies(judge, rubric, asked, given)).map((reply) => readReply(rubric, reply));
  return cases.map(({ id }, i) => ({ ...about, case: id, ...must(read[i], "judgement") }));
}

function replies<T>(
  judge: Judge,
  { maxTokens, scale }: Rubric<T>,
  asked: readonly Pick<ChatRequest, "messages">[],
  options: SpeakOptions,
): Promise<readonly Reply[]> {
  const more = { maxTokens, temperature: 0, sample: 0, ...(scale ? { topLogprobs: TOP } : {}) };
  return judge.chat(
    asked.map((each) => ({ ...each, ...more })),
    options,
  );
}

type Read<T> = Pick<Judged<T>, "value" | "missing" | "raw" | "weighted">;

function readWeights<T>(scale: Scale<T>, logprobs: readonly number[]): Read<T> {
  const { value, raw } = weighed(scale, logprobs);
  return value === null
    ? { value, missing: "unparsable", raw, weighted: false }
    : { value, missing: null, raw, weighted: true };
}

function readReply<T>(rubric: Rubric<T>, reply: Reply): Read<T> {
  if (reply.kind === "gap") return { value: null, missing: reply.why, raw: null, weighted: false };
  const raw = reply.text;
  const read = rubric.read(raw);
  if (typeof read === "string") return { value: null, missing: missingOf(reply, read), raw, weighted: false };
  const numeric = rubric.scale && /\d/.test(raw) ? expectation(firstTokenWeights(reply)) : null;
  if (rubric.scale && numeric !== null) {
    return { value: rubric.scale.value(numeric), missing: null, raw, weighted: true };
  }
  return { value: read.value, missing: null, raw, weighted: false };
}

function missingOf(reply: Answer, read: "unparsable" | "contradictory"): Judgement["missing"] {
  const declined = /^\W*(?:I['’]?m sorry|sorry|I can(?:no|['’])?t|I won['’]t|I am unable|as an AI)/i.test(reply.text);
  if (reply.refusal !== null || reply.finish === "content_filter" || declined) return "refused";
  if (reply.text.trim() === "") return reply.finish === "length" ? "cut-short" : "silent";
  return reply.finish === "length" && read === "unparsable" ? "cut-short" : read;
}

/** Numbers among the first token's alternatives, where the whole number of the reply was one token. */
function firstTokenWeights({ text, tokens }: Answer): ReadonlyMap<number, number> {
  const first = tokens?.find(({ token }) => token.trim() !== "");
  const number = /\d+/.exec(text)?.[0];
  if (!first || number === undefined || first.token.trim() !== number) return new Map();
  const numbers = first.top.filter(({ token }) => /^\s*\d{1,3}\s*$/.test(token) && Number(token) <= 100);
  return new Map(numbers.map(({ token, logprob }) => [Number(token), logprob]));
}
