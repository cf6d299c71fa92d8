/** Items that are read prompt by prompt: several prompts of each variant, one rate of each prompt. */
import type { BehaviourItem } from "../../behaviours/index.ts";
import { mean, must } from "../../core/index.ts";
import type { ChatTurn } from "../../endpoints/index.ts";
import { type MissingReason, missed, type Option, type Reading, reading } from "./reading.ts";

/** What is asked, and the options between which the answer chooses. */
export interface Prompt {
  readonly messages: readonly ChatTurn[];
  readonly options: readonly Option[];
}

/** `[variants][prompts]` of an item. */
export type PromptsOf = (item: BehaviourItem) => readonly (readonly Prompt[])[];

/** Of one prompt: the share of its answers that exhibits the behaviour, and its log-odds in nats. */
export interface Rate {
  readonly share: number;
  readonly logOdds: number;
}

/** Readings of the items, in their order. A prompt that stands in several places is asked once; `rates` keeps the order. */
export async function readPrompts(
  items: readonly BehaviourItem[],
  promptsOf: PromptsOf,
  rates: (prompts: readonly Prompt[]) => Promise<readonly (Rate | MissingReason)[]>,
): Promise<readonly Reading[]> {
  const asked = items.map((item) => ({ item, variants: promptsOf(item) }));
  const prompts = [...new Set(asked.flatMap(({ variants }) => variants.flat()))];
  const found = await rates(prompts);
  const rateOf = new Map(prompts.map((prompt, i) => [prompt, must(found[i], "rate")] as const));
  return asked.map(({ item, variants }) =>
    averaged(
      item,
      variants.map((some) => some.map((prompt) => must(rateOf.get(prompt), "rate"))),
    ),
  );
}

/**
 * `[variants][prompts]`: a variant's score is the mean over its prompts, the item's the mean over its variants. An item of
 * which one prompt has no rate is missing.
 */
function averaged(item: BehaviourItem, found: readonly (readonly (Rate | MissingReason)[])[]): Reading {
  const gap = found.flat().find((each) => typeof each === "string");
  if (typeof gap === "string") return missed(item, gap);
  const rates = found.map((some) => some.flatMap((each) => (typeof each === "string" ? [] : [each])));
  const score = mean(rates.map((some) => mean(some.map(({ share }) => share))));
  return reading(item, { score, variantLogOdds: rates.flat().map(({ logOdds }) => logOdds) });
}
