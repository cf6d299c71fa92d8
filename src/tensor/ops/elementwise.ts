/** Elementwise arithmetic with broadcasting. Function names are ONNX's op names. */
import { must } from "../../core/index.ts";
import { apply } from "../apply.ts";
import type { DType, Tensor } from "../graph.ts";
import { broadcastShape } from "../shape.ts";
import { sumTo } from "./shape.ts";

/** A constant of `like`'s element type; shape `[]`. */
export function scalar(like: Tensor, value: number): Tensor {
  if (like.dtype !== "float32" && like.dtype !== "float64" && like.dtype !== "int64") {
    throw new Error(`no scalar constants of type ${like.dtype}`);
  }
  return like.graph.constant(like.dtype, [value], []);
}

function binary(
  op: string,
  a: Tensor,
  b: Tensor,
  gradient: (g: Tensor) => [Tensor, Tensor],
  dtype: DType = a.dtype,
): Tensor {
  if (a.dtype !== b.dtype) throw new Error(`${op} of ${a.dtype} and ${b.dtype}`);
  return apply({ op, inputs: [a, b], dtype, shape: broadcastShape(a.shape, b.shape) }, () => ([g]) => {
    const [da, db] = gradient(must(g, "gradient"));
    return [sumTo(da, a.shape), sumTo(db, b.shape)];
  });
}

function unary(op: string, x: Tensor, gradient: (g: Tensor, y: Tensor) => Tensor): Tensor {
  return apply({ op, inputs: [x], dtype: x.dtype, shape: x.shape }, (y) => ([g]) => [gradient(must(g, "gradient"), y)]);
}

export const Add = (a: Tensor, b: Tensor): Tensor => binary("Add", a, b, (g) => [g, g]);
export const Sub = (a: Tensor, b: Tensor): Tensor => binary("Sub", a, b, (g) => [g, Neg(g)]);
export const Mul = (a: Tensor, b: Tensor): Tensor => binary("Mul", a, b, (g) => [Mul(g, b), Mul(g, a)]);
export const Div = (a: Tensor, b: Tensor): Tensor =>
  binary("Div", a, b, (g) => [Div(g, b), Neg(Div(Mul(g, a), Mul(b, b)))]);

export const Neg = (x: Tensor): Tensor => unary("Neg", x, (g) => Neg(g));
export const Exp = (x: Tensor): Tensor => unary("Exp", x, (g, y) => Mul(g, y));
export const Log = (x: Tensor): Tensor => unary("Log", x, (g) => Div(g, x));
export const Sqrt = (x: Tensor): Tensor => unary("Sqrt", x, (g, y) => Div(Mul(g, scalar(x, 0.5)), y));
export const Reciprocal = (x: Tensor): Tensor => unary("Reciprocal", x, (g, y) => Neg(Mul(g, Mul(y, y))));
export const Sigmoid = (x: Tensor): Tensor => unary("Sigmoid", x, (g, y) => Mul(g, Mul(y, Sub(scalar(x, 1), y))));
export const Tanh = (x: Tensor): Tensor => unary("Tanh", x, (g, y) => Mul(g, Sub(scalar(x, 1), Mul(y, y))));
export const Sin = (x: Tensor): Tensor => unary("Sin", x, (g) => Mul(g, Cos(x)));
export const Cos = (x: Tensor): Tensor => unary("Cos", x, (g) => Neg(Mul(g, Sin(x))));
/** Sign of each element; its derivative is zero almost everywhere and is not used. */
export const Sign = (x: Tensor): Tensor => apply({ op: "Sign", inputs: [x], dtype: x.dtype, shape: x.shape }, null);

function comparison(op: string, a: Tensor, b: Tensor): Tensor {
  return apply({ op, inputs: [a, b], dtype: "bool", shape: broadcastShape(a.shape, b.shape) }, null);
}

export const Less = (a: Tensor, b: Tensor): Tensor => comparison("Less", a, b);
export const LessOrEqual = (a: Tensor, b: Tensor): Tensor => comparison("LessOrEqual", a, b);
export const Equal = (a: Tensor, b: Tensor): Tensor => comparison("Equal", a, b);
export const And = (a: Tensor, b: Tensor): Tensor => comparison("And", a, b);

/** `a` where `condition`, else `b`. */
export function Where(condition: Tensor, a: Tensor, b: Tensor): Tensor {
  const shape = broadcastShape(condition.shape, broadcastShape(a.shape, b.shape));
  return apply({ op: "Where", inputs: [condition, a, b], dtype: a.dtype, shape }, () => ([g]) => {
    const gradient = must(g, "gradient");
    const zero = scalar(gradient, 0);
    return [null, sumTo(Where(condition, gradient, zero), a.shape), sumTo(Where(condition, zero, gradient), b.shape)];
  });
}

/** The smaller of each pair; used for scalars such as clipping factors, not differentiated. */
export const Min = (a: Tensor, b: Tensor): Tensor =>
  apply({ op: "Min", inputs: [a, b], dtype: a.dtype, shape: broadcastShape(a.shape, b.shape) }, null);

/**
 * `x`, but not before `gradient` (of the same shape) is there: what a backward pass computes again from it cannot be
 * merged with the forward pass, whose intermediate values need not be kept then.
 */
export function recomputedAfter(x: Tensor, gradient: Tensor): Tensor {
  return Add(x, Mul(gradient, scalar(x, 0)));
}
