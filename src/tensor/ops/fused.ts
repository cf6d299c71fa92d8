/**
 * ONNX Runtime's own ops, each in place of dozens of small ones: for graphs that only serve, on the CPU. They have no
 * derivative. Function names are the runtime's op names; domain com.microsoft but for the norm, which it counts to ONNX.
 */
import { must } from "../../core/index.ts";
import { apply } from "../apply.ts";
import type { Tensor } from "../graph.ts";

const DOMAIN = "com.microsoft";

/** x / √(mean x² + ε) · gain over the last axis, gain `[width]`. */
export function SimplifiedLayerNormalization(x: Tensor, gain: Tensor, eps: number): Tensor {
  const attributes = { axis: -1, epsilon: { float: eps } };
  return apply(
    { op: "SimplifiedLayerNormalization", inputs: [x, gain], dtype: x.dtype, shape: x.shape, attributes },
    null,
  );
}

export interface RotaryInputs {
  /** int64 `[batch, seq]`: each token's row of the tables */
  readonly rowOf: Tensor;
  /** `[rows, dHead / 2]` */
  readonly cos: Tensor;
  readonly sin: Tensor;
  readonly nHeads: number;
}

/** Pairs (i, i + dHead / 2) of each head turned by their angles; `x` `[batch, seq, nHeads · dHead]`. */
export function RotaryEmbedding(x: Tensor, { rowOf, cos, sin, nHeads }: RotaryInputs): Tensor {
  const inputs = [x, rowOf, cos, sin];
  const attributes = { num_heads: nHeads, interleaved: 0 };
  return apply({ op: "RotaryEmbedding", domain: DOMAIN, inputs, dtype: x.dtype, shape: x.shape, attributes }, null);
}

export interface CachedAttentionInputs {
  /** `[batch, seq, nHeads · dHead]` */
  readonly q: Tensor;
  /** `[batch, seq, nKvHeads · dHead]` */
  readonly k: Tensor;
  readonly v: Tensor;
  /** `[batch, nKvHeads, capacity, dHead]` */
  readonly pastKeys: Tensor;
  readonly pastValues: Tensor;
  /** int32 `[batch]`: tokens of a row with the new ones, less one */
  readonly last: Tensor;
  /** int32 `[1]`: tokens of the longest row with the new ones */
  readonly longest: Tensor;
}

export interface CachedAttentionSizes {
  readonly nHeads: number;
  readonly nKvHeads: number;
  readonly scale: number;
  /** A query sees this many positions, itself included; null: all. */
  readonly window: number | null;
}

/**
 * Causal attention of new tokens over themselves and cached ones. The cache comes out with the new keys and values in it,
 * of the same shape: written in place where in- and output are the same memory. Several new tokens a row only where
 * nothing is cached yet; dHead a multiple of 8.
 */
export function GroupQueryAttention(
  { q, k, v, pastKeys, pastValues, last, longest }: CachedAttentionInputs,
  { nHeads, nKvHeads, scale, window }: CachedAttentionSizes,
): { readonly mixed: Tensor; readonly keys: Tensor; readonly values: Tensor } {
  const { graph, dtype } = q;
  const inputs = [q, k, v, pastKeys, pastValues, last, longest];
  const attributes = {
    num_heads: nHeads,
    kv_num_heads: nKvHeads,
    scale: { float: scale },
    local_window_size: window ?? -1,
  };
  const types = [q, pastKeys, pastValues].map(({ shape }) => ({ dtype, shape }));
  const outputs = graph.emitSeveral("GroupQueryAttention", inputs, types, attributes, DOMAIN);
  graph.record({ inputs, outputs, backward: null });
  const [mixed, keys, values] = outputs.map((output) => must(output, "output"));
  return { mixed: must(mixed, "output"), keys: must(keys, "keys"), values: must(values, "values") };
}
