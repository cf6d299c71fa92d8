/**
 * Sign-flip test of mean differences: does the mean of rows' differences x_i point along a direction d? Under the null
 * a row's difference is as likely as its negative, so cos(Σ ε_i x_i, d) is drawn with random signs ε.
 * Statistic: |cosine|, maximum over layers; the same signs in every layer, so that layers stay as dependent as they are.
 *
 * 1. Once per layer: the Gram matrix G of the rows; once per layer and direction: a_i = ⟨x_i, d / ‖d‖⟩.
 * 2. A draw: ⟨ε, a⟩ / √(εᵀ G ε). The norm is shared by all directions, so behaviours are tested together.
 */
import { rng } from "../core/index.ts";
import { gram } from "./principalDirections.ts";
import { dot, norm, rowAt, rowCount, type Vector } from "./vectors.ts";

export interface SignFlipRequest {
  /** Per layer `[rows, width]`: differences between the training row and its control. */
  readonly differences: readonly Vector[];
  readonly width: number;
  /** Per direction (a behaviour's), per layer `[width]`. */
  readonly directions: readonly (readonly Vector[])[];
  readonly draws: number;
  readonly seed: number | string;
}

export interface SignFlipResult {
  /** Index of the layer where |cosine| is largest, and the cosine there. */
  readonly layer: number;
  readonly cosine: number;
  /** Two-sided, (1 + hits) / (1 + draws). */
  readonly p: number;
}

interface Layer {
  readonly rows: number;
  readonly gram: Float64Array;
  /** Per direction `[rows]`; null where the direction has no length. */
  readonly along: readonly (Float64Array | null)[];
}

/** One result per direction; null where rows or direction have no length in every layer. */
export function signFlipTest(request: SignFlipRequest): (SignFlipResult | null)[] {
  const layers = request.differences.map((values, layer) => prepare(values, layer, request));
  const n = layers[0]?.rows ?? 0;
  if (n === 0 || layers.some(({ rows }) => rows !== n))
    throw new Error("layers need one equal, positive number of rows");
  const observed = cosines(layers, new Float64Array(n).fill(1));
  const best = observed.map(largest);
  const hits = new Array<number>(best.length).fill(0);
  const random = rng(request.seed, "sign flips");
  const signs = new Float64Array(n);
  for (let t = 0; t < request.draws; t++) {
    for (let i = 0; i < n; i++) signs[i] = random.next() < 0.5 ? -1 : 1;
    for (const [b, values] of cosines(layers, signs).entries()) {
      const drawn = Math.abs(largest(values)?.cosine ?? 0);
      if (drawn >= Math.abs(best[b]?.cosine ?? 0) - 1e-12) hits[b] = (hits[b] as number) + 1;
    }
  }
  return best.map((found, b) => found && { ...found, p: (1 + (hits[b] as number)) / (1 + request.draws) });
}

function prepare(values: Vector, layer: number, { width, directions }: SignFlipRequest): Layer {
  const rows = rowCount(values, width);
  const along = directions.map((perLayer) => {
    const direction = perLayer[layer];
    if (!direction) throw new Error(`no direction for layer ${layer}`);
    const length = norm(direction);
    if (length === 0) return null;
    return Float64Array.from({ length: rows }, (_, i) => dot(rowAt(values, width, i), direction) / length);
  });
  return { rows, gram: gram(values, width), along };
}

/** Per direction, per layer; null where something has no length. */
function cosines(layers: readonly Layer[], signs: Float64Array): (number | null)[][] {
  const norms = layers.map(({ gram: g }) => Math.sqrt(Math.max(0, quadraticForm(g, signs))));
  return (layers[0] as Layer).along.map((_, b) =>
    layers.map(({ along }, layer) => {
      const [products, length] = [along[b], norms[layer] as number];
      return products && length > 0 ? dot(products, signs) / length : null;
    }),
  );
}

/** εᵀ G ε for symmetric G and signs ε. */
function quadraticForm(g: Float64Array, signs: Float64Array): number {
  const n = signs.length;
  let [cross, trace] = [0, 0];
  for (let i = 0; i < n; i++) {
    let sum = 0;
    for (let j = 0; j < i; j++) sum += (g[i * n + j] as number) * (signs[j] as number);
    cross += sum * (signs[i] as number);
    trace += g[i * n + i] as number;
  }
  return 2 * cross + trace;
}

function largest(values: readonly (number | null)[]): { layer: number; cosine: number } | null {
  let best: { layer: number; cosine: number } | null = null;
  for (const [layer, cosine] of values.entries()) {
    if (cosine !== null && Math.abs(cosine) > Math.abs(best?.cosine ?? 0)) best = { layer, cosine };
  }
  return best;
}
