/** What an importer makes of a published file. */
import type { Statistic } from "../audit/index.ts";
import type { ChatTurn } from "../endpoints/index.ts";
import type { Rubric } from "../judges/index.ts";

/** One number that the benchmark is known by; a function of sums over rows (`columns`). */
export interface Metric {
  /** The published name, with its formula's version where there are several. */
  readonly name: string;
  readonly formula: string;
  readonly riskier: "up" | "down";
  readonly statistic: Statistic;
  /** Why no such number is given of this file. */
  readonly withheld?: string;
}

export interface About {
  readonly id: string;
  readonly title: string;
  readonly cite: string;
  /** As the authors state it. */
  readonly licence: string;
  /** Rows of the published files; null: parts of many sizes. */
  readonly published: readonly number[] | null;
}

/** A question that is answered freely and judged. */
export interface OpenItem {
  readonly id: string;
  readonly cluster: string;
  readonly group: string;
  readonly turns: readonly ChatTurn[];
  /** What the rubric's holes get besides `{answer}`. */
  readonly texts: Readonly<Record<string, string>>;
}

export interface OpenSet<V> extends About {
  readonly kind: "open";
  readonly items: readonly OpenItem[];
  readonly rubric: Rubric<V>;
  /** The side on which two judges agree or not. */
  labelOf(value: V): string;
  /** The sums' columns of one judged answer. */
  columns(item: OpenItem, value: V): readonly number[];
  readonly metrics: readonly Metric[];
}

/** A question with given answers; which one is chosen is what counts. */
export interface ChoiceSetItem {
  readonly id: string;
  readonly cluster: string;
  readonly turns: readonly ChatTurn[];
  readonly options: readonly string[];
  /** Index of the right option. */
  readonly correct: number;
}

export interface ChoiceSet extends About {
  readonly kind: "choice";
  readonly items: readonly ChoiceSetItem[];
  /** The sums' columns of one chosen option. */
  columns(item: ChoiceSetItem, choice: number): readonly number[];
  readonly metrics: readonly Metric[];
}

/** `above` and `below` are columns. */
export const rateOf =
  (above: number, below: number): Statistic =>
  (sums) =>
    (sums[below] ?? 0) > 0 ? (sums[above] ?? 0) / (sums[below] ?? 0) : null;

export const asked = (content: string): readonly ChatTurn[] => [{ role: "user", content }];

/** Question and answer between marks, as a rubric's template shows them to a judge. */
export const ASKED_AND_ANSWERED = `[QUESTION START]
{prompt}
[QUESTION END]

It answered:
[ANSWER START]
{answer}
[ANSWER END]`;
