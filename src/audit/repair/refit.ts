/**
 * Repair by what a module reads (ours). The change BAx is fitted anew: on the training rows what it was, on other texts
 * nothing. This is the least squares of MEMIT (Meng et al. 2023, arXiv 2210.07229), where a change is held off everything
 * but new facts; γ = 1 is the null space of AlphaEdit (Fang et al. 2024, arXiv 2410.02355).
 *
 *   A' = argmin (1 − γ) (E_rows ‖A'x − Ax‖² + ε ‖A' − A‖²) + γ E_others ‖A'x‖²
 *
 * With Σ = E_rows[x xᵀ] + εI, the others' inputs as rows of Y / √m, and the eigenvectors u_k of S = Y Σ⁻¹ Yᵀ / m:
 *
 *   A' = A (I − Σ_k c_k e_k e_kᵀ Σ⁻¹),  e_k = Yᵀ u_k / √m,  c_k = γ / (1 − γ + γ λ_k)
 *
 * λ_k is how much more of the others' inputs lies along e_k than of the rows': where it is large, a small γ takes all. One
 * solution a module input; every γ after it costs two thin products.
 */
import { must } from "../../core/index.ts";
import {
  addScaled,
  cholesky,
  choleskySolve,
  columnGram,
  dot,
  gram,
  rowAt,
  rowCount,
  symmetricEigen,
  type Vector,
} from "../../geometry/index.ts";

/** What the inputs of modules that read the same have in the others' texts and not in the rows. */
export interface Contrast {
  readonly width: number;
  /** λ_k, falling, all above 0. */
  readonly values: Float64Array;
  /** e_k, `[rank, width]`. */
  readonly directions: Float32Array;
  /** Σ⁻¹ e_k, `[rank, width]`. */
  readonly solved: Float32Array;
}

/** ε as a share of the rows' mean power in a dimension. */
const RIDGE = 1e-3;
/** Of the largest λ; below it is rounding. */
const LEAST = 1e-10;

/** `rows` `[n, width]`: inputs on the training rows; `others` `[m, width]`: those where the change should do nothing. */
export function contrastOf(rows: Vector, others: Vector, width: number): Contrast {
  const m = rowCount(others, width);
  const Y = Float64Array.from(others, (value) => value / Math.sqrt(m));
  const W = new Float64Array(Y.length);
  const solve = ridgeSolver(rows, width);
  for (let j = 0; j < m; j++) W.set(solve(rowAt(Y, width, j)), j * width);
  const S = new Float64Array(m * m);
  for (let i = 0; i < m; i++)
    for (let j = 0; j <= i; j++) {
      const value = dot(rowAt(W, width, i), rowAt(Y, width, j));
      S[i * m + j] = value;
      S[j * m + i] = value;
    }
  const { values, vectors } = symmetricEigen(S, m);
  const rank = values.filter((value) => value > LEAST * must(values[0], "value")).length;
  const [directions, solved] = [Y, W].map((matrix) => combined(matrix, width, vectors, rank)) as [
    Float32Array,
    Float32Array,
  ];
  return { width, values: values.slice(0, rank), directions, solved };
}

/** `out[k] = Σ_j u_k[j] matrix[j]`, `[rank, width]`. */
function combined(matrix: Float64Array, width: number, vectors: Float64Array, rank: number): Float32Array {
  const m = rowCount(matrix, width);
  const out = new Float32Array(rank * width);
  for (let k = 0; k < rank; k++) {
    const row = new Float64Array(width);
    for (let j = 0; j < m; j++) addScaled(row, vectors[k * m + j] as number, rowAt(matrix, width, j));
    out.set(row, k * width);
  }
  return out;
}

/** y → (XᵀX / n + εI)⁻¹ y, by the smaller of XᵀX and XXᵀ. */
function ridgeSolver(X: Vector, width: number): (y: Vector) => Float64Array {
  const n = rowCount(X, width);
  const power = dot(X, X) / n / width;
  const ridge = RIDGE * power;
  // Rows without any power leave nothing to keep.
  if (power === 0) return (y) => Float64Array.from(y);
  if (width <= n) {
    const L = cholesky(raised(columnGram(X, width), width, n * ridge), width);
    return (y) => choleskySolve(L, y).map((value) => n * value);
  }
  const L = cholesky(raised(gram(X, width), n, n * ridge), n);
  return (y) => {
    const inside = choleskySolve(
      L,
      Float64Array.from({ length: n }, (_, i) => dot(rowAt(X, width, i), y)),
    );
    const rest = Float64Array.from(y);
    for (let i = 0; i < n; i++) addScaled(rest, -(inside[i] as number), rowAt(X, width, i));
    return rest.map((value) => value / ridge);
  };
}

/** The matrix `[n, n]` + by · I, in place. */
function raised(matrix: Float64Array, n: number, by: number): Float64Array {
  for (let i = 0; i < n; i++) matrix[i * (n + 1)] = (matrix[i * (n + 1)] as number) + by;
  return matrix;
}

/** A' of A `[rank, width]`; γ in [0, 1]. */
export function refitted(
  A: Float32Array,
  { width, values, directions, solved }: Contrast,
  gamma: number,
): Float32Array {
  const out = Float64Array.from(A);
  for (let start = 0; start < A.length; start += width) {
    const row = A.subarray(start, start + width);
    const target = out.subarray(start, start + width);
    for (const [k, value] of values.entries()) {
      const taken = (gamma / (1 - gamma + gamma * value)) * dot(row, rowAt(directions, width, k));
      if (taken !== 0) addScaled(target, -taken, rowAt(solved, width, k));
    }
  }
  return Float32Array.from(out);
}
