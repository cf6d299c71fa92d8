/**
 * Null 3 of spillover: T_b replaced by as many random unit directions.
 *
 * *Isotropic*: ⟨v, r⟩ = ‖v‖ t, and t = g / √(g² + χ²_{width−1}), so that a draw needs two numbers and not `width`;
 * (1 + t) / 2 is Beta((width−1)/2, (width−1)/2).
 * *With the dictionary's covariance*: r ∝ Σ_i g_i d_i / ‖d_i‖ with normal g has the second moments of the decoder;
 * real decoders are anisotropic. A pool of such directions is drawn once and sets are drawn from it with replacement.
 */
import { type Rng, rng } from "../core/index.ts";
import type { Directions } from "./spillover.ts";
import { symmetricEigen } from "./symmetricEigen.ts";
import { addScaled, dot, norm, rowAt, rowCount, type Vector } from "./vectors.ts";

interface DirectionDraws {
  /** |T_b|: how many directions a draw takes the mean over. */
  readonly size: number;
  readonly draws: number;
  readonly seed: number | string;
}

/** Mean of ⟨v, r⟩ over `size` isotropic unit directions, `draws` times. */
export function isotropicNull(v: Vector, options: DirectionDraws): Float64Array {
  const length = norm(v);
  return isotropicMeans(v.length, options).map((mean) => length * mean);
}

/** The same for a unit v: it depends on no v, so that one lot of draws serves all of one width and size. */
export function isotropicMeans(width: number, { size, draws, seed }: DirectionDraws): Float64Array {
  const random = rng(seed, "isotropic directions");
  return Float64Array.from({ length: draws }, () => {
    let sum = 0;
    for (let k = 0; k < size; k++) sum += isotropicCosine(width, random);
    return sum / size;
  });
}

/** Cosine of a fixed direction with an isotropic one in `width` ≥ 2 dimensions. */
export function isotropicCosine(width: number, random: Rng): number {
  const g = random.normal();
  return g / Math.sqrt(g * g + 2 * gamma((width - 1) / 2, random));
}

/** Gamma(shape, 1): Marsaglia and Tsang (2000); below 1 by the boost U^(1/shape). */
function gamma(shape: number, random: Rng): number {
  if (shape < 1) return gamma(shape + 1, random) * (1 - random.next()) ** (1 / shape);
  const d = shape - 1 / 3;
  for (;;) {
    const x = random.normal();
    const v = (1 + x / Math.sqrt(9 * d)) ** 3;
    if (v > 0 && Math.log(1 - random.next()) < (x * x) / 2 + d - d * v + d * Math.log(v)) return d * v;
  }
}

/** The same with directions that have the second moments of the decoder's. */
export function anisotropicNull(
  v: Vector,
  directions: Directions,
  { size, draws, seed }: DirectionDraws,
): Float64Array {
  const random = rng(seed, "directions with the dictionary's covariance");
  const pool = anisotropicProducts(v, directions, random);
  return Float64Array.from({ length: draws }, () => {
    let sum = 0;
    for (let k = 0; k < size; k++) sum += pool[random.int(POOL)] as number;
    return sum / size;
  });
}

const POOL = 10_000;

/** ⟨v, r⟩ of `POOL` directions r ∝ Σ_k √λ_k g_k q_k, computed in the principal axes q_k. */
function anisotropicProducts(v: Vector, directions: Directions, random: Rng): Float64Array {
  const { width } = directions;
  const { values, vectors } = symmetricEigen(secondMoments(directions), width);
  const scales = values.map((value) => Math.sqrt(Math.max(0, value)));
  const along = scales.map((_, k) => dot(rowAt(vectors, width, k), v));
  const axes = new Float64Array(width);
  return new Float64Array(POOL).map(() => {
    for (let k = 0; k < width; k++) axes[k] = (scales[k] as number) * random.normal();
    return dot(axes, along) / norm(axes);
  });
}

function secondMoments({ decoder, width }: Directions): Float64Array {
  const out = new Float64Array(width * width);
  for (let r = 0; r < rowCount(decoder, width); r++) {
    const row = rowAt(decoder, width, r);
    const square = dot(row, row);
    if (square === 0) continue;
    for (let i = 0; i < width; i++) {
      addScaled(out.subarray(i * width, (i + 1) * width), (row[i] as number) / square, row);
    }
  }
  return out;
}

/** `count` isotropic unit directions `[count, width]`. */
export function isotropicDirections(count: number, width: number, random: Rng): Float64Array {
  const out = Float64Array.from({ length: count * width }, () => random.normal());
  for (let r = 0; r < count; r++) {
    const row = out.subarray(r * width, (r + 1) * width);
    const length = norm(row);
    for (let i = 0; i < width; i++) row[i] = (row[i] as number) / length;
  }
  return out;
}

/** Spread of the cosines between two lots of `count` isotropic directions, and the largest: closeness that means nothing. */
export function isotropicCosines(
  count: number,
  width: number,
  seed: number | string,
): { readonly deviation: number; readonly maximum: number } {
  const random = rng(seed, "isotropic cosines", width);
  const [a, b] = [isotropicDirections(count, width, random), isotropicDirections(count, width, random)];
  let [square, maximum] = [0, -1];
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < count; j++) {
      const cos = dot(rowAt(a, width, i), rowAt(b, width, j));
      square += cos * cos;
      maximum = Math.max(maximum, cos);
    }
  }
  return { deviation: Math.sqrt(square / count ** 2), maximum };
}
