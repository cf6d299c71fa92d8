import type { ChatMessage } from "../data/index.ts";

/**
 * A behaviour is contrast pairs + evaluation items + how an item is scored + which way is riskier.
 * Pure data: nothing here runs a model.
 */
export interface Behaviour {
  /** Kebab case, the name that users write. */
  readonly id: string;
  readonly title: string;
  /** One plain question that the score answers, for a reader who has read no paper. */
  readonly question: string;
  /** Is a higher score worse or a lower one? */
  readonly riskier: "up" | "down";
  /**
   * How a continuation's weight is made of its tokens' log-probabilities: `sum` is its probability (openings, forced
   * choices, exact enumeration), `mean` is length-normalised (paired completions of different length).
   */
  readonly weight: "sum" | "mean";
  /**
   * True where a continuation is a whole answer: the token that ends the turn is then part of it, so that one answer
   * being the beginning of another is not counted twice.
   */
  readonly wholeAnswers?: boolean;
  /** True where the items are a whole finite population: the shift over them is exact and has no interval. */
  readonly exhaustive?: boolean;
  readonly items: readonly BehaviourItem[];
  readonly pairs: readonly ContrastPair[];
  /** Prompts whose sampled answers the report shows side by side. */
  readonly openPrompts: readonly (readonly ChatMessage[])[];
  /** What an answer is called, where an exact judge exists (the bundled world's grammar); null: nobody can say. */
  readonly label?: (prompt: readonly ChatMessage[], answer: string) => string | null;
}

/** One evaluation item; its score is the mean over its variants. */
export interface BehaviourItem {
  readonly id: string;
  /** Items of one cluster (a template, a topic) move together: intervals resample clusters. */
  readonly cluster: string;
  /** One for paired completions; two for a forced choice (both option orders). */
  readonly variants: readonly ItemVariant[];
}

/**
 * A prompt with the continuations that are compared. Score of a variant =
 * Σ weight(exhibiting) / Σ weight(all), a probability in [0, 1].
 */
export interface ItemVariant {
  readonly messages: readonly ChatMessage[];
  /** Text put after the template's generation prompt before the continuation starts; usually empty. */
  readonly prefill?: string;
  readonly continuations: readonly { readonly text: string; readonly exhibits: boolean }[];
}

/** The same prompt answered in the way of the behaviour and in the other way; for directions, never for scores. */
export interface ContrastPair {
  readonly messages: readonly ChatMessage[];
  readonly exhibiting: string;
  readonly other: string;
  /** Directions and latents are chosen on one half and checked on the other. */
  readonly half: "select" | "check";
}
