import { addScaled, dot, norm, rowAt, type Vector } from "./vectors.ts";

/**
 * Singular values of a small matrix `[rows, columns]`, falling, `min(rows, columns)` of them: one-sided Jacobi
 * (Hestenes 1958), which finds small ones to full relative precision where a Gram matrix would lose half the digits.
 * Pairs of rows are rotated until all are orthogonal; the lengths are the singular values.
 */
export function singularValues(matrix: Vector, rows: number, columns: number): Float64Array {
  if (matrix.length !== rows * columns) throw new Error(`${matrix.length} values are no ${rows} × ${columns} matrix`);
  const work = rows <= columns ? Float64Array.from(matrix) : transposed(matrix, rows, columns);
  const [n, width] = [Math.min(rows, columns), Math.max(rows, columns)];
  for (let sweep = 0; sweep < 60 && rotatePairs(work, n, width); sweep++);
  return Float64Array.from({ length: n }, (_, i) => norm(rowAt(work, width, i)))
    .sort()
    .reverse();
}

function transposed(matrix: Vector, rows: number, columns: number): Float64Array {
  return Float64Array.from({ length: rows * columns }, (_, at) => {
    return matrix[(at % rows) * columns + Math.floor(at / rows)] as number;
  });
}

/** False where all pairs were orthogonal already. */
function rotatePairs(work: Float64Array, n: number, width: number): boolean {
  let rotated = false;
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) {
      const a = work.subarray(i * width, (i + 1) * width);
      const b = work.subarray(j * width, (j + 1) * width);
      const [aa, bb, ab] = [dot(a, a), dot(b, b), dot(a, b)];
      if (Math.abs(ab) <= 1e-15 * Math.sqrt(aa * bb)) continue;
      rotated = true;
      const ratio = (bb - aa) / (2 * ab);
      const tangent = (ratio < 0 ? -1 : 1) / (Math.abs(ratio) + Math.hypot(1, ratio));
      rotate(a, b, tangent);
    }
  }
  return rotated;
}

function rotate(a: Float64Array, b: Float64Array, tangent: number): void {
  const cos = 1 / Math.hypot(1, tangent);
  const old = Float64Array.from(a);
  addScaled(a, -tangent, b);
  addScaled(b, tangent, old);
  for (let k = 0; k < a.length; k++) {
    a[k] = (a[k] as number) * cos;
    b[k] = (b[k] as number) * cos;
  }
}
