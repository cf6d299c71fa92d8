import type { Dim, Shape, Tensor } from "./graph.ts";

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dim, axis) => dim === b[axis]);
}

/** The shape of an elementwise result (ONNX's multidirectional broadcasting). Throws where sizes cannot agree. */
export function broadcastShape(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) =>
    broadcastDim(dimFromRight(a, rank - axis), dimFromRight(b, rank - axis)),
  );
}

function broadcastDim(a: Dim, b: Dim): Dim {
  if (a === b || b === 1) return a;
  if (a === 1) return b;
  throw new Error(`sizes ${a} and ${b} do not broadcast`);
}

/** The size `back` places from the right, 1 where the shape is shorter. */
export function dimFromRight(shape: Shape, back: number): Dim {
  return shape[shape.length - back] ?? 1;
}

/** `axis` as a non-negative index of `tensor`. */
export function axisOf(tensor: Tensor, axis: number): number {
  const at = axis < 0 ? axis + tensor.shape.length : axis;
  if (at < 0 || at >= tensor.shape.length) throw new Error(`axis ${axis} of a tensor of rank ${tensor.shape.length}`);
  return at;
}

/** The size of `tensor` along `axis`; throws where it is symbolic. */
export function staticDim(tensor: Tensor, axis: number): number {
  const dim = tensor.shape[axisOf(tensor, axis)];
  if (typeof dim !== "number") throw new Error(`${tensor.name}: size of axis ${axis} is symbolic (${dim})`);
  return dim;
}

export function dimAt(tensor: Tensor, axis: number): Dim {
  return tensor.shape[axisOf(tensor, axis)] as Dim;
}
