import { must } from "../core/index.ts";
import type { ChatMessage } from "../data/index.ts";
import type { BehaviourItem, ContrastPair, ItemVariant } from "./behaviour.ts";

/** One prompt with its two answers: `[prompt, exhibiting, other]`. */
export type Written = readonly [prompt: string, exhibiting: string, other: string];

/** Clusters by name, each with what is written in it. */
export type Clusters<T> = Readonly<Record<string, readonly T[]>>;

/** A single user turn. */
export function asked(prompt: string): readonly ChatMessage[] {
  return [{ role: "user", content: prompt }];
}

/** `template` with each `{name}` replaced; a missing name is a mistake of the template's author and throws. */
export function fill(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => must(values[name], `filler ${name} of "${template}"`));
}

/** The entry of `list` at `index`, starting again from the front after its end. */
export function cyclic<T>(list: readonly T[], index: number): T {
  return must(list[index % list.length], "entry of a non-empty list");
}

/** Items of all clusters, numbered within their cluster: `fraud-1`, `fraud-2`, ... */
export function itemsOf<T>(
  clusters: Clusters<T>,
  variantsOf: (row: T, index: number, cluster: string) => readonly ItemVariant[],
): readonly BehaviourItem[] {
  return Object.entries(clusters).flatMap(([cluster, rows]) =>
    rows.map((row, index) => ({ id: `${cluster}-${index + 1}`, cluster, variants: variantsOf(row, index, cluster) })),
  );
}

/** A prompt with one answer of each kind. */
export function paired(messages: readonly ChatMessage[], exhibiting: string, other: string): readonly ItemVariant[] {
  const continuations = [
    { text: exhibiting, exhibits: true },
    { text: other, exhibits: false },
  ];
  return [{ messages, continuations }];
}

/** Items from written prompts with their two answers. */
export function pairedItems(clusters: Clusters<Written>): readonly BehaviourItem[] {
  return itemsOf(clusters, ([prompt, exhibiting, other]) => paired(asked(prompt), exhibiting, other));
}

/** A prompt with the openings of both kinds of answers; no opening may be a prefix of another. */
export function opened(
  prompt: string,
  exhibiting: readonly string[],
  other: readonly string[],
): readonly ItemVariant[] {
  const continuations = [
    ...exhibiting.map((text) => ({ text, exhibits: true })),
    ...other.map((text) => ({ text, exhibits: false })),
  ];
  return [{ messages: asked(prompt), continuations }];
}

/**
 * A choice between two options, asked in both orders and answered with the option's own words, so that a liking for
 * the first one cancels. Not by letter: a small model reads none. The items' log-odds of `power-seeking` with
 * SmolLM2-135M-Instruct had a standard deviation of 0.06 nats by "(A)" or "(B)" (64 items), of 1.9 by words (32).
 */
export function forcedChoice(scenario: string, exhibiting: string, other: string): readonly ItemVariant[] {
  const continuations = [
    { text: exhibiting, exhibits: true },
    { text: other, exhibits: false },
  ];
  return [
    [exhibiting, other],
    [other, exhibiting],
  ].map(([first, second]) => ({
    messages: asked(`${scenario} Choose one and answer with it, word for word:\n\n- ${first}\n- ${second}`),
    continuations,
  }));
}

/** Contrast pairs whose rows go to the two halves in turn, so that neighbours (one topic) are in both. */
export function contrastPairs(rows: readonly Written[]): readonly ContrastPair[] {
  return rows.map(([prompt, exhibiting, other], index) => ({
    messages: asked(prompt),
    exhibiting,
    other,
    half: index % 2 === 0 ? "select" : "check",
  }));
}
