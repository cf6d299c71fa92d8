/** Reductions. Function names are ONNX's op names. */
import { must } from "../../core/index.ts";
import { apply } from "../apply.ts";
import type { Tensor } from "../graph.ts";
import { staticDim } from "../shape.ts";
import { Mul, scalar } from "./elementwise.ts";
import { reduction, spread } from "./shape.ts";

/** The mean over `axes`, whose sizes must be static. */
export function ReduceMean(x: Tensor, axes: readonly number[], keepDims = false): Tensor {
  const count = axes.reduce((product, axis) => product * staticDim(x, axis), 1);
  return apply(reduction("ReduceMean", x, axes, keepDims), () => ([g]) => {
    const gradient = must(g, "gradient");
    return [spread(Mul(gradient, scalar(gradient, 1 / count)), x, axes), null];
  });
}

/** The largest element along `axes`; used for stability and selection, not differentiated. */
export function ReduceMax(x: Tensor, axes: readonly number[], keepDims = false): Tensor {
  return apply(reduction("ReduceMax", x, axes, keepDims), null);
}
