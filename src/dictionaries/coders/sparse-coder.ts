/**
 * What a dictionary is, whoever trained it and whichever file it lies in: groups of latents that read the model at one
 * place and write at one or more.
 *
 * | kind | groups | outputs |
 * |---|---|---|
 * | `sae` | one | the place that it reads |
 * | `transcoder`, `skip_transcoder` | one, before the MLP | one, behind it |
 * | `clt` (cross-layer transcoder) | one per layer | one per layer; group l writes to the layers from l on |
 * | `crosscoder` | one that reads several places at once, or one per layer (weakly causal) | one per place |
 * | `crosscoder` of two models | one that reads the same place twice: of the base, then of the tuned model | that place in both |
 *
 * `W` is what a weight is: a place in a file (`TensorView`) or numbers in memory (`Float32Array`).
 */
import type { TensorView } from "../../data/index.ts";
import type { HookName } from "../../models/index.ts";

export type CoderKind = "sae" | "transcoder" | "skip_transcoder" | "clt" | "crosscoder";

export interface SparseCoder<W> {
  readonly kind: CoderKind;
  /** The model that it was made for, where its file says so. */
  readonly modelName: string | null;
  readonly groups: readonly LatentGroup<W>[];
  readonly outputs: readonly CoderOutput<W>[];
}

export interface LatentGroup<W> {
  /** What it reads: one place, or several whose activations stand one behind the other in a row. */
  readonly hooks: readonly HookName[];
  /** Width of a row that it reads. */
  readonly dIn: number;
  readonly nLatents: number;
  readonly inputNorm: InputNorm;
  /** `[dIn]`: taken off before encoding; null: nothing is. */
  readonly inputBias: W | null;
  /** `[nLatents, dIn]` */
  readonly encoder: W;
  /** `[nLatents]`; null: zeros. */
  readonly encoderBias: W | null;
  readonly activation: Activation<W>;
  /** `[nLatents, written, dOut]` over the outputs `firstOutput`, … `firstOutput + written − 1`. */
  readonly decoder: W;
  readonly firstOutput: number;
  readonly written: number;
}

export interface CoderOutput<W> {
  readonly hook: HookName;
  readonly dOut: number;
  /** `[dOut]`; null: zeros. */
  readonly bias: W | null;
  /** `[dOut, dIn]`: S of y += S x, x what the group of the same index reads; null: no skip connection. */
  readonly skip: W | null;
}

/**
 * Each row x is changed before it is encoded, and for an autoencoder what is decoded is changed back:
 * `constant_norm_rescale`: x √d / ‖x‖; `layer_norm`: (x − mean) / (std + 1e-5), std with n − 1 (as SAELens does it).
 */
export type InputNorm = "none" | "constant_norm_rescale" | "layer_norm";

/** From pre-activations p = E x + e to activations f. */
export type Activation<W> =
  | { readonly type: "relu" }
  /** f = ReLU of the k largest p; with `byNorm` they compete, and are reported, as p ‖d‖, and write d/‖d‖. */
  | { readonly type: "topk"; readonly k: number; readonly byNorm: boolean }
  /** The k largest in magnitude keep their sign. */
  | { readonly type: "abstopk"; readonly k: number; readonly byNorm: boolean }
  /** Latents stand in k equal runs; the largest of each run speaks. */
  | { readonly type: "groupmax"; readonly k: number }
  /** f = ReLU(p) where p > θ, θ `[nLatents]` (Rajamanoharan et al. 2024, arXiv 2407.14435). */
  | { readonly type: "jumprelu"; readonly threshold: W }
  /** f = ReLU(eʳ E x + m) where E x + g > 0 (Rajamanoharan et al. 2024, arXiv 2404.16014); g, r, m `[nLatents]`. */
  | { readonly type: "gated"; readonly gateBias: W; readonly logScale: W; readonly magnitudeBias: W }
  /** The latent that fits the rest best is taken off, again and again (Costa et al. 2025, arXiv 2506.03093). */
  | {
      readonly type: "matching_pursuit";
      readonly residualThreshold: number;
      readonly maxIterations: number;
      readonly stopOnDuplicate: boolean;
    };

/** In a file: nothing but its places is known yet. */
export type FiledCoder = SparseCoder<TensorView>;
/** In memory. */
export type LoadedCoder = SparseCoder<Float32Array>;

export function isTranscoder({ kind }: Pick<SparseCoder<unknown>, "kind">): boolean {
  return kind === "transcoder" || kind === "skip_transcoder" || kind === "clt";
}

/** One place of two models, not several of one. */
export function readsPair({ kind, groups }: Pick<SparseCoder<unknown>, "kind" | "groups">): boolean {
  const [first, second] = groups[0]?.hooks ?? [];
  return kind === "crosscoder" && first !== undefined && first === second;
}

/** Latents of all groups. */
export function latentCount({ groups }: Pick<SparseCoder<unknown>, "groups">): number {
  return groups.reduce((sum, { nLatents }) => sum + nLatents, 0);
}

/** In words: `jumprelu transcoder of model, blocks.3.mlp.hook_in → blocks.3.hook_mlp_out, 640 → 16384 → 640`. */
export function coderWords({ kind, modelName, groups, outputs }: SparseCoder<unknown>): string {
  const reads = groups.flatMap(({ hooks }) => hooks);
  const places = (hooks: readonly HookName[]) => (hooks.length > 1 ? `${hooks[0]} … ${hooks.at(-1)}` : `${hooks[0]}`);
  const where = kind === "sae" ? places(reads) : `${places(reads)} → ${places(outputs.map(({ hook }) => hook))}`;
  const sizes = `${groups[0]?.dIn} → ${groups.map(({ nLatents }) => nLatents).join("+")} → ${outputs[0]?.dOut}`;
  return `${groups[0]?.activation.type} ${kind}${modelName === null ? "" : ` of ${modelName}`}, ${where}, ${sizes}`;
}
