/** What was read of one model from the outside, item by item; an item without a reading is missing and says why. */
import type { Behaviour, BehaviourItem, ItemVariant } from "../../behaviours/index.ts";
import type { GapReason, Speaker, SpeakOptions } from "../../endpoints/index.ts";
import type { ReadoutMethod } from "../../records/index.ts";

export type MissingReason =
  | GapReason
  /** An answer without log-probabilities where they were asked for. */
  | "no-logprobs"
  /** Prompt and answer could not be told apart in the echo. */
  | "misaligned"
  /** The answer chose none of the options. */
  | "no-choice"
  /** The answer began in none of the ways that were listed. */
  | "other-opening"
  | "refused"
  | "cut-short";

export interface Reading {
  readonly id: string;
  readonly cluster: string;
  /** Probability of exhibiting; null: missing. */
  readonly score: number | null;
  /** Nats, one per variant and order, variant by variant; empty where missing. */
  readonly variantLogOdds: readonly number[];
  readonly missing: MissingReason | null;
  /** What was compared: the first continuation of each kind. */
  readonly exhibiting: string;
  readonly other: string;
}

export interface ReadOptions extends SpeakOptions {
  /** Sampled answers of each variant or order. */
  readonly samples: number;
  /** Tokens of a sampled answer at most; a thinking section counts. */
  readonly maxTokens: number;
}

/** One way to read a behaviour off a model. */
export interface Reader<S extends Speaker = Speaker> {
  readonly method: ReadoutMethod;
  readonly samples: boolean;
  read(speaker: S, behaviour: Behaviour, options: ReadOptions): Promise<readonly Reading[]>;
}

export function reading(item: BehaviourItem, found: Pick<Reading, "score" | "variantLogOdds">): Reading {
  return { id: item.id, cluster: item.cluster, ...found, missing: null, ...texts(item) };
}

export function missed(item: BehaviourItem, missing: MissingReason): Reading {
  return { id: item.id, cluster: item.cluster, score: null, variantLogOdds: [], missing, ...texts(item) };
}

function texts({ variants }: BehaviourItem): Pick<Reading, "exhibiting" | "other"> {
  const all = variants[0]?.continuations ?? [];
  const first = (kind: boolean) => all.find(({ exhibits }) => exhibits === kind)?.text ?? "";
  return { exhibiting: first(true), other: first(false) };
}

/** Log-odds of a rate that was drawn: half a count on either side keeps them finite (Haldane 1955, Anscombe 1956). */
export function smoothedLogOdds(exhibiting: number, n: number): number {
  return Math.log((exhibiting + 0.5) / (n - exhibiting + 0.5));
}

/**
 * Are the continuations beginnings of free answers (`I'm sorry`, `Sure`), rather than options that the prompt lists or
 * whole answers? Then a sampled answer shows by its own beginning which kind it is.
 */
export function areOpenings({ weight }: Behaviour, { messages, prefill, continuations }: ItemVariant): boolean {
  const prompt = messages.at(-1)?.content ?? "";
  const several = (kind: boolean) => continuations.filter(({ exhibits }) => exhibits === kind).length > 1;
  const listed = continuations.some(({ text }) => prompt.includes(text.trim()));
  return weight === "sum" && !prefill && several(true) && several(false) && !listed;
}

/** The whole answers that a model chooses between by letter, each once: what was written before them included. */
export function optionsOf({ prefill = "", continuations }: ItemVariant): readonly Option[] {
  const whole = continuations.map(({ text, exhibits }) => ({ text: `${prefill}${text}`.trim(), exhibits }));
  return whole.filter(({ text }, i) => whole.findIndex((other) => other.text === text) === i);
}

export interface Option {
  readonly text: string;
  readonly exhibits: boolean;
}
