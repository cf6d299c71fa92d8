import { symmetricEigen } from "./symmetricEigen.ts";
import { addScaled, dot, meanRow, norm, rowAt, rowCount, type Vector } from "./vectors.ts";

export interface PrincipalDirections {
  /** Number found: at most the rank asked for and the rank of the rows. */
  readonly rank: number;
  readonly width: number;
  /** Right singular vectors `[rank, width]`, orthonormal; the largest component of each is positive. */
  readonly rows: Float64Array;
  /** Falling. */
  readonly singularValues: Float64Array;
  /** Σ of all squared singular values: the share that a direction explains is σ² over it. */
  readonly totalSquare: number;
}

/**
 * The first right singular vectors of `rows` `[n, width]`, of the rows less their mean where `centred`.
 * From the eigenvectors of the smaller of the two Gram matrices, which squares the condition number: directions below
 * 1e-7 of the largest singular value are not told from rounding and are left out.
 */
export function principalDirections(
  rows: Vector,
  width: number,
  rank: number,
  { centred }: { readonly centred: boolean },
): PrincipalDirections {
  const matrix = centred ? withoutMean(rows, width) : rows;
  const n = rowCount(matrix, width);
  const { values, vectors } =
    n < width ? symmetricEigen(gram(matrix, width), n) : symmetricEigen(columnGram(matrix, width), width);
  const largest = values[0] ?? 0;
  const kept = values.subarray(0, rank).filter((value) => value > 0 && value > 1e-14 * largest).length;
  const found = new Float64Array(kept * width);
  for (let k = 0; k < kept; k++) {
    const vector = rowAt(vectors, n < width ? n : width, k);
    found.set(oriented(n < width ? combine(matrix, width, vector) : Float64Array.from(vector)), k * width);
  }
  return {
    rank: kept,
    width,
    rows: found,
    singularValues: values.subarray(0, kept).map(Math.sqrt),
    totalSquare: dot(matrix, matrix),
  };
}

function withoutMean(rows: Vector, width: number): Float64Array {
  const out = Float64Array.from(rows);
  if (out.length === 0) return out;
  const mean = meanRow(rows, width);
  return out.map((value, i) => value - (mean[i % width] as number));
}

/** `[n, n]`: dot products of the rows of `matrix` `[n, width]`. */
export function gram(matrix: Vector, width: number): Float64Array {
  const n = rowCount(matrix, width);
  const out = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      const product = dot(rowAt(matrix, width, i), rowAt(matrix, width, j));
      out[i * n + j] = product;
      out[j * n + i] = product;
    }
  }
  return out;
}

/** `[width, width]`: XᵀX of the rows of `matrix` `[n, width]`. */
export function columnGram(matrix: Vector, width: number): Float64Array {
  const n = rowCount(matrix, width);
  const out = new Float64Array(width * width);
  for (let r = 0; r < n; r++) {
    const row = rowAt(matrix, width, r);
    for (let i = 0; i < width; i++)
      addScaled(out.subarray(i * width, i * width + i + 1), row[i] as number, row.subarray(0, i + 1));
  }
  for (let i = 0; i < width; i++) for (let j = 0; j < i; j++) out[j * width + i] = out[i * width + j] as number;
  return out;
}

/** Left singular vector → right singular vector. */
function combine(matrix: Vector, width: number, left: Vector): Float64Array {
  const right = new Float64Array(width);
  for (let r = 0; r < left.length; r++) addScaled(right, left[r] as number, rowAt(matrix, width, r));
  const length = norm(right);
  return right.map((value) => value / length);
}

function oriented(vector: Float64Array): Float64Array {
  const peak = vector.reduce((best, value) => (Math.abs(value) > Math.abs(best) + 1e-12 ? value : best), 0);
  return peak < 0 ? vector.map((value) => -value) : vector;
}
