import { gram } from "./principalDirections.ts";
import { symmetricEigen } from "./symmetricEigen.ts";
import { norm, rowAt, rowCount, type Vector } from "./vectors.ts";

export interface PlaneMap {
  readonly points: readonly { readonly x: number; readonly y: number }[];
  /** Share of the summed squared distances that the plane keeps; 1 where all directions are one. */
  readonly kept: number;
}

/**
 * Directions in the plane (Torgerson 1952). The squared distance of two is 2 (1 − cosine), the squared chord between
 * unit vectors: distances are then Euclidean and no eigenvalue is negative.
 *
 * 1. Cosines of the rows of `vectors` `[n, width]`. 2. Rows and columns centred. 3. Points = √λ times the first two
 * eigenvectors; kept = (λ₁ + λ₂) / Σλ.
 */
export function classicalScaling(vectors: Vector, width: number): PlaneMap {
  const n = rowCount(vectors, width);
  const unit = Float64Array.from(vectors);
  for (let r = 0; r < n; r++) {
    const length = norm(rowAt(vectors, width, r));
    if (length === 0) throw new Error(`row ${r} has no direction`);
    for (let i = r * width; i < (r + 1) * width; i++) unit[i] = (unit[i] as number) / length;
  }
  return scaleCosines(gram(unit, width), n);
}

/** The same from cosines `[n, n]`. */
export function scaleCosines(cosines: Float64Array, n: number): PlaneMap {
  const { values, vectors } = symmetricEigen(doubleCentred(cosines, n), n);
  const positive = values.map((value) => Math.max(0, value));
  const total = positive.reduce((sum, value) => sum + value, 0);
  const at = (axis: number, i: number) => Math.sqrt(positive[axis] ?? 0) * (vectors[axis * n + i] ?? 0);
  const points = Array.from({ length: n }, (_, i) => ({ x: at(0, i), y: n > 1 ? at(1, i) : 0 }));
  const kept = total > 1e-12 * n ? ((positive[0] ?? 0) + (positive[1] ?? 0)) / total : 1;
  return { points, kept };
}

function doubleCentred(matrix: Float64Array, n: number): Float64Array {
  const means = Float64Array.from({ length: n }, (_, i) => {
    return matrix.subarray(i * n, (i + 1) * n).reduce((sum, value) => sum + value, 0) / n;
  });
  const all = means.reduce((sum, value) => sum + value, 0) / n;
  return matrix.map((value, at) => value - (means[Math.floor(at / n)] as number) - (means[at % n] as number) + all);
}
