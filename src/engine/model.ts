/** What a model can be asked, and what can be done to it while it is asked. */
import type { Tokenizer } from "../data/index.ts";
import type { Adapter, AdapterLayout, HookName } from "../models/index.ts";
import type { ModelSource } from "./build.ts";
import type { Engine, OnTokens } from "./client.ts";
import type { BufferFeed, HostTensor } from "./program.ts";
import type { SamplingOptions } from "./sampling.ts";
import type { Continuation } from "./trees.ts";

export interface Likelihood {
  /** Sum over the continuation's tokens, nats. */
  readonly logprob: number;
  readonly tokens: number;
}

export interface AskOptions {
  readonly signal?: AbortSignal;
  /** Called with the number of sequences done. */
  readonly onDone?: (done: number, total: number) => void;
}

export interface GenerateOptions extends Partial<SamplingOptions>, AskOptions {
  readonly maxNewTokens: number;
  readonly seed?: number;
  readonly stopIds: readonly number[];
  readonly batchRows?: number;
  /** Names each prompt's random stream; its index unless told. */
  readonly streams?: readonly string[];
  /** Hears of each token as it is chosen; `row` is the prompt's index. */
  readonly onTokens?: OnTokens;
  /** How many of the likeliest tokens are told beside each; default 0. */
  readonly topLogprobs?: number;
}

/** A sequence with the positions whose activations are wanted. */
export interface ReadSequence {
  readonly ids: readonly number[];
  readonly positions: readonly number[];
  /** How many of the ids are the prompt's: interventions on prompt or response alone need to be told. */
  readonly promptLength?: number;
}

/** The layout of the adapter that the model's graphs take, and what they are fed; both empty where they take none. */
export interface ModelBinding {
  readonly layout: AdapterLayout | null;
  readonly feeds: Readonly<Record<string, HostTensor | BufferFeed>>;
}

export interface LanguageModel {
  readonly source: ModelSource;
  readonly tokenizer: Tokenizer;
  readonly engine: Engine;
  /** Those in force, in their order. */
  readonly interventions: readonly Intervention[];
  /** What other graphs need in order to run as this very model. */
  readonly binding: ModelBinding;
  logLikelihood(requests: readonly Continuation[], options?: AskOptions): Promise<Likelihood[]>;
  generate(prompts: readonly (readonly number[])[], options: GenerateOptions): Promise<number[][]>;
  /**
   * Activations at hook points of width dModel, handed over batch by batch: `[n, dModel]` per hook, n the batch's
   * positions, in the order of `sequences` (first index given).
   */
  activations(
    sequences: readonly ReadSequence[],
    hooks: readonly HookName[],
    visit: VisitActivations,
    options?: AskOptions,
  ): Promise<void>;
  /** Logits `[n, dVocab]` of the asked positions of one sequence. */
  logits(sequence: ReadSequence): Promise<Float32Array>;
  /** The same model with an adapter of the layout that it was opened for, or without one. */
  withAdapter(adapter: Adapter | null): Promise<LanguageModel>;
  /**
   * The same model with interventions in force, after those that it has: for likelihoods, activations and logits, at
   * several hook points at once. Generation takes `add` and `project` only.
   */
  intervene(interventions: readonly Intervention[]): LanguageModel;
}

/** `rows[h]` holds `[n, width]` of hook h (`dModel` in the residual stream); `owners[i]` is the sequence of row i. */
export type VisitActivations = (batch: {
  readonly owners: readonly number[];
  readonly rows: readonly Float32Array[];
}) => void;

/**
 * Where an intervention acts: on all tokens, on the prompt's, or on those after it. The last token of the prompt
 * predicts the first of the response and counts as prompt.
 */
export type Where = "all" | "prompt" | "response";

/** `basis` is `[rank, width]` with orthonormal rows; one of no rows acts on nothing. `where` is `all` by default. */
export type Intervention =
  /** h + vector `[width]` */
  | { readonly kind: "add"; readonly hook: HookName; readonly vector: Float32Array; readonly where?: Where }
  /** h − P Pᵀ h */
  | { readonly kind: "project"; readonly hook: HookName; readonly basis: Float32Array; readonly where?: Where }
  /** The coordinates along `basis` become those that `to` has on the same tokens: h − P Pᵀ (h − h_to). */
  | {
      readonly kind: "pin";
      readonly hook: HookName;
      readonly basis: Float32Array;
      readonly to: LanguageModel;
      readonly where?: Where;
    }
  /** Replaced whole by the activations of `from` on the same tokens; any hook point, attention patterns too. */
  | { readonly kind: "take"; readonly hook: HookName; readonly from: LanguageModel; readonly where?: Where }
  /**
   * Replaced by `value(own, other)`: rows `[n, width]` of the tokens where it acts, own = this model's activations,
   * other = those of `from`. One in a list.
   */
  | {
      readonly kind: "patch";
      readonly hook: HookName;
      readonly from: LanguageModel;
      readonly value: (own: Float32Array, other: Float32Array, width: number) => Float32Array;
      readonly where?: Where;
    };
