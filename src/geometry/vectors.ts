/** Vectors in float64 sums: dot product, norm, cosine; rows of a flat row-major matrix. */
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

/** Number of rows of `values` `[rows, width]`. */
export function rowCount(values: Vector, width: number): number {
  const rows = values.length / width;
  if (!Number.isInteger(rows)) throw new Error(`${values.length} values are no rows of ${width}`);
  return rows;
}

/** Row `index` of `values` `[rows, width]`, sharing its memory. */
export function rowAt(values: Vector, width: number, index: number): Vector {
  if (!(index >= 0 && (index + 1) * width <= values.length)) throw new Error(`no row ${index} of ${width} values`);
  return values.subarray(index * width, (index + 1) * width);
}

/** target += scale · vector. */
export function addScaled(target: Float64Array, scale: number, vector: Vector): void {
  if (target.length !== vector.length) throw new Error(`vectors of ${target.length} and ${vector.length} dimensions`);
  for (let i = 0; i < target.length; i++) target[i] = (target[i] as number) + scale * (vector[i] as number);
}

/** Mean of the rows of `values` `[rows, width]`; throws without rows. */
export function meanRow(values: Vector, width: number): Float64Array {
  const rows = rowCount(values, width);
  if (rows === 0) throw new Error("mean of no rows");
  const mean = new Float64Array(width);
  for (let r = 0; r < rows; r++) addScaled(mean, 1 / rows, rowAt(values, width, r));
  return mean;
}
