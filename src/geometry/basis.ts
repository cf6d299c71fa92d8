import { addScaled, dot, norm, rowAt, rowCount, type Vector } from "./vectors.ts";

/** An orthonormal basis: `rows` is `[rank, width]`. */
export interface Basis {
  readonly rank: number;
  readonly width: number;
  readonly rows: Float64Array;
}

/**
 * An orthonormal basis of the span of `vectors` `[n, width]`, in their order: the first `k` basis rows span what the
 * first `k` independent vectors span. A vector is dropped where less than `tolerance` of its own length is new.
 *
 * Classical Gram–Schmidt, each vector taken off the basis twice: "twice is enough" for orthogonality to working
 * precision (Giraud, Langou and Rozložník 2005).
 */
export function orthonormalBasis(vectors: Vector, width: number, tolerance = 1e-8): Basis {
  const kept: Float64Array[] = [];
  for (let r = 0; r < rowCount(vectors, width); r++) {
    const vector = Float64Array.from(rowAt(vectors, width, r));
    const length = norm(vector);
    for (let pass = 0; pass < 2; pass++) takeOff(vector, kept);
    const left = norm(vector);
    if (left > tolerance * length) kept.push(vector.map((value) => value / left));
  }
  return basisOf(kept, width);
}

function takeOff(vector: Float64Array, directions: readonly Vector[]): void {
  const shares = directions.map((direction) => dot(vector, direction));
  for (const [k, direction] of directions.entries()) addScaled(vector, -(shares[k] as number), direction);
}

function basisOf(directions: readonly Float64Array[], width: number): Basis {
  const rows = new Float64Array(directions.length * width);
  for (const [k, direction] of directions.entries()) rows.set(direction, k * width);
  return { rank: directions.length, width, rows };
}

/** `vector` without its part in the span of `basis`. */
export function projectOff(vector: Vector, basis: Basis): Float64Array {
  const out = Float64Array.from(vector);
  const directions = Array.from({ length: basis.rank }, (_, k) => rowAt(basis.rows, basis.width, k));
  takeOff(out, directions);
  return out;
}

/** `vector` scaled to the length of `original`; null where nothing of it is left (below 1e-8 of that length). */
export function restoreNorm(vector: Vector, original: Vector): Float64Array | null {
  const [left, length] = [norm(vector), norm(original)];
  if (left <= 1e-8 * length) return null;
  return Float64Array.from(vector, (value) => (value * length) / left);
}
