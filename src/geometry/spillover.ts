/**
 * How close the features that data amplify lie to a behaviour's (SCIENCE: S_b = Σ_i ŵ_i · mean_{j∈T_b} s_j cos(d_i, d_j)).
 * With u_i = d_i / ‖d_i‖ and m_b = mean_{j∈T_b} s_j u_j it is ⟨Σ_i ŵ_i u_i, m_b⟩: two sums of rows and one product.
 */
import { addScaled, dot, norm, rowAt, rowCount, type Vector } from "./vectors.ts";

/** One latent of a behaviour's set T_b: sign 1 where it promotes the behaviour. */
export interface SignedLatent {
  readonly latent: number;
  readonly sign: 1 | -1;
}

/** Decoder directions: `decoder` is `[nLatents, width]`; rows need not have unit norm. */
export interface Directions {
  readonly decoder: Vector;
  readonly width: number;
}

export interface SpilloverScore {
  /** direct + adjacent. */
  readonly total: number;
  /** Over data latents in T_b, a latent with itself included. */
  readonly direct: number;
  /** Over data latents outside T_b. */
  readonly adjacent: number;
  /** Share of Σ|ŵ| on the latents of T_b. */
  readonly sharedWeight: number;
}

/** `weights` `[nLatents]`, signed, of any scale. Null where no weight is anywhere or T_b is empty. */
export function spillover(
  directions: Directions,
  weights: Vector,
  set: readonly SignedLatent[],
): SpilloverScore | null {
  const shares = normalised(weights);
  if (shares === null || set.length === 0) return null;
  const own = new Set(set.map(({ latent }) => latent));
  const meanDirection = setDirection(directions, set);
  let [direct, adjacent, sharedWeight] = [0, 0, 0];
  for (let i = 0; i < shares.length; i++) {
    const share = shares[i] as number;
    if (share === 0) continue;
    const part = share * unitProduct(rowAt(directions.decoder, directions.width, i), meanDirection);
    if (own.has(i)) {
      direct += part;
      sharedWeight += Math.abs(share);
    } else adjacent += part;
  }
  return { total: direct + adjacent, direct, adjacent, sharedWeight };
}

/** `weights` over their absolute sum; null where all are zero. */
export function normalised(weights: Vector): Float64Array | null {
  let sum = 0;
  for (const weight of weights) sum += Math.abs(weight);
  return sum === 0 ? null : Float64Array.from(weights, (weight) => weight / sum);
}

/** m_b = mean_{j∈T_b} s_j d_j / ‖d_j‖. */
export function setDirection({ decoder, width }: Directions, set: readonly SignedLatent[]): Float64Array {
  const mean = new Float64Array(width);
  for (const { latent, sign } of set) addUnit(mean, sign / set.length, rowAt(decoder, width, latent));
  return mean;
}

/** Σ_i ŵ_i d_i / ‖d_i‖; null where all weights are zero. */
export function weightedDirection({ decoder, width }: Directions, weights: Vector): Float64Array | null {
  const shares = normalised(weights);
  if (shares === null) return null;
  if (shares.length !== rowCount(decoder, width)) throw new Error(`${shares.length} weights for other latents`);
  const sum = new Float64Array(width);
  for (let i = 0; i < shares.length; i++) {
    const share = shares[i] as number;
    if (share !== 0) addUnit(sum, share, rowAt(decoder, width, i));
  }
  return sum;
}

/** c_j = ⟨direction, d_j / ‖d_j‖⟩ for every latent: S_b is then the mean of s_j c_j over T_b, and so is every null's. */
export function alignments({ decoder, width }: Directions, direction: Vector): Float64Array {
  return Float64Array.from({ length: rowCount(decoder, width) }, (_, j) =>
    unitProduct(rowAt(decoder, width, j), direction),
  );
}

/** ⟨e_j, d_i⟩: how much latent j reads of what latent i writes. `encoder` is `[nLatents, width]`. */
export function interference(encoder: Vector, { decoder, width }: Directions, j: number, i: number): number {
  return dot(rowAt(encoder, width, j), rowAt(decoder, width, i));
}

function addUnit(target: Float64Array, scale: number, row: Vector): void {
  const length = norm(row);
  if (length > 0) addScaled(target, scale / length, row);
}

function unitProduct(row: Vector, vector: Vector): number {
  const length = norm(row);
  return length === 0 ? 0 : dot(row, vector) / length;
}
