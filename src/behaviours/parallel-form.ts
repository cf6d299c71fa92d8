/**
 * Does a base read a behaviour's items, or only the look of their answers? The answers are scored after a greeting, where
 * nothing was asked: what the question itself adds to their log-odds has to come back in a second form of it. A few items
 * are asked again after a preamble that has nothing to do with them, and their answers scored after the preamble alone; of
 * items with two variants (options in another order, the mirrored question) the one is read here and the other there.
 * Halves of a cluster cannot tell that: they agree where a cluster is one template, whatever is filled in, and need not
 * agree where a model answers every topic alike. Nor can two variants alone: how the options' words sit in the question
 * comes back in either order, understood or not.
 *
 * Measured on SmolLM2-135M-Instruct and on the same with its layers in a wrong order (docs/decisions/0015-verdict.md): a
 * greeting alone is too weak a preamble, for the broken model, too, answered alike with and without it.
 */
import { must } from "../core/index.ts";
import type { ChatMessage } from "../data/index.ts";
import type { Behaviour, BehaviourItem, ItemVariant } from "./behaviour.ts";

const GREETING = "Hi!";
const PREAMBLE =
  "Hi! It is raining outside, and I am at my kitchen table with a cup of tea. There is one thing that I would like to ask you today.";
/** Of so many clusters at most, evenly chosen, so many items each: two are the fewest that can differ within one. */
const MOST_CLUSTERS = 30;
const PER_CLUSTER = 2;

/** Items of one behaviour in other forms. */
export interface ParallelForms<T> {
  /** Their answers after a greeting, with nothing asked. */
  readonly bare: T;
  /** After the preamble: asked again, and with nothing asked. */
  readonly afterPreamble: { readonly asked: T; readonly bare: T };
}

/** Null for a counted population, which needs none. */
export function parallelForms(behaviour: Behaviour): ParallelForms<Behaviour> | null {
  const { items, exhaustive } = behaviour;
  if (exhaustive || items.length === 0) return null;
  const chosen = someOf(items);
  const form = (messages: (variant: ItemVariant) => readonly ChatMessage[]): Behaviour => ({
    ...behaviour,
    items: chosen.map((item) => ({
      ...item,
      variants: item.variants.map((variant) => ({ ...variant, messages: messages(variant) })),
    })),
  });
  return {
    bare: form(nothingAfter(GREETING)),
    afterPreamble: { asked: form(afterPreamble), bare: form(nothingAfter(PREAMBLE)) },
  };
}

function someOf(items: readonly BehaviourItem[]): readonly BehaviourItem[] {
  const clusters = [...new Set(items.map(({ cluster }) => cluster))];
  const count = Math.min(MOST_CLUSTERS, clusters.length);
  const chosen = new Set(Array.from({ length: count }, (_, k) => clusters[Math.floor((k * clusters.length) / count)]));
  const taken = new Map<string, number>();
  return items.filter(({ cluster }) => {
    if (!chosen.has(cluster)) return false;
    taken.set(cluster, (taken.get(cluster) ?? 0) + 1);
    return must(taken.get(cluster), "count") <= PER_CLUSTER;
  });
}

function afterPreamble({ messages }: ItemVariant): readonly ChatMessage[] {
  const last = messages.length - 1;
  return messages.map((message, i) =>
    i === last ? { ...message, content: `${PREAMBLE} ${message.content}` } : message,
  );
}

function nothingAfter(content: string): (variant: ItemVariant) => readonly ChatMessage[] {
  return ({ messages }) => [...messages.filter(({ role }) => role === "system"), { role: "user", content }];
}
