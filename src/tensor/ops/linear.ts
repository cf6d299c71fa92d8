/** Matrix products. Function names are ONNX's op names. */
import { must } from "../../core/index.ts";
import { apply } from "../apply.ts";
import type { Tensor } from "../graph.ts";
import { broadcastShape, dimAt } from "../shape.ts";
import { sumTo, Transpose } from "./shape.ts";

/** Batched product over the last two axes: `[..., m, k]` × `[..., k, n]` → `[..., m, n]`. */
export function MatMul(a: Tensor, b: Tensor): Tensor {
  checkInner(dimAt(a, -1), dimAt(b, -2), "MatMul");
  const lead = broadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const shape = [...lead, dimAt(a, -2), dimAt(b, -1)];
  return apply({ op: "MatMul", inputs: [a, b], dtype: a.dtype, shape }, () => ([g]) => {
    const gradient = must(g, "gradient");
    return [sumTo(MatMul(gradient, swapLast(b)), a.shape), sumTo(MatMul(swapLast(a), gradient), b.shape)];
  });
}

export interface GemmOptions {
  readonly transA?: boolean;
  readonly transB?: boolean;
  /** Added to the product, `[m, n]` or broadcast to it. */
  readonly c?: Tensor;
}

/**
 * `op(a) op(b) (+ c)` of matrices. Unlike MatMul it reads a transposed operand in place, which is what lets a weight
 * `[dOut, dIn]` stay in its file for both directions.
 */
export function Gemm(a: Tensor, b: Tensor, { transA = false, transB = false, c }: GemmOptions = {}): Tensor {
  checkInner(dimAt(a, transA ? 0 : 1), dimAt(b, transB ? 1 : 0), "Gemm");
  const shape = [dimAt(a, transA ? 1 : 0), dimAt(b, transB ? 0 : 1)];
  const attributes = { transA: transA ? 1 : 0, transB: transB ? 1 : 0 };
  const inputs = c ? [a, b, c] : [a, b];
  return apply({ op: "Gemm", inputs, dtype: a.dtype, shape, attributes }, () => ([g]) => {
    const gradient = must(g, "gradient");
    const da = transA ? Gemm(b, gradient, { transA: transB, transB: true }) : Gemm(gradient, b, { transB: !transB });
    const db = transB ? Gemm(gradient, a, { transA: true, transB: transA }) : Gemm(a, gradient, { transA: !transA });
    return c ? [da, db, sumTo(gradient, c.shape)] : [da, db];
  });
}

function swapLast(x: Tensor): Tensor {
  const axes = x.shape.map((_, axis) => axis);
  return Transpose(x, [...axes.slice(0, -2), axes.length - 1, axes.length - 2]);
}

function checkInner(a: unknown, b: unknown, op: string): void {
  if (a !== b) throw new Error(`${op}: inner sizes ${a} and ${b} differ`);
}
