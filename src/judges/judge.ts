/** Puts cases to a judge. What does not parse, is refused or never comes is missing, with its reason, and never a value. */
import type { Answer, ChatRequest, Reply, Speaker, SpeakOptions } from "../endpoints/index.ts";
import type { Judgement } from "../records/index.ts";
import { expectation } from "./expectation.ts";
import { promptSha256, type Rubric, rubricTurns } from "./rubric.ts";

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
  const requests: ChatRequest[] = cases.map(({ texts }) => ({
    messages: rubricTurns(rubric, texts),
    maxTokens: rubric.maxTokens,
    temperature: 0,
    sample: 0,
    ...(rubric.scale && !judge.likelihoods ? { topLogprobs: TOP } : {}),
  }));
  const replies = await judge.chat(requests, { task: `judge: ${rubric.id}`, ...options });
  const weights = await weightsOf(judge, rubric, requests, replies, options);
  const about = { judge: judge.identity.model, rubric: rubric.id, promptSha256: promptSha256(rubric) };
  return cases.map(({ id }, i) => ({ ...about, case: id, ...readReply(rubric, replies[i], weights.get(i) ?? null) }));
}

/**
 * Log-probabilities of the scale's numbers, by the request's place; of replies that are a number alone, because nothing
 * else is weighted. Empty where the judge gives none for whole numbers.
 */
async function weightsOf<T>(
  judge: Judge,
  rubric: Rubric<T>,
  requests: readonly ChatRequest[],
  replies: readonly Reply[],
  options: SpeakOptions,
): Promise<ReadonlyMap<number, ReadonlyMap<number, number>>> {
  const { scale } = rubric;
  if (!scale || !judge.likelihoods) return new Map();
  const numeric = replies.flatMap((reply, i) => (isNumber(rubric, reply) ? [i] : []));
  const asked = numeric.flatMap((i) => requests[i] ?? []);
  const found = await judge.likelihoods(asked, scale.numbers.map(String), options);
  const weights = (n: number) => new Map(scale.numbers.map((number, k) => [number, found[n]?.[k] ?? -Infinity]));
  return new Map(numeric.map((i, n) => [i, weights(n)]));
}

/** A reply that can be read and is no word such as CODE. */
const isNumber = <T>(rubric: Rubric<T>, reply: Reply) =>
  reply.kind === "answer" && typeof rubric.read(reply.text) !== "string" && /\d/.test(reply.text);

function readReply<T>(
  rubric: Rubric<T>,
  reply: Reply | undefined,
  weights: ReadonlyMap<number, number> | null,
): Pick<Judged<T>, "value" | "missing" | "raw" | "weighted"> {
  if (!reply || reply.kind === "gap") {
    const why = reply?.kind === "gap" ? reply.why : "unreachable";
    return { value: null, missing: why, raw: null, weighted: false };
  }
  const raw = reply.text;
  const read = rubric.read(raw);
  if (typeof read === "string") return { value: null, missing: missingOf(reply, read), raw, weighted: false };
  const numeric = rubric.scale && /\d/.test(raw) ? expectation(weights ?? firstTokenWeights(reply)) : null;
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
