/** What the analysis is asked, of which behaviours, and how much of it. */
import type { Behaviour } from "../../behaviours/index.ts";
import type { OnProgress } from "../../core/index.ts";
import type { LanguageModel } from "../../engine/index.ts";
import type { Vector } from "../../geometry/index.ts";
import type { HookName } from "../../models/index.ts";
import type { Directions } from "../directions.ts";

/** What is known of a behaviour before any intervention. */
export interface MechanismCase {
  readonly behaviour: Behaviour;
  /** Select half, one per hook of the residual stream. */
  readonly directions: readonly Directions[];
  /** `[n, dModel]`: decoder rows of T_b, strongest first; null without a dictionary that holds here. */
  readonly latentDirections: Vector | null;
  /** Share of the data's weight on T_b; null without a dictionary. */
  readonly sharedWeight: number | null;
  /** Does the geometry of data and behaviour lie beyond its nulls, on the side that the behaviour moved to? */
  readonly consistent: boolean;
  /** Shift of the behaviour's items that the audit measured, as a share of 1; null where none did. */
  readonly measured: number | null;
}

export interface MechanismData {
  /** Data less control, one per hook. */
  readonly directions: readonly Directions[];
  /** Σ over latents outside T_b of ŵ_i d_i, by behaviour id; empty without a dictionary. */
  readonly adjacent: ReadonlyMap<string, Vector>;
}

export interface MechanismRequest {
  readonly base: LanguageModel;
  readonly tuned: LanguageModel;
  readonly cases: readonly MechanismCase[];
  /** Null where the training data are not at hand: then nothing can be `confirmed`. */
  readonly data: MechanismData | null;
  readonly steeringHook: HookName;
  /** Token sequences that have nothing to do with task or behaviours. */
  readonly neutral: readonly (readonly number[])[];
  readonly seed: number;
  readonly settings?: Partial<MechanismSettings>;
  readonly onProgress?: OnProgress;
  readonly signal?: AbortSignal;
}

export interface MechanismSettings {
  /** Contrast pairs of the check half that a behaviour is probed on, at most. */
  readonly pairs: number;
  /** Subspaces of each null of a take-back, per rank. */
  readonly subspaces: number;
  /** Random directions that steering must beat: the largest of 19 is passed by chance once in twenty. */
  readonly directions: number;
}

export const DEFAULTS: MechanismSettings = { pairs: 6, subspaces: 5, directions: 19 };
