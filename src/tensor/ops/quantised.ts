/** Weights of one byte. Function names are ONNX's op names. */
import { apply } from "../apply.ts";
import type { Tensor } from "../graph.ts";
import { dimAt } from "../shape.ts";

/**
 * `x` int8 `[rows, width]` times the scale of its block of `blockSize` along the last axis, `scale [rows, width /
 * blockSize]`, in the scale's type. Weights are not trained in this form: no derivative.
 */
export function DequantizeLinear(x: Tensor, scale: Tensor, blockSize: number): Tensor {
  if (dimAt(x, -1) !== Number(dimAt(scale, -1)) * blockSize)
    throw new Error(`blocks of ${blockSize} do not fill a row`);
  const attributes = { axis: x.shape.length - 1, block_size: blockSize };
  return apply({ op: "DequantizeLinear", inputs: [x, scale], dtype: scale.dtype, shape: x.shape, attributes }, null);
}
