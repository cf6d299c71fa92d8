/**
 * The strongest singular values and vectors of a dense matrix M `[dOut, dIn]`, where all of them would take minutes.
 *
 * 1. An orthonormal basis V of the Krylov space of MᵀM from a random sum of M's rows: each vector is what MᵀM makes of the
 *    one before, beyond all before it (Golub and Kahan 1965, with every vector taken off all others, twice).
 * 2. On that space M is (M Vᵀ) V, a product of thin factors, whose decomposition `lowRankSvd` makes. Its values are below
 *    M's own by what the space leaves out; with eight times as many steps as values that is far below what is shown.
 */
import { rng } from "../../core/index.ts";
import { addScaled, dot, norm, projectOff, rowAt, type Vector } from "../../geometry/index.ts";
import { type LowRankSvd, lowRankSvd } from "./low-rank-svd.ts";

/** Rows of V for each value that is asked for. */
const STEPS = 8;
/** Of M's part in the space so far: what is new below this is rounding. */
const ROUNDING = 1e-10;

/** `count` values at most: fewer of a matrix of lower rank. */
export function strongestSvd(matrix: Vector, dIn: number, count: number): LowRankSvd {
  const dOut = matrix.length / dIn;
  const { V, images } = krylov(matrix, dIn, Math.min(dOut, dIn, STEPS * count));
  const rank = images.length;
  const none = new Float64Array();
  if (rank === 0) return { values: none, left: none, right: none };
  const B = new Float64Array(dOut * rank);
  for (const [k, image] of images.entries()) for (const [o, value] of image.entries()) B[o * rank + k] = value;
  const { values, left, right } = lowRankSvd({ A: V, B }, rank, 1);
  const kept = Math.min(count, values.length);
  return { values: values.slice(0, kept), left: left.slice(0, kept * dOut), right: right.slice(0, kept * dIn) };
}

/** V `[steps, dIn]`, and M of each of its rows. */
function krylov(matrix: Vector, dIn: number, most: number): { V: Float64Array; images: Float64Array[] } {
  const random = rng("strongest singular values");
  const rows = new Float64Array(most * dIn);
  const images: Float64Array[] = [];
  const pulledBy = (weights: Float64Array) => {
    const sum = new Float64Array(dIn);
    for (const [o, weight] of weights.entries()) addScaled(sum, weight, rowAt(matrix, dIn, o));
    return sum;
  };
  // Of M's rows, so that nothing of the space is spent on what M sends to 0.
  let next: Float64Array = pulledBy(Float64Array.from({ length: matrix.length / dIn }, () => random.normal()));
  let size = 0;
  while (images.length < most) {
    const length = norm(next);
    if (length <= ROUNDING * size) break;
    const v = next.map((value) => value / length);
    rows.set(v, images.length * dIn);
    const image = Float64Array.from({ length: matrix.length / dIn }, (_, o) => dot(rowAt(matrix, dIn, o), v));
    images.push(image);
    const pulled = pulledBy(image);
    size = Math.max(size, norm(pulled));
    const basis = { rank: images.length, width: dIn, rows };
    next = projectOff(projectOff(pulled, basis), basis);
  }
  return { V: rows.subarray(0, images.length * dIn), images };
}
