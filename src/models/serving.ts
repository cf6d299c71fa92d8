/**
 * The parts of a forward pass that only serves, as the runtime's fused ops: the same functions as their open forms
 * (`attention.ts`, `blocks.ts`) in far fewer nodes. Where a step is one token a row, small nodes are what time can be
 * saved on; the rest is reading the weights.
 */
import { must } from "../core/index.ts";
import {
  Add,
  GroupQueryAttention,
  Mul,
  Range,
  Reshape,
  RotaryEmbedding,
  staticDim,
  type Tensor,
} from "../tensor/index.ts";
import type { Rotation } from "./blocks.ts";
import type { Dimensions, ForwardContext, Heads, InPlaceCache } from "./definition.ts";

/** Have heads the width that the runtime's attention takes? */
export function servesInPlace({ dHead }: Dimensions): boolean {
  return dHead % 8 === 0;
}

/** Where attention itself is fused, too. */
export function inPlaceCache({ cache }: ForwardContext): InPlaceCache | null {
  return cache?.kind === "inPlace" ? cache : null;
}

/** Rotary embedding of `[batch, seq, heads, dHead]` by angles that are computed once. */
export function fusedRotation(context: ForwardContext, { cos, sin }: Rotation): (x: Tensor) => Tensor {
  const table = (angles: Tensor) => Reshape(angles, ["rows", staticDim(angles, 3)]);
  const tables = { cos: table(cos), sin: table(sin), rowOf: rowNumbers(context) };
  return (x) => {
    const nHeads = staticDim(x, 2);
    const flat = Reshape(x, ["batch", "seq", nHeads * staticDim(x, 3)]);
    return Reshape(RotaryEmbedding(flat, { ...tables, nHeads }), x.shape);
  };
}

/** 0, 1, … over rows and their tokens, int64 `[batch, seq]`. */
function rowNumbers({ graph, tokens }: ForwardContext): Tensor {
  const first = Mul(Reshape(Range(tokens, "batch"), ["batch", 1]), graph.dimTensor("seq"));
  return Add(first, Reshape(Range(tokens, "seq"), [1, "seq"]));
}

export interface InPlaceInputs extends Heads {
  readonly cache: InPlaceCache;
  readonly window: number | null;
}

/** The heads' outputs before W_O, `[batch, seq, nHeads, dHead]`, and the cache with the new keys and values. */
export function attendInPlace({ cache, dimensions, layer, q, k, v, scale, window }: InPlaceInputs) {
  const { nHeads, nKvHeads } = dimensions;
  const flat = (x: Tensor) => Reshape(x, ["batch", "seq", staticDim(x, 2) * staticDim(x, 3)]);
  const { mixed, keys, values } = GroupQueryAttention(
    {
      q: flat(q),
      k: flat(k),
      v: flat(v),
      pastKeys: must(cache.keys[layer], "cached keys"),
      pastValues: must(cache.values[layer], "cached values"),
      last: cache.last,
      longest: cache.longest,
    },
    { nHeads, nKvHeads, scale, window },
  );
  return { z: Reshape(mixed, q.shape), keys, values };
}
