/** Vectors in float64 sums: dot product, norm, cosine. */
export type Vector = Float32Array | Float64Array;

export function dot(a: Vector, b: Vector): number {
  if (a.length !== b.length) throw new Error(`vectors of ${a.length} and ${b.length} dimensions`);
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

export function norm(a: Vector): number {
  return Math.sqrt(dot(a, a));
}

/** Null where one of the vectors has no length. */
export function cosine(a: Vector, b: Vector): number | null {
  const lengths = norm(a) * norm(b);
  return lengths === 0 ? null : dot(a, b) / lengths;
}
