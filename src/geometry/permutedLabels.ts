import { rng } from "../core/index.ts";
import type { SignedLatent } from "./spillover.ts";

/**
 * Null 2 of spillover: which behaviour a latent belongs to is shuffled. The signed latents of all behaviours' sets are
 * laid in one row (a latent that stands in several sets, several times), shuffled, and dealt out again in sets of the
 * old sizes; a latent keeps its sign and its c_j. It asks whether the data lie nearer to *this* behaviour's latents
 * than to behaviours' latents at large. With one behaviour nothing can be shuffled, and every draw equals the observed.
 * Returns each behaviour's draws `[draws]`; draw t of all behaviours is one shuffle.
 */
export function permutedLabelNulls(
  aligned: Float64Array,
  sets: readonly (readonly SignedLatent[])[],
  { draws, seed }: { readonly draws: number; readonly seed: number | string },
): Float64Array[] {
  const random = rng(seed, "permuted labels");
  const scores = Float64Array.from(sets.flat(), ({ latent, sign }) => sign * (aligned[latent] as number));
  const out = sets.map(() => new Float64Array(draws));
  for (let t = 0; t < draws; t++) {
    shuffleInPlace(scores, random.int);
    let from = 0;
    for (const [b, { length }] of sets.entries()) {
      let sum = 0;
      for (let k = from; k < from + length; k++) sum += scores[k] as number;
      (out[b] as Float64Array)[t] = sum / length;
      from += length;
    }
  }
  return out;
}

/** Fisher and Yates; a shuffled array shuffled again is as good as a fresh one. */
function shuffleInPlace(values: Float64Array, int: (n: number) => number): void {
  for (let i = values.length - 1; i > 0; i--) {
    const j = int(i + 1);
    const swap = values[i] as number;
    values[i] = values[j] as number;
    values[j] = swap;
  }
}
