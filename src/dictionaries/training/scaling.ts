/**
 * Activations are centred and scaled to unit mean square per element before training, so that one recipe suits every
 * place; afterwards that is folded into the weights.
 */
import { normaliseRows } from "../baselines.ts";
import type { Activation, LoadedCoder } from "../coders/sparse-coder.ts";
import { type CoderPlaces, type Place, writtenBy } from "./recipe.ts";

export interface Scaling {
  /** `[width]`: μ. */
  readonly mean: Float64Array;
  /** s, so that s (h − μ) has unit mean square. */
  readonly scale: number;
  readonly width: number;
}

/** Per place, from rows `[n, Σ widths]`. */
export function scalingsOf(rows: Float32Array, places: readonly Place[]): Scaling[] {
  const total = places.reduce((sum, { width }) => sum + width, 0);
  const n = rows.length / total;
  let start = 0;
  return places.map(({ width }) => {
    const mean = new Float64Array(width);
    for (let t = 0; t < n; t++)
      for (let j = 0; j < width; j++) mean[j] = (mean[j] as number) + (rows[t * total + start + j] as number) / n;
    let squares = 0;
    for (let t = 0; t < n; t++)
      for (let j = 0; j < width; j++) squares += ((rows[t * total + start + j] as number) - (mean[j] as number)) ** 2;
    start += width;
    return { mean, width, scale: squares > 0 ? Math.sqrt((n * width) / squares) : 1 };
  });
}

export function scaledRows(rows: Float32Array, scalings: readonly Scaling[]): Float32Array {
  const total = scalings.reduce((sum, { width }) => sum + width, 0);
  const out = new Float32Array(rows.length);
  for (let t = 0; t < rows.length / total; t++) {
    let at = t * total;
    for (const { mean, scale, width } of scalings)
      for (let j = 0; j < width; j++, at++) out[at] = ((rows[at] as number) - (mean[j] as number)) * scale;
  }
  return out;
}

export interface TrainedValues {
  readonly value: (name: string) => Float32Array;
  /** Per group: θ in the scaled units, or null for `topk`. */
  readonly thresholds: readonly (Float32Array | null)[];
  readonly nLatents: number;
  readonly k: number;
}

/**
 * What was learned on s (h − μ), for h itself. With f̃ in scaled units and f = f̃/c:
 * E' = E s_x/c, e' = (e − E s_x μ_x)/c (an autoencoder's centre stays in its bias instead), θ' = θ/c, D' = D c/s_y,
 * b' = b/s_y + μ_y, S' = S s_x/s_y with b' −= S' μ_x. c = s_y where a latent writes one place, so that its row keeps unit
 * length; a cross-layer one's rows are scaled to unit length over all that they write.
 */
export function unscaledCoder(
  places: CoderPlaces,
  scalings: { readonly inputs: readonly Scaling[]; readonly outputs: readonly Scaling[] },
  { value, thresholds, nLatents, k }: TrainedValues,
  modelName: string | null,
): LoadedCoder {
  const { kind, inputs, outputs } = places;
  const outs = outputs.map(({ hook, width }, o) => {
    const { mean, scale } = scalings.outputs[o] as Scaling;
    const bias = value(`bias.${o}`).map((b, j) => b / scale + (mean[j] as number));
    if (kind !== "skip_transcoder") return { hook, dOut: width, bias, skip: null };
    const { mean: centre, scale: read } = scalings.inputs[o] as Scaling;
    const skip = value(`skip.${o}`).map((s) => (s * read) / scale);
    const moved = productWith(skip, centre);
    return { hook, dOut: width, bias: bias.map((b, j) => b - (moved[j] as number)), skip };
  });
  const groups = inputs.map(({ hook, width }, g) => {
    const [first, written] = writtenBy(places, g);
    const { mean, scale } = scalings.inputs[g] as Scaling;
    const decoder = decoderOf(value(`decoder.${g}`), nLatents, scalings.outputs.slice(first, first + written));
    // Lengths of the rows are the c of each latent.
    const lengths = normaliseRows(decoder, decoder.length / nLatents);
    const encoder = value(`encoder.${g}`).map((e, i) => e * scale * (lengths[Math.floor(i / width)] as number));
    const centre = kind === "sae" ? new Float32Array(nLatents) : productWith(encoder, mean);
    const bias = value(`encoderBias.${g}`).map((e, i) => e * (lengths[i] as number) - (centre[i] as number));
    const threshold = thresholds[g]?.map((t, i) => t * (lengths[i] as number));
    const activation: Activation<Float32Array> = threshold
      ? { type: "jumprelu", threshold }
      : { type: "topk", k, byNorm: false };
    return {
      hooks: [hook],
      dIn: width,
      nLatents,
      inputNorm: "none" as const,
      inputBias: kind === "sae" ? (outs[g]?.bias ?? null) : null,
      encoder,
      encoderBias: bias,
      activation,
      decoder,
      firstOutput: first,
      written,
    };
  });
  return { kind, modelName, groups, outputs: outs };
}

/** D/s_y: each slot in units of its output. */
function decoderOf(learned: Float32Array, nLatents: number, scalings: readonly Scaling[]): Float32Array {
  const width = learned.length / nLatents;
  const scales = scalings.flatMap(({ width: of, scale }) => Array.from({ length: of }, () => scale));
  return learned.map((d, i) => d / (scales[i % width] as number));
}

/** M v for `M [rows, v.length]`. */
function productWith(matrix: Float32Array, v: Float64Array): Float32Array {
  const rows = matrix.length / v.length;
  return Float32Array.from({ length: rows }, (_, i) => {
    let sum = 0;
    for (let j = 0; j < v.length; j++) sum += (matrix[i * v.length + j] as number) * (v[j] as number);
    return sum;
  });
}
