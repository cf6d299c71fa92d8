/**
 * Ops that move, repeat and sum values. Repeating and summing are each other's derivatives, so they share a file.
 * Function names are ONNX's op names.
 */
import { must } from "../../core/index.ts";
import { apply } from "../apply.ts";
import type { DType, Shape, Tensor } from "../graph.ts";
import { axisOf, dimAt, sameShape, staticDim } from "../shape.ts";

export function Identity(x: Tensor): Tensor {
  return apply({ op: "Identity", inputs: [x], dtype: x.dtype, shape: x.shape }, () => ([g]) => [must(g, "gradient")]);
}

const ELEMENT_TYPE: Partial<Record<DType, number>> = { float32: 1, int32: 6, int64: 7, bool: 9, float64: 11 };

/** Changes the element type. Differentiable between floating-point types only. */
export function Cast(x: Tensor, dtype: DType): Tensor {
  if (x.dtype === dtype) return x;
  const to = must(ELEMENT_TYPE[dtype], `a cast to ${dtype}`);
  const differentiable = x.dtype.startsWith("float") && dtype.startsWith("float");
  return apply(
    { op: "Cast", inputs: [x], dtype, shape: x.shape, attributes: { to } },
    differentiable
      ? () =>
          ([g]) => [Cast(must(g, "gradient"), x.dtype)]
      : null,
  );
}

/** The same elements in another shape; at most one size may be a symbol that no graph input carries. */
export function Reshape(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x;
  return apply({ op: "Reshape", inputs: [x, x.graph.shapeTensor(shape)], dtype: x.dtype, shape }, () => ([g]) => [
    Reshape(must(g, "gradient"), x.shape),
    null,
  ]);
}

export function Transpose(x: Tensor, perm: readonly number[]): Tensor {
  const shape = perm.map((axis) => dimAt(x, axis));
  const inverse = perm.map((_, axis) => perm.indexOf(axis));
  return apply({ op: "Transpose", inputs: [x], dtype: x.dtype, shape, attributes: { perm } }, () => ([g]) => [
    Transpose(must(g, "gradient"), inverse),
  ]);
}

/** Joins along `axis`; the sizes there must be static, unless `size` names the result's. */
export function Concat(xs: readonly Tensor[], axis: number, size?: string): Tensor {
  const first = must(xs[0], "something to concatenate");
  const at = axisOf(first, axis);
  const total = size ?? xs.reduce((sum, x) => sum + staticDim(x, at), 0);
  const shape = first.shape.map((dim, i) => (i === at ? total : dim));
  return apply({ op: "Concat", inputs: xs, dtype: first.dtype, shape, attributes: { axis: at } }, () => ([g]) => {
    let start = 0;
    return xs.map((x) => {
      const part = Slice(must(g, "gradient"), at, start, start + staticDim(x, at));
      start += staticDim(x, at);
      return part;
    });
  });
}

/** Elements `start` to `end` (exclusive, both static) along `axis`. */
export function Slice(x: Tensor, axis: number, start: number, end: number): Tensor {
  const at = axisOf(x, axis);
  const shape = x.shape.map((dim, i) => (i === at ? end - start : dim));
  const int = (value: number) => x.graph.constant("int64", [value]);
  const inputs = [x, int(start), int(end), int(at)];
  return apply({ op: "Slice", inputs, dtype: x.dtype, shape }, () => ([g]) => {
    const before = start;
    const after = staticDim(x, at) - end;
    const pads = [...x.shape.map((_, i) => (i === at ? before : 0)), ...x.shape.map((_, i) => (i === at ? after : 0))];
    return [Pad(must(g, "gradient"), pads), null, null, null];
  });
}

/**
 * `x` cut along `axis` into a first part of run-time size `first` and the rest, of run-time size `second`. For serving
 * graphs: not differentiable.
 */
export function SliceTo(x: Tensor, axis: number, [first, second]: readonly [string, string]): [Tensor, Tensor] {
  const { graph } = x;
  const at = axisOf(x, axis);
  const int = (value: number) => graph.constant("int64", [value]);
  const cut = graph.dimTensor(first);
  const sized = (size: string) => x.shape.map((dim, i) => (i === at ? size : dim));
  const end = int(Number.MAX_SAFE_INTEGER);
  const part = (start: Tensor, stop: Tensor, size: string) =>
    apply({ op: "Slice", inputs: [x, start, stop, int(at)], dtype: x.dtype, shape: sized(size) }, null);
  return [part(int(0), cut, first), part(cut, end, second)];
}

/** Zeros around `x`: `pads` holds the counts before each axis, then after each axis. */
export function Pad(x: Tensor, pads: readonly number[]): Tensor {
  if (pads.every((pad) => pad === 0)) return x;
  const rank = x.shape.length;
  const grown = (axis: number) => must(pads[axis], "pad") + must(pads[axis + rank], "pad");
  const shape = x.shape.map((dim, axis) => (grown(axis) === 0 ? dim : staticDim(x, axis) + grown(axis)));
  return apply({ op: "Pad", inputs: [x, x.graph.constant("int64", pads)], dtype: x.dtype, shape }, () => ([g]) => {
    let out = must(g, "gradient");
    for (let axis = 0; axis < rank; axis++) {
      const before = must(pads[axis], "pad");
      if (grown(axis) > 0) out = Slice(out, axis, before, before + staticDim(x, axis));
    }
    return [out, null];
  });
}

export function Unsqueeze(x: Tensor, axis: number): Tensor {
  const shape = [...x.shape.slice(0, axis), 1, ...x.shape.slice(axis)];
  return apply(
    { op: "Unsqueeze", inputs: [x, x.graph.constant("int64", [axis])], dtype: x.dtype, shape },
    () =>
      ([g]) => [Reshape(must(g, "gradient"), x.shape), null],
  );
}

/** `x` repeated to `shape` along its axes of size 1. */
export function Expand(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x;
  return apply({ op: "Expand", inputs: [x, x.graph.shapeTensor(shape)], dtype: x.dtype, shape }, () => ([g]) => [
    sumTo(must(g, "gradient"), x.shape),
    null,
  ]);
}

/** `x` repeated to the run-time shape of `like`, whose values are not needed: where its sizes are known it is not even made. */
export function ExpandLike(x: Tensor, like: Tensor): Tensor {
  if (sameShape(x.shape, like.shape)) return x;
  if (x.graph.knows(like.shape)) return Expand(x, like.shape);
  const shape = x.graph.emit("Shape", [like], "int64", [like.shape.length]);
  return apply({ op: "Expand", inputs: [x, shape], dtype: x.dtype, shape: like.shape }, () => ([g]) => [
    sumTo(must(g, "gradient"), x.shape),
    null,
  ]);
}

/** The sum of `x` over the axes along which `shape` was broadcast to `x`'s shape. */
export function sumTo(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x;
  const lead = x.shape.length - shape.length;
  const axes = x.shape.flatMap((dim, axis) => (axis < lead || shape[axis - lead] !== dim ? [axis] : []));
  return Reshape(ReduceSum(x, axes, true), shape);
}

export function ReduceSum(x: Tensor, axes: readonly number[], keepDims = false): Tensor {
  return apply(reduction("ReduceSum", x, axes, keepDims), () => ([g]) => [spread(must(g, "gradient"), x, axes), null]);
}

/** What every reduction emits. */
export function reduction(op: string, x: Tensor, axes: readonly number[], keepDims: boolean) {
  const inputs = [x, x.graph.constant("int64", axes)];
  const shape = keepDims ? keptShape(x, axes) : x.shape.filter((_, axis) => !isIn(x, axes, axis));
  return { op, inputs, dtype: x.dtype, shape, attributes: { keepdims: keepDims ? 1 : 0 } };
}

/** `gradient` of a reduction of `x` over `axes`, repeated to `x`'s shape. */
export function spread(gradient: Tensor, x: Tensor, axes: readonly number[]): Tensor {
  return ExpandLike(Reshape(gradient, keptShape(x, axes)), x);
}

function keptShape(x: Tensor, axes: readonly number[]): Shape {
  return x.shape.map((dim, axis) => (isIn(x, axes, axis) ? 1 : dim));
}

function isIn(x: Tensor, axes: readonly number[], axis: number): boolean {
  return axes.some((each) => axisOf(x, each) === axis);
}
