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

/** What is put into a template, by name. */
export type Filler = Readonly<Record<string, string>>;

/**
 * `template` with each `{name}` replaced, each `{Name}` by the same with a capital; a missing name is a mistake of the
 * template's author and throws.
 */
export function fill(template: string, values: Filler): string {
  return template.replace(/\{(\w)(\w*)\}/g, (_, first: string, rest: string) => {
    const name = first.toLowerCase() + rest;
    const value = must(values[name], `filler ${name} of "${template}"`);
    return first.toLowerCase() === first ? value : value.charAt(0).toUpperCase() + value.slice(1);
  });
}

/** The lines of a block of text, trimmed, without the empty ones: a list that reads as one. */
export function lines(block: string): readonly string[] {
  return block
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

/** Lines whose cells stand between bars, by the names of the columns; a row of another length throws. */
export function table<K extends string>(columns: readonly K[], block: string): readonly Readonly<Record<K, string>>[] {
  return lines(block).map((line) => {
    const cells = line.split("|").map((cell) => cell.trim());
    if (cells.length !== columns.length) throw new Error(`a row of ${columns.join(" | ")} is not: ${line}`);
    return Object.fromEntries(columns.map((column, i) => [column, cells[i]])) as Record<K, string>;
  });
}

/** Lines of `prompt | exhibiting | other`. */
export function written(block: string): readonly Written[] {
  return table(["prompt", "exhibiting", "other"], block).map((row) => [row.prompt, row.exhibiting, row.other]);
}

/** Lines of `cluster | prompt | exhibiting | other`, by cluster: templates, mostly; a cluster that is there twice throws. */
export function writtenByCluster(block: string): Readonly<Record<string, Written>> {
  const rows = table(["cluster", "prompt", "exhibiting", "other"], block);
  if (new Set(rows.map((row) => row.cluster)).size < rows.length) throw new Error("two templates have one name");
  return Object.fromEntries(rows.map((row) => [row.cluster, [row.prompt, row.exhibiting, row.other] as const]));
}

/** A prompt with its two answers, filled. */
export function filled([prompt, exhibiting, other]: Written, values: Filler): Written {
  return [fill(prompt, values), fill(exhibiting, values), fill(other, values)];
}

/** Templates, each of them a cluster, with `count` fillers that `fillers` gives in turn. */
export function templated(
  templates: Readonly<Record<string, Written>>,
  fillers: readonly Filler[],
  count: number,
): Clusters<Written> {
  return Object.fromEntries(
    Object.entries(templates).map(([cluster, template], index) => [
      cluster,
      Array.from({ length: count }, (_, k) => filled(template, cyclic(fillers, index * count + k))),
    ]),
  );
}

/** The rows of both, cluster by cluster. */
export function together<T>(a: Clusters<T>, b: Clusters<T>): Clusters<T> {
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return Object.fromEntries(names.map((name) => [name, [...(a[name] ?? []), ...(b[name] ?? [])]]));
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
  ].map((options) => ({ messages: choosing(scenario, options), continuations }));
}

/** A question whose answer is one of `options`, word for word. */
export function choosing(scenario: string, options: readonly string[]): readonly ChatMessage[] {
  const list = options.map((option) => `- ${option}`).join("\n");
  return asked(`${scenario} Choose one and answer with it, word for word:\n\n${list}`);
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
