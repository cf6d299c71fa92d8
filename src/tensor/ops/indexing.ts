/** Ops that select by index. Function names are ONNX's op names. */
import { must } from "../../core/index.ts";
import { apply } from "../apply.ts";
import type { Backward, Tensor } from "../graph.ts";
import { axisOf, dimAt } from "../shape.ts";
import { scalar } from "./elementwise.ts";
import { ExpandLike, Reshape } from "./shape.ts";

/** Rows of `x` (axis 0): `[n, ...rest]` by `indices` of any shape → `[...indices, ...rest]`. */
export function Gather(x: Tensor, indices: Tensor): Tensor {
  const rest = x.shape.slice(1);
  const shape = [...indices.shape, ...rest];
  return apply({ op: "Gather", inputs: [x, indices], dtype: x.dtype, shape, attributes: { axis: 0 } }, () => ([g]) => {
    if (rest.length !== 1) throw new Error("the derivative of Gather is written for matrices");
    // A symbol of its own: two gathers of one graph have different sizes, and the runtime takes equal names for equal.
    const count = `gathered:${indices.name}`;
    const updates = Reshape(must(g, "gradient"), [count, dimAt(x, 1)]);
    const rows = ExpandLike(Reshape(indices, [count, 1]), updates);
    return [ScatterElements(zerosLike(updates, x), rows, updates, 0), null];
  });
}

/** One element per position of `indices` along `axis`; `indices` has `x`'s rank. */
export function GatherElements(x: Tensor, indices: Tensor, axis: number): Tensor {
  const at = axisOf(x, axis);
  return apply(
    { op: "GatherElements", inputs: [x, indices], dtype: x.dtype, shape: indices.shape, attributes: { axis: at } },
    () =>
      ([g]) => {
        const gradient = must(g, "gradient");
        return [ScatterElements(zerosLike(gradient, x), indices, gradient, at), null];
      },
  );
}

/**
 * `x` with `updates` added at `indices` along `axis`. (ScatterND with add loses updates on duplicate indices when
 * the runtime uses two threads; this op does not.)
 */
export function ScatterElements(x: Tensor, indices: Tensor, updates: Tensor, axis: number): Tensor {
  const attributes = { axis: axisOf(x, axis), reduction: "add" };
  return apply(
    { op: "ScatterElements", inputs: [x, indices, updates], dtype: x.dtype, shape: x.shape, attributes },
    () =>
      ([g]) => {
        const gradient = must(g, "gradient");
        return [gradient, null, GatherElements(gradient, indices, axis)];
      },
  );
}

/**
 * The `k` largest elements along the last axis of `x [n, width]`, largest first, of equal ones the lower index first:
 * `values [n, k]` and `indices` int64 `[n, k]`. The derivative is that of picking those elements.
 */
export function TopK(x: Tensor, k: number): { values: Tensor; indices: Tensor } {
  const { graph, dtype } = x;
  const shape = [dimAt(x, 0), k];
  const outputs = [
    { dtype, shape },
    { dtype: "int64" as const, shape },
  ];
  const attributes = { axis: -1, largest: 1, sorted: 1 };
  const [first, second] = graph.emitSeveral("TopK", [x, graph.constant("int64", [k])], outputs, attributes);
  const [values, indices] = [must(first, "values"), must(second, "indices")];
  const backward: Backward = ([g]) => {
    const gradient = must(g, "gradient");
    return [ScatterElements(zerosLike(gradient, x), indices, gradient, -1)];
  };
  graph.record({ inputs: [x], outputs: [values, indices], backward });
  return { values, indices };
}

/** 0, 1, …, n − 1 as int64, for a size known at run time. */
export function Range(like: Tensor, symbol: string): Tensor {
  const { graph } = like;
  const limit = graph.emit("Squeeze", [graph.dimTensor(symbol)], "int64", []);
  return apply(
    {
      op: "Range",
      inputs: [graph.constant("int64", [0], []), limit, graph.constant("int64", [1], [])],
      dtype: "int64",
      shape: [symbol],
    },
    null,
  );
}

/** Zeros of `like`'s shape and `of`'s element type. */
function zerosLike(of: Tensor, like: Tensor): Tensor {
  return ExpandLike(scalar(of, 0), like);
}
