/**
 * A choice between written answers by letter, read from the probabilities of the first token over a chat. Every variant of
 * an item is asked, for a mirrored question is another question; in each every option stands once at every place, so that a
 * liking for a letter cancels.
 */
import {
  askedByLetter,
  type BehaviourItem,
  cyclicOrders,
  type ItemVariant,
  letterOfToken,
} from "../../behaviours/index.ts";
import { must } from "../../core/index.ts";
import type { ChatRequest, Reply } from "../../endpoints/index.ts";
import { type Prompt, type Rate, readPrompts } from "./prompts.ts";
import { type MissingReason, type Option, optionsOf, type Reader } from "./reading.ts";

/** Below this much probability on all letters together the model was doing something else than choosing. */
export const LEAST_MASS = 0.5;
export const TOP = 20;

/**
 * `[variants][orders]`: the prompts of an item. Variants that differ in nothing but the order in which they list the options
 * share their prompts, the very same objects: each order is asked once, of the variants in turn, and counts for all of them.
 */
export function letterPrompts({ variants }: BehaviourItem): readonly (readonly Prompt[])[] {
  const alike = new Map<string, readonly ItemVariant[]>();
  for (const variant of variants) {
    const question = questionOf(variant);
    alike.set(question, [...(alike.get(question) ?? []), variant]);
  }
  const prompts = new Map([...alike].map(([question, some]) => [question, inEveryOrder(some)]));
  return variants.map((variant) => must(prompts.get(questionOf(variant)), "prompts"));
}

/** What a variant asks, in whichever order its lines list the options. */
function questionOf(variant: ItemVariant): string {
  const turns = variant.messages.map(({ role, content }) => [role, ...content.split("\n").sort()]);
  return JSON.stringify([turns, optionsOf(variant)]);
}

/** Of variants that ask the same. */
function inEveryOrder(alike: readonly ItemVariant[]): readonly Prompt[] {
  const options = optionsOf(must(alike[0], "variant"));
  return cyclicOrders(options.length).map((order, k) => {
    const ordered = order.map((i) => must(options[i], "option"));
    const { messages } = must(alike[k % alike.length], "variant");
    return {
      messages: askedByLetter(
        messages,
        ordered.map(({ text }) => text),
      ),
      options: ordered,
    };
  });
}

export const letterProbability: Reader = {
  method: "letter-probability",
  samples: false,
  read: (speaker, { items }, options) =>
    readPrompts(items, letterPrompts, async (prompts) => {
      const requests = prompts.map(
        ({ messages }): ChatRequest => ({ messages, maxTokens: 1, temperature: 0, sample: 0, topLogprobs: TOP }),
      );
      const replies = await speaker.chat(requests, options);
      return prompts.map((prompt, i) => shareOf(must(replies[i], "reply"), prompt.options));
    }),
};

/** Of the probability on letters, the share on options that exhibit. */
export function shareOf(reply: Reply, options: readonly Option[]): (Rate & { readonly mass: number }) | MissingReason {
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
