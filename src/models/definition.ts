import type { Graph, Tensor } from "../tensor/index.ts";
import type { BlockHook, HookName } from "./hooks.ts";

/** The sizes that every family has. */
export interface Dimensions {
  readonly dModel: number;
  readonly nLayers: number;
  readonly nHeads: number;
  readonly nKvHeads: number;
  readonly dHead: number;
  readonly dMlp: number;
  readonly dVocab: number;
}

/** A weight under its name in Hugging Face checkpoints. */
export interface WeightSpec {
  readonly name: string;
  readonly shape: readonly number[];
}

/** A linear layer that an adapter may change: `y = x Wᵀ (+ b)`, W `[dOut, dIn]`. */
export interface LinearSpec {
  /** Path of the module, for example `model.layers.0.self_attn.q_proj`; its weight is `<module>.weight`. */
  readonly module: string;
  readonly dIn: number;
  readonly dOut: number;
  readonly layer: number;
  /** Is there a `<module>.bias` `[dOut]`? */
  readonly bias: boolean;
  /** The checkpoint holds Wᵀ, `[dIn, dOut]` (GPT-2's Conv1D). */
  readonly transposed: boolean;
  /** Its side of the residual stream, and the gain of the norm that stands between the two; null: none does. */
  readonly stream: { readonly side: "reads" | "writes"; readonly gain: GainSpec | null };
  /** The hook point of its block that shows its input: before that gain where it reads the stream. */
  readonly input: BlockHook;
  /** Where its output holds the heads' values; null: nowhere. */
  readonly values: ValuesSpec | null;
}

/** Rows `first` to `first + nKvHeads · dHead` of a layer's output are values, which `output` writes into the stream. */
export interface ValuesSpec {
  readonly first: number;
  /** Module path of W_O. */
  readonly output: string;
}

/** What a norm multiplies by after it has normalised: `offset` + w. */
export interface GainSpec {
  /** Name of w in the checkpoint. */
  readonly weight: string;
  readonly offset: 0 | 1;
  /** Does the norm take the mean off first (LayerNorm)? */
  readonly centred?: boolean;
  /** Name of what it adds after the gain. */
  readonly bias?: string;
}

/** How a family's checkpoints name tensors, where that is not how its `ModelDefinition` does. */
export interface CheckpointNames {
  /** `[prefix of ours, prefix in files]`; the first of each of ours is what transformers (and PEFT with it) writes. */
  readonly prefixes: readonly (readonly [ours: string, stored: string])[];
  /** Stored names of tensors that play no part. */
  readonly ignored: readonly RegExp[];
}

/** What a forward pass is built with. Rows of `[rows, dModel]` are the positions of `[batch, seq]`, row by row. */
export interface ForwardContext {
  readonly graph: Graph;
  /** int64 `[batch, seq]` */
  readonly tokens: Tensor;
  /** int64 `[batch, seq]`: 0, 1, … without a cache */
  readonly positions: Tensor;
  readonly weight: (name: string) => Tensor;
  /** `x [rows, dIn]` → `[rows, dOut]`, with the adapter's part where there is one. */
  readonly linear: (module: string, x: Tensor) => Tensor;
  /** Passes a value through its hook point; `x` has the hook's own shape. */
  readonly hook: (name: HookName, x: Tensor) => Tensor;
  /** True where something is attached: lets the model skip the reshapes of unused hook points. */
  readonly hooked: (name: HookName) => boolean;
  readonly cache: KeyValueCache | null;
  /** Are norms and rotations the runtime's fused ops (`serving.ts`)? Nothing can be differentiated through them. */
  readonly fused: boolean;
  /** Parts in which queries meet their keys: what attention needs at once is that of one part. */
  readonly queryChunks: number;
  /** Builds one block from the stream before it; may build it anew for the backward pass. */
  readonly block: (resid: Tensor, build: (resid: Tensor) => Tensor) => Tensor;
  /** bool `[batch, seq, seq]`, query × key: who sees whom where rows are trees of tokens; null: causal. */
  readonly visible: Tensor | null;
}

/** Cached keys and values of earlier tokens. */
export type KeyValueCache = AppendedCache | InPlaceCache;

interface Cached {
  /** `[batch, nKvHeads, capacity, dHead]` per layer */
  readonly keys: readonly Tensor[];
  readonly values: readonly Tensor[];
}

/** New keys and values are handed out, and whoever holds the cache appends them. */
export interface AppendedCache extends Cached {
  readonly kind: "appended";
  /** Valid positions of each row, int64 `[batch]` */
  readonly lengths: Tensor;
}

/** What one layer's heads are given. */
export interface Heads {
  readonly dimensions: Dimensions;
  readonly layer: number;
  /** Rotated, `[batch, seq, nHeads, dHead]` */
  readonly q: Tensor;
  /** Rotated, `[batch, seq, nKvHeads, dHead]` */
  readonly k: Tensor;
  /** `[batch, seq, nKvHeads, dHead]` */
  readonly v: Tensor;
  readonly scale: number;
}

/** The graph writes new keys and values into the cache, by the runtime's fused attention (`serving.ts`). */
export interface InPlaceCache extends Cached {
  readonly kind: "inPlace";
  /** int32 `[batch]`: tokens of a row with the new ones, less one */
  readonly last: Tensor;
  /** int32 `[1]`: tokens of the longest row with the new ones */
  readonly longest: Tensor;
}

export interface ForwardOutputs {
  /** After the final norm, `[rows, dModel]`. */
  readonly hidden: Tensor;
  /** Rotated keys of the new tokens per layer, `[batch, seq, nKvHeads, dHead]`; the whole cache where it is in place. */
  readonly keys: readonly Tensor[];
  readonly values: readonly Tensor[];
}

/** One model: what it is made of, and how its forward pass is written down. Values of weights play no part. */
export interface ModelDefinition {
  readonly family: string;
  readonly dimensions: Dimensions;
  readonly maxPositions: number;
  /** Is each position a learned vector, so that there is none beyond `maxPositions`? Else rotations go on. */
  readonly learnedPositions: boolean;
  readonly weights: readonly WeightSpec[];
  readonly linears: readonly LinearSpec[];
  readonly names: CheckpointNames;
  /** Its hook points, in the order in which a forward pass reaches them. */
  readonly hooks: readonly HookName[];
  /** Name of the weight `[dVocab, dModel]` that turns the final hidden state into logits. */
  readonly unembedding: string;
  readonly embedding: string;
  /** Stands between the residual stream and the unembedding. */
  readonly finalNorm: GainSpec;
  readonly forward: (context: ForwardContext) => ForwardOutputs;
}
