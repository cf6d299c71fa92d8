/**
 * What can be the source of an edge, by the place where it enters the residual stream: a layer's MLP (its features and its
 * error at each position) or the embedding (tokens). The sources of a position are padded to the fullest one.
 */
import { must } from "../core/index.ts";
import type { LocalReplacement } from "./replacement.ts";

/** In place of a layer: where tokens enter. */
export const EMBEDDING = -1;

/** Whose vectors stand at one place, `[seq, width]` (−1: nobody's). */
export interface SourcePlace {
  readonly owner: Int32Array;
  readonly width: number;
}

/** The vectors at one position: `scale × vector [dModel]`. */
interface Standing {
  readonly owner: number;
  readonly vector: Float32Array;
  readonly scale: number;
}

export function sourcePlace(
  { ids, features, writes, errors, tokens, transcoders }: LocalReplacement,
  layer: number,
): SourcePlace & { readonly here: readonly (readonly Standing[])[] } {
  const seq = ids.length;
  const { dModel, layers } = transcoders;
  const isEmbedding = layer === EMBEDDING;
  // Behind the features: errors layer by layer, then tokens.
  const first = features.length + (isEmbedding ? layers.length : layer) * seq;
  const rows = isEmbedding ? tokens : must(errors[layer], "errors");
  const here: Standing[][] = Array.from({ length: seq }, (_, t) => [
    { owner: first + t, vector: rows.subarray(t * dModel, (t + 1) * dModel), scale: 1 },
  ]);
  for (const { feature, layer: written, decoder } of isEmbedding ? [] : writes) {
    if (written !== layer) continue;
    const { position, activation } = must(features[feature], "feature");
    must(here[position], "position").push({ owner: feature, vector: decoder, scale: activation });
  }
  const width = here.reduce((most, each) => Math.max(most, each.length), 0);
  const owner = new Int32Array(seq * width).fill(-1);
  for (const [t, each] of here.entries()) for (const [j, source] of each.entries()) owner[t * width + j] = source.owner;
  return { owner, width, here };
}

/** `[seq, dModel, width]` */
export function sourceVectors({ here, width }: ReturnType<typeof sourcePlace>, dModel: number): Float32Array {
  const data = new Float32Array(here.length * dModel * width);
  for (const [t, each] of here.entries())
    for (const [j, { vector, scale }] of each.entries())
      for (let i = 0; i < dModel; i++) data[(t * dModel + i) * width + j] = scale * (vector[i] as number);
  return data;
}

/** `edges [positions, batch, width]` of the first positions. */
export function addEdges(rows: readonly Float32Array[], edges: Float32Array, { owner, width }: SourcePlace): void {
  const seq = edges.length / (rows.length * width);
  for (let t = 0; t < seq; t++) {
    for (const [b, row] of rows.entries()) {
      const at = (t * rows.length + b) * width;
      for (let j = 0; j < width; j++) {
        const source = owner[t * width + j] as number;
        if (source >= 0) row[source] = (row[source] as number) + (edges[at + j] as number);
      }
    }
  }
}
