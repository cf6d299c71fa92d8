/** Latents that write in similar directions: neighbours that a description of one should be read beside. */
import { decoderNorms } from "../coders/encode.ts";
import type { LatentGroup } from "../coders/sparse-coder.ts";

export interface Neighbour {
  readonly latent: number;
  /** Of what the two write, over all places that the group writes. */
  readonly cosine: number;
}

/** Of each of `latents`, the `count` others with the largest cosine, largest first. */
export function nearestLatents(
  group: Pick<LatentGroup<Float32Array>, "decoder" | "nLatents">,
  latents: readonly number[],
  count: number,
): Neighbour[][] {
  const norms = decoderNorms(group);
  return latents.map((latent) => {
    let best: Neighbour[] = [];
    for (let other = 0; other < group.nLatents; other++) {
      if (other === latent) continue;
      const scale = (norms[latent] as number) * (norms[other] as number);
      const cosine = scale > 0 ? rowProduct(group, latent, other) / scale : 0;
      if (best.length === count && cosine <= (best.at(-1)?.cosine ?? 0)) continue;
      best = [...best, { latent: other, cosine }].sort((a, b) => b.cosine - a.cosine).slice(0, count);
    }
    return best;
  });
}

function rowProduct(
  { decoder, nLatents }: Pick<LatentGroup<Float32Array>, "decoder" | "nLatents">,
  a: number,
  b: number,
): number {
  const width = decoder.length / nLatents;
  let sum = 0;
  for (let j = 0; j < width; j++) sum += (decoder[a * width + j] as number) * (decoder[b * width + j] as number);
  return sum;
}
