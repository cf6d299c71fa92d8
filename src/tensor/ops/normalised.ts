/** Ops that normalise along an axis. Function names are ONNX's op names. */
import { must } from "../../core/index.ts";
import { apply } from "../apply.ts";
import type { Tensor } from "../graph.ts";
import { Mul, Sub } from "./elementwise.ts";
import { ReduceSum } from "./shape.ts";

/** Softmax over the last axis. */
export function Softmax(x: Tensor): Tensor {
  return apply(
    { op: "Softmax", inputs: [x], dtype: x.dtype, shape: x.shape, attributes: { axis: -1 } },
    (y) =>
      ([g]) => {
        const gradient = must(g, "gradient");
        return [Mul(y, Sub(gradient, ReduceSum(Mul(gradient, y), [-1], true)))];
      },
  );
}
