import type { AskOptions, LanguageModel } from "../engine/index.ts";
import type { LikelihoodModel, LikelihoodRequest } from "./battery.ts";

export interface ChatLikelihoodOptions extends AskOptions {
  /** Continuations are whole answers: the token that ends the turn is scored with them. */
  readonly wholeAnswers: boolean;
}

interface Answer {
  readonly logprob: number;
  readonly tokens: number;
}

/**
 * Likelihoods of continuations under a chat model: the template's generation prompt, the prefill, then the
 * continuation, which is tokenised by itself. What was asked before is remembered: behaviours share prompts.
 */
export function chatLikelihood(
  model: LanguageModel,
  known: Map<string, Answer>,
  { wholeAnswers, ...ask }: ChatLikelihoodOptions,
): LikelihoodModel {
  const { tokenizer } = model;
  const end = wholeAnswers ? tokenizer.eosIds.slice(0, 1) : [];
  const prompts = new Map<string, readonly number[]>();
  const promptOf = ({ messages, prefill = "" }: LikelihoodRequest) => {
    const key = JSON.stringify([messages, prefill]);
    const known = prompts.get(key) ?? [
      ...tokenizer.encodeChat(messages, { addGenerationPrompt: true }),
      ...tokenizer.encode(prefill),
    ];
    prompts.set(key, known);
    return known;
  };
  const tokenised = (request: LikelihoodRequest) => ({
    prompt: promptOf(request),
    continuation: [...tokenizer.encode(request.continuation), ...end],
  });
  return {
    logLikelihood: async (requests) => {
      const keys = requests.map((request) => JSON.stringify([request, wholeAnswers]));
      const fresh = [...new Set(keys.flatMap((key, i) => (known.has(key) ? [] : [i])))];
      const asked = fresh.map((i) => tokenised(requests[i] as LikelihoodRequest));
      const answers = await model.logLikelihood(asked, ask);
      for (const [n, i] of fresh.entries()) known.set(keys[i] as string, answers[n] as Answer);
      return keys.map((key) => known.get(key) as Answer);
    },
  };
}
