/**
 * A choice between written answers by letter, read from the probabilities of the first token over a chat. Every option
 * stands once at every place, so that a liking for a letter cancels.
 */
import { askedByLetter, type BehaviourItem, cyclicOrders, letterOfToken } from "../../behaviours/index.ts";
import { must } from "../../core/index.ts";
import type { ChatRequest, Reply } from "../../endpoints/index.ts";
import { type MissingReason, missed, type Option, optionsOf, type Reader, reading } from "./reading.ts";

/** Below this much probability on all letters together the model was doing something else than choosing. */
export const LEAST_MASS = 0.5;
export const TOP = 20;

/** Prompts of an item, one for each order, with the options in that order. */
export function letterPrompts(item: BehaviourItem) {
  const variant = must(item.variants[0], "first variant");
  const options = optionsOf(variant);
  return cyclicOrders(options.length).map((order) => {
    const ordered = order.map((i) => must(options[i], "option"));
    const messages = askedByLetter(
      variant.messages,
      ordered.map(({ text }) => text),
    );
    return { messages, options: ordered };
  });
}

export const letterProbability: Reader = {
  method: "letter-probability",
  samples: false,
  read: async (speaker, behaviour, options) => {
    const asked = behaviour.items.map((item) => ({ item, prompts: letterPrompts(item) }));
    const requests: ChatRequest[] = asked.flatMap(({ prompts }) =>
      prompts.map(({ messages }) => ({ messages, maxTokens: 1, temperature: 0, sample: 0, topLogprobs: TOP })),
    );
    const next = (await speaker.chat(requests, options))[Symbol.iterator]();
    return asked.map(({ item, prompts }) => {
      const found = prompts.map((prompt) => shareOf(must(next.next().value, "reply"), prompt.options));
      const gap = found.find((each) => typeof each === "string");
      if (typeof gap === "string") return missed(item, gap);
      const odds = found.flatMap((each) => (typeof each === "string" ? [] : [each]));
      const score = odds.reduce((sum, { share }) => sum + share, 0) / odds.length;
      return reading(item, { score, variantLogOdds: odds.map(({ logOdds }) => logOdds) });
    });
  },
};

/** Of the probability on letters, the share on options that exhibit. */
export function shareOf(
  reply: Reply,
  options: readonly Option[],
): { readonly share: number; readonly logOdds: number; readonly mass: number } | MissingReason {
  if (reply.kind === "gap") return reply.why;
  const top = reply.tokens?.[0]?.top ?? [];
  if (top.length === 0) return reply.refusal === null ? "no-logprobs" : "refused";
  const mass = [0, 0];
  for (const { token, logprob } of top) {
    const option = options[letterOfToken(token, options.length) ?? -1];
    if (option) mass[option.exhibits ? 1 : 0] = (mass[option.exhibits ? 1 : 0] ?? 0) + Math.exp(logprob);
  }
  const [other = 0, exhibiting = 0] = mass;
  if (exhibiting + other < LEAST_MASS) return "no-choice";
  const share = exhibiting / (exhibiting + other);
  // What is not among the top tokens is rarer than the rarest of them.
  const least = Math.exp(Math.min(...top.map(({ logprob }) => logprob)));
  return { share, logOdds: Math.log(Math.max(exhibiting, least) / Math.max(other, least)), mass: exhibiting + other };
}
