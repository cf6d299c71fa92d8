/**
 * Llama 3's scaled rotation in a GGUF file: the converter stores only what came of it, one divisor per frequency
 * (`rope_freqs.weight`). transformers wants the parameters, so those of the published models are tried, and taken only
 * where they give the stored table.
 */

/** The values that all published Llama 3.1 and 3.2 models share; the factor is 8 or 32. */
const published = { low_freq_factor: 1, high_freq_factor: 4, original_max_position_embeddings: 8192 } as const;

export interface Llama3Scaling {
  readonly rope_type: "llama3";
  readonly factor: number;
  readonly low_freq_factor: number;
  readonly high_freq_factor: number;
  readonly original_max_position_embeddings: number;
}

/** `factors [dHead / 2]`, base frequency `theta`. Null where no published parameters give them. */
export function llama3Scaling(factors: Float32Array, theta: number): Llama3Scaling | null {
  const factor = factors.reduce((largest, value) => Math.max(largest, value), 1);
  const scaling: Llama3Scaling = { rope_type: "llama3", factor, ...published };
  const same = factors.every((stored, i) => {
    const wavelength = 2 * Math.PI * theta ** (i / factors.length);
    return Math.abs(divisor(wavelength, scaling) / stored - 1) < 1e-5;
  });
  return same ? scaling : null;
}

function divisor(wavelength: number, scaling: Llama3Scaling): number {
  const { factor, low_freq_factor: low, high_freq_factor: high, original_max_position_embeddings: original } = scaling;
  if (wavelength < original / high) return 1;
  if (wavelength > original / low) return factor;
  const smooth = (original / wavelength - low) / (high - low);
  return 1 / ((1 - smooth) / factor + smooth);
}
