/**
 * A behaviour's log-odds on its contrast pairs: log p(exhibiting) − log p(other) after the same prompt. It stands in for
 * the behaviour's score where a derivative or many interventions are wanted.
 */
import type { Behaviour, ContrastPair } from "../behaviours/index.ts";
import { must } from "../core/index.ts";
import type { AskOptions, Continuation, LanguageModel } from "../engine/index.ts";

/** The pairs that one behaviour is probed on. */
export interface Probe {
  readonly behaviour: Behaviour;
  readonly pairs: readonly ContrastPair[];
  /** Two per pair, the exhibiting answer first: rendered once, since a probe is asked of many models. */
  readonly questions: readonly Continuation[];
  /** Of one value for each pair of the half that these were chosen from, those of `pairs`. */
  readonly ofHalf: <Value>(values: readonly Value[]) => Value[];
}

/** At most `most` pairs of one half, spread evenly over the list, so that all topics are in. */
export function probeOf(
  model: LanguageModel,
  behaviour: Behaviour,
  { half, most }: { readonly half: ContrastPair["half"]; readonly most: number },
): Probe {
  const all = behaviour.pairs.filter((pair) => pair.half === half);
  const count = Math.min(most, all.length);
  const ofHalf = <Value>(values: readonly Value[]) =>
    Array.from({ length: count }, (_, i) => must(values[Math.floor((i * all.length) / count)], "pair"));
  const pairs = ofHalf(all);
  return { behaviour, pairs, questions: questionsOf(model, behaviour, pairs), ofHalf };
}

/** Token ids of an answer as it is scored: with the token that ends the turn where answers are whole. */
export function answerIds({ tokenizer }: LanguageModel, behaviour: Behaviour, answer: string): number[] {
  const end = behaviour.wholeAnswers ? tokenizer.eosIds.slice(0, 1) : [];
  return [...tokenizer.encode(answer), ...end];
}

/** For each probe one number per pair, nats; per token where the behaviour's weight is length-normalised. */
export async function pairLogOdds(
  model: LanguageModel,
  probes: readonly Probe[],
  options: AskOptions = {},
): Promise<number[][]> {
  const answers = await model.logLikelihood(
    probes.flatMap(({ questions }) => questions),
    options,
  );
  let at = 0;
  const score = ({ weight }: Behaviour) => {
    const { logprob, tokens } = must(answers[at++], "answer");
    return weight === "mean" ? logprob / tokens : logprob;
  };
  return probes.map(({ behaviour, pairs }) => pairs.map(() => score(behaviour) - score(behaviour)));
}

function questionsOf(model: LanguageModel, behaviour: Behaviour, pairs: readonly ContrastPair[]): Continuation[] {
  return pairs.flatMap(({ messages, exhibiting, other }) => {
    const prompt = model.tokenizer.encodeChat(messages, { addGenerationPrompt: true });
    return [exhibiting, other].map((answer) => ({ prompt, continuation: answerIds(model, behaviour, answer) }));
  });
}

/** The pair's score as the battery would score it: P(exhibiting) / (P(exhibiting) + P(other)). */
export function pairScore(logOdds: number): number {
  return 1 / (1 + Math.exp(-logOdds));
}
