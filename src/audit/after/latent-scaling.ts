/**
 * Latent scaling (after Minder et al. 2025, arXiv 2504.02922): how strongly is a latent there in base and tuned, measured
 * on the activations themselves, where a latent's own activation may have sunk below the TopK?
 *
 * 1. y_m = h_m − Σ_{l≠i} f_l d_l − b for m = base, tuned: what latent i has to explain there; f_l are m's own. It is the
 *    sum of m's error ε_m = h_m − Σ_l f_l d_l − b and of i's own part of the rebuilding, f_i d_i.
 * 2. β(y) = d_iᵀ Σ_t f_i y / (Σ_t f_i² ‖d_i‖²) with f_i of the *base*: the factor on the base's latent that explains y best.
 * 3. ν = β(y_base) / β(y_tuned): 1 = as much there in both, above 1 = weaker in the tuned model, below 1 = stronger.
 *    The same of the errors alone, β(ε_base)/β(ε_tuned).
 *
 * Different from the paper, whose crosscoder has one f for both models and two decoders: here the dictionary is the
 * base's, so the decoder is one and each model has its own f_l; a neighbour that grew is then not counted as latent i.
 * Only tokens where the base has the latent active carry weight; the sums over tokens are a monoid.
 */
import { must } from "../../core/index.ts";
import type { Dictionary } from "../../dictionaries/index.ts";
import type { AskOptions, LanguageModel, ReadSequence } from "../../engine/index.ts";
import type { LatentCard } from "../../records/index.ts";
import { type EncodedRows, eachEncoded, type Reader, withoutBos } from "./reading.ts";

export type Scaling = NonNullable<LatentCard["scaling"]>;

export interface LatentScalingRequest extends Reader {
  readonly base: LanguageModel;
  readonly tuned: LanguageModel;
  readonly latents: readonly number[];
  readonly sequences: readonly ReadSequence[];
  readonly options?: AskOptions;
}

/** One per latent; null where the base never has it active. */
export async function latentScaling(request: LatentScalingRequest): Promise<(Scaling | null)[]> {
  const { base, tuned, dictionary, latents, options } = request;
  const sums = scalingSums(latents.length);
  const add = scalingAdder(sums, dictionary, latents);
  await eachEncoded(
    [base, tuned],
    request,
    withoutBos(base, request.sequences),
    (_, [before, after]) => add(must(before, "base"), must(after, "tuned")),
    options,
  );
  return scalingsOf(sums, dictionary, latents);
}

/** One entry per latent asked for; sums over tokens. */
export interface ScalingSums {
  /** Σ f_i², f of the base here and below */
  readonly square: Float64Array;
  /** Σ f_i · f_i of the tuned model */
  readonly product: Float64Array;
  /** Σ f_i ⟨d_i, ε⟩ */
  readonly baseError: Float64Array;
  readonly tunedError: Float64Array;
}

export function scalingSums(latents: number): ScalingSums {
  const zeros = () => new Float64Array(latents);
  return { square: zeros(), product: zeros(), baseError: zeros(), tunedError: zeros() };
}

export function mergeScalingSums(a: ScalingSums, b: ScalingSums): ScalingSums {
  const sum = (x: Float64Array, y: Float64Array) => x.map((value, i) => value + must(y[i], "latent"));
  return {
    square: sum(a.square, b.square),
    product: sum(a.product, b.product),
    baseError: sum(a.baseError, b.baseError),
    tunedError: sum(a.tunedError, b.tunedError),
  };
}

/** A function that adds the same tokens as both models show them. */
export function scalingAdder(
  sums: ScalingSums,
  dictionary: Dictionary,
  latents: readonly number[],
): (base: EncodedRows, tuned: EncodedRows) => void {
  const wanted = new Map(latents.map((latent, i) => [latent, i]));
  const add = (
    i: number,
    values: { readonly f: number; readonly tuned: number; readonly errors: [number, number] },
  ) => {
    const { square, product, baseError, tunedError } = sums;
    square[i] = (square[i] as number) + values.f * values.f;
    product[i] = (product[i] as number) + values.f * values.tuned;
    baseError[i] = (baseError[i] as number) + values.f * values.errors[0];
    tunedError[i] = (tunedError[i] as number) + values.f * values.errors[1];
  };
  return (base, tuned) => {
    for (let t = 0; t < base.active.tokens; t++) {
      const here = activeAt(base, t).filter(([latent]) => wanted.has(latent));
      if (here.length === 0) continue;
      const [before, after] = [errorAt(dictionary, base, t), errorAt(dictionary, tuned, t)];
      const inTuned = new Map(activeAt(tuned, t));
      for (const [latent, f] of here) {
        const errors: [number, number] = [along(dictionary, latent, before), along(dictionary, latent, after)];
        add(must(wanted.get(latent), "latent"), { f, tuned: inTuned.get(latent) ?? 0, errors });
      }
    }
  };
}

/** `[latent, value]` of the active latents of token t. */
function activeAt({ active: { latents, values, k } }: EncodedRows, t: number): [number, number][] {
  const found: [number, number][] = [];
  for (let slot = t * k; slot < (t + 1) * k; slot++) {
    const latent = latents[slot] as number;
    if (latent >= 0) found.push([latent, values[slot] as number]);
  }
  return found;
}

/** ε of token t, `[dModel]`. */
function errorAt({ dModel, decoder, decoderBias }: Dictionary, seen: EncodedRows, t: number): Float64Array {
  const error = Float64Array.from(decoderBias, (bias, j) => (seen.rows[t * dModel + j] as number) - bias);
  for (const [latent, value] of activeAt(seen, t)) {
    for (let j = 0; j < dModel; j++) error[j] = (error[j] as number) - value * (decoder[latent * dModel + j] as number);
  }
  return error;
}

function along({ dModel, decoder }: Dictionary, latent: number, vector: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < dModel; j++) sum += (decoder[latent * dModel + j] as number) * (vector[j] as number);
  return sum;
}

export function scalingsOf(sums: ScalingSums, dictionary: Dictionary, latents: readonly number[]): (Scaling | null)[] {
  return latents.map((latent, i) => {
    const square = must(sums.square[i], "latent");
    if (square === 0) return null;
    const { dModel, decoder } = dictionary;
    const length = decoder.subarray(latent * dModel, (latent + 1) * dModel).reduce((sum, d) => sum + d * d, 0);
    const ofError = (error: Float64Array) => must(error[i], "latent") / (square * length);
    const [baseError, tunedError] = [ofError(sums.baseError), ofError(sums.tunedError)];
    const [base, tuned] = [1 + baseError, must(sums.product[i], "latent") / square + tunedError];
    return { base, tuned, ratio: ratio(base, tuned), errorRatio: ratio(baseError, tunedError) };
  });
}

/** Null where the tuned model has nothing of the latent: no number says how much weaker that is. */
function ratio(base: number, tuned: number): number | null {
  return tuned === 0 ? null : base / tuned;
}
