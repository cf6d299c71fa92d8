/**
 * Frozen weights of one byte: int8 in blocks that share a scale, as `data` writes them (`writeByteCheckpoint`). A layer's
 * float32 form is made where it is multiplied and dropped behind it.
 */

import { must } from "../core/index.ts";
import { BLOCK_WEIGHTS, scalesOf, type TensorLocation, type TensorStore } from "../data/index.ts";
import { DequantizeLinear, type Graph, recomputedAfter, Slice, type Tensor } from "../tensor/index.ts";

/** The weight of that name, for what it is multiplied with; undefined where it is not of one byte. */
export type ByteWeights = (name: string) => ((operand: Tensor) => Tensor) | undefined;

export function byteWeights(graph: Graph, tensors: TensorStore): ByteWeights {
  const made = new Map<string, { readonly bytes: Tensor; readonly scales: Tensor }>();
  const stored = (name: string, location: TensorLocation) => {
    const known = made.get(name);
    if (known) return known;
    const scales = must(tensors.get(scalesOf(name)), scalesOf(name));
    const pair = {
      bytes: graph.weight(name, "int8", location.shape, location),
      scales: graph.weight(scalesOf(name), "float32", scales.shape, scales),
    };
    made.set(name, pair);
    return pair;
  };
  return (name) => {
    const location = tensors.get(name);
    if (location?.dtype !== "I8") return undefined;
    return (operand) => {
      const { bytes, scales } = stored(name, location);
      return DequantizeLinear(bytes, recomputedAfter(scales, corner(operand)), BLOCK_WEIGHTS);
    };
  };
}

/** One element of `x [rows, width]`, as `[1, 1]`. */
function corner(x: Tensor): Tensor {
  return Slice(Slice(x, 0, 0, 1), 1, 0, 1);
}
