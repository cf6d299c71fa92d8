/**
 * Singular value decomposition of a product of thin factors, s B A with B `[dOut, rank]` and A `[rank, dIn]`, without the
 * product: memory is that of the factors, work grows with rank², not with dOut · dIn.
 *
 * 1. B = Q_B R_B and Aᵀ = Q_A R_A, columns of Q orthonormal (Gram and Schmidt, twice).
 * 2. The core s R_B R_Aᵀ, at most rank × rank, by one-sided Jacobi (Hestenes 1958): rows are rotated until they are
 *    orthogonal. Their lengths are the singular values, their directions the right vectors, the rotations the left ones.
 * 3. Vectors of the product: those of the core times Q_B and Q_A.
 */
import { must } from "../../core/index.ts";
import { addScaled, type Basis, dot, norm, orthonormalBasis, rowAt, type Vector } from "../../geometry/index.ts";

export interface LowRankSvd {
  /** Falling; only those that are not 0. */
  readonly values: Float64Array;
  /** `[values, dOut]` and `[values, dIn]`, unit rows; the signs of a pair are arbitrary together. */
  readonly left: Float64Array;
  readonly right: Float64Array;
}

/** `A` `[rank, dIn]`, `B` `[dOut, rank]`. */
export function lowRankSvd(
  { A, B }: { readonly A: Vector; readonly B: Vector },
  rank: number,
  scale: number,
): LowRankSvd {
  const columns = transposed(B, rank);
  const [dOut, dIn] = [B.length / rank, A.length / rank];
  const [left, right] = [orthonormalBasis(columns, dOut), orthonormalBasis(A, dIn)];
  const core = coreOf(coordinates(left, columns), coordinates(right, A), { rank, scale });
  const rotations = identity(left.rank);
  for (let sweep = 0; sweep < MOST_SWEEPS && rotatePairs(core, rotations, left.rank); sweep++);
  const lengths = Float64Array.from({ length: left.rank }, (_, i) => norm(rowOf(core, i, left.rank)));
  // Rows beyond the rank of A are rotated to zero but for rounding.
  const largest = lengths.reduce((top, length) => Math.max(top, length), 0);
  const order = [...lengths.keys()]
    .sort((a, b) => must(lengths[b], "length") - must(lengths[a], "length"))
    .filter((i) => must(lengths[i], "length") > ROUNDING * largest);
  return {
    values: Float64Array.from(order, (i) => must(lengths[i], "length")),
    left: stacked(order.map((i) => combined(left, rowOf(rotations, i, left.rank)))),
    right: stacked(
      order.map((i) =>
        combined(
          right,
          rowOf(core, i, left.rank).map((value) => value / must(lengths[i], "length")),
        ),
      ),
    ),
  };
}

const MOST_SWEEPS = 60;
/** Of float64 sums over rank terms, with room. */
const ROUNDING = 1e-12;

/** `[rank, dOut]` of `[dOut, rank]` */
function transposed(matrix: Vector, rank: number): Float64Array {
  const rows = matrix.length / rank;
  return Float64Array.from(
    { length: matrix.length },
    (_, at) => matrix[(at % rows) * rank + Math.floor(at / rows)] as number,
  );
}

/** Coordinates of each of `vectors` `[rank, width]` in the basis: `[rank, basis.rank]`, R's columns as rows. */
function coordinates(basis: Basis, vectors: Vector): Float64Array {
  const count = vectors.length / basis.width;
  return Float64Array.from({ length: count * basis.rank }, (_, at) =>
    dot(rowAt(vectors, basis.width, Math.floor(at / basis.rank)), rowAt(basis.rows, basis.width, at % basis.rank)),
  );
}

/** s R_B R_Aᵀ, `[left rank, right rank]`: the sum over the `rank` pairs of columns. */
function coreOf(
  left: Float64Array,
  right: Float64Array,
  { rank, scale }: { readonly rank: number; readonly scale: number },
): Float64Array {
  const [rows, columns] = [left.length / rank, right.length / rank];
  const core = new Float64Array(rows * columns);
  for (let r = 0; r < rank; r++) {
    for (let i = 0; i < rows; i++)
      addScaled(
        core.subarray(i * columns, (i + 1) * columns),
        scale * (left[r * rows + i] as number),
        right.subarray(r * columns, (r + 1) * columns),
      );
  }
  return core;
}

function identity(n: number): Float64Array {
  return Float64Array.from({ length: n * n }, (_, at) => (at % (n + 1) === 0 ? 1 : 0));
}

function rowOf(matrix: Float64Array, row: number, rows: number): Float64Array {
  const width = matrix.length / rows;
  return matrix.subarray(row * width, (row + 1) * width);
}

/** Rotates all pairs of the core's rows, and those of `rotations` along. False where all were orthogonal already. */
function rotatePairs(core: Float64Array, rotations: Float64Array, rows: number): boolean {
  let rotated = false;
  for (let i = 0; i < rows; i++) {
    for (let j = i + 1; j < rows; j++) {
      const [a, b] = [rowOf(core, i, rows), rowOf(core, j, rows)];
      const [aa, bb, ab] = [dot(a, a), dot(b, b), dot(a, b)];
      if (Math.abs(ab) <= 1e-15 * Math.sqrt(aa * bb)) continue;
      rotated = true;
      const ratio = (bb - aa) / (2 * ab);
      const tangent = (ratio < 0 ? -1 : 1) / (Math.abs(ratio) + Math.hypot(1, ratio));
      rotate(a, b, tangent);
      rotate(rowOf(rotations, i, rows), rowOf(rotations, j, rows), tangent);
    }
  }
  return rotated;
}

function rotate(a: Float64Array, b: Float64Array, tangent: number): void {
  const cos = 1 / Math.hypot(1, tangent);
  for (let k = 0; k < a.length; k++) {
    const [x, y] = [a[k] as number, b[k] as number];
    a[k] = cos * (x - tangent * y);
    b[k] = cos * (y + tangent * x);
  }
}

/** Σ weight · basis row, `[width]` */
function combined({ rows, width }: Basis, weights: Float64Array): Float64Array {
  const sum = new Float64Array(width);
  for (const [k, weight] of weights.entries()) addScaled(sum, weight, rowAt(rows, width, k));
  return sum;
}

function stacked(rows: readonly Float64Array[]): Float64Array {
  return Float64Array.from(rows.flatMap((row) => [...row]));
}
