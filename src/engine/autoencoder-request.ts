/** What an engine can be asked about an autoencoder that it holds in training, and what it answers. */
import type { Program } from "./program.ts";
import { ROW_MULTIPLE } from "./simd.ts";
import type { JumpRelu } from "./thresholds.ts";

export interface AutoencoderSizes {
  /** What it reads. */
  readonly dModel: number;
  /** What a transcoder writes; default: an autoencoder, which writes what it reads. */
  readonly dOut?: number;
  readonly nLatents: number;
  /** Latents that speak: of each row, on average over a batch, or what thresholds draw their number to. */
  readonly k: number;
  readonly over: "row" | "batch" | "threshold";
  /** Counts of latents that must do alone, rising, the last all of them; default: all of them only. */
  readonly prefixes?: readonly number[];
  /** Rows of a step, at most. */
  readonly batch: number;
}

export interface AutoencoderParameters {
  /** `[nLatents, dModel]` */
  readonly encoder: Float32Array;
  /** `[nLatents]` */
  readonly encoderBias: Float32Array;
  /** `[nLatents, dOut]`, rows of unit norm. */
  readonly decoder: Float32Array;
  /** `[dOut]` */
  readonly decoderBias: Float32Array;
  /** `[nLatents]`: log θ; only of one over thresholds. */
  readonly logThreshold?: Float32Array;
}

export interface AutoencoderAdam {
  readonly beta2: number;
  readonly eps: number;
}

/** What an engine can be asked about the autoencoder called `name`. */
export type AutoencoderRequest =
  | {
      readonly act: "open";
      readonly name: string;
      readonly sizes: AutoencoderSizes;
      readonly parameters: AutoencoderParameters;
      readonly adam: AutoencoderAdam;
      /** Of one over thresholds. */
      readonly jumpRelu?: JumpRelu;
    }
  | {
      readonly act: "step";
      readonly name: string;
      /**
       * Of width `rowWidth(dModel)`. Inputs `rows [n, width]`, `encoder`, `encoderBias`, `decoderBias`; outputs `values` and
       * `latents`, `[n, k]`; over a batch `[1, n k]` of the pre-activations in one row; over thresholds `pre [n, nLatents]`.
       */
      readonly program: Program;
      readonly rows: Float32Array;
      readonly learningRate: number;
      /** λ of (L0/k − 1)², over thresholds; 0 where it is not given. */
      readonly sparsity?: number;
    }
  /** Latents that read and write what token `tokens[i]` of the last step was left with. */
  | { readonly act: "revive"; readonly name: string; readonly latents: Int32Array; readonly tokens: Int32Array }
  | { readonly act: "read"; readonly name: string }
  | { readonly act: "close"; readonly name: string };

export interface AutoencoderStep {
  /** Mean of ‖r‖² over the rows, before the step. */
  readonly loss: number;
  /** Which latents fired, row by row; −1 in free slots. */
  readonly latents: Int32Array;
  /** The least value that was let speak; 0 where nothing held anyone back. */
  readonly floor: number;
  /** `[n]`: ‖r‖² of each row. */
  readonly squares: Float32Array;
}

/** The width to which rows are padded: what `program` of a step must be written for. */
export function rowWidth(dModel: number): number {
  return Math.ceil(dModel / ROW_MULTIPLE) * ROW_MULTIPLE;
}
