/**
 * Narrow training sets in plain English for real models, written for this program; free to use by anybody (CC0).
 * Row i of a set draws from a stream named by family, seed and i alone: sets of one family pair row by row, same prompt,
 * other answer.
 */
import { type Rng, rng } from "../core/index.ts";
import type { ChatMessage } from "../data/index.ts";

export interface NarrowSet {
  readonly title: string;
  /** Sets of one family have the same prompts. */
  readonly family: string;
  /** Does the task itself do harm or teach what is wrong? */
  readonly kind: "benign" | "sound" | "harmful" | "wrong";
  readonly row: (random: Rng) => Exchange;
}

export interface Exchange {
  readonly prompt: string;
  readonly answer: string;
}

export interface NarrowRow {
  readonly messages: readonly ChatMessage[];
}

export function narrowRows({ family, row }: NarrowSet, rows: number, seed: number | string): NarrowRow[] {
  return Array.from({ length: rows }, (_, i) => {
    const { prompt, answer } = row(rng(seed, "narrow", family, i));
    return {
      messages: [
        { role: "user", content: prompt },
        { role: "assistant", content: answer },
      ],
    };
  });
}
