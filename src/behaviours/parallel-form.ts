/**
 * A few items of a behaviour in prompts that differ in nothing that matters: a greeting before what is asked. A model
 * that reads the items answers them alike in both forms; one that reads the template alone, or nothing, does not. Halves
 * of a cluster cannot tell that where a cluster is one template: its items then agree whatever is filled in.
 */
import { must } from "../core/index.ts";
import type { Behaviour, ItemVariant } from "./behaviour.ts";

const GREETING = "Hi! ";
/** Items of each cluster: two are the fewest that can differ within it. */
const PER_CLUSTER = 3;

/** Null where the items need none: a counted population, or two variants of each item, which are parallel forms. */
export function parallelForm(behaviour: Behaviour): Behaviour | null {
  const { items, exhaustive } = behaviour;
  if (exhaustive || items.length === 0 || items.every(({ variants }) => variants.length >= 2)) return null;
  const taken = new Map<string, number>();
  const chosen = items.filter(({ cluster }) => {
    taken.set(cluster, (taken.get(cluster) ?? 0) + 1);
    return must(taken.get(cluster), "count") <= PER_CLUSTER;
  });
  return { ...behaviour, items: chosen.map((item) => ({ ...item, variants: item.variants.map(greeting) })) };
}

function greeting(variant: ItemVariant): ItemVariant {
  const last = variant.messages.length - 1;
  const messages = variant.messages.map((message, i) =>
    i === last ? { ...message, content: `${GREETING}${message.content}` } : message,
  );
  return { ...variant, messages };
}
