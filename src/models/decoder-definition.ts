import { type DecoderStyle, decoderForward } from "./decoder.ts";
import {
  type DecoderLinear,
  decoderLinears,
  decoderNames,
  decoderPaths,
  decoderWeights,
  gainOf,
} from "./decoder-weights.ts";
import type { ModelDefinition } from "./definition.ts";
import { hookNames, postNormHooks } from "./hooks.ts";

export interface DecoderFamily {
  readonly family: string;
  readonly style: DecoderStyle;
  readonly maxPositions: number;
  /** Does the embedding also make the logits? */
  readonly tied: boolean;
  /** Linear layers with a bias; none where left out. */
  readonly biased?: readonly DecoderLinear[];
}

/** The definition of a model whose forward pass is `decoderForward`. */
export function decoderDefinition(given: DecoderFamily): ModelDefinition {
  const { family, style, maxPositions, tied, biased = [] } = given;
  const { dimensions, norms } = style;
  const parts = { norms, biased };
  return {
    family,
    dimensions,
    maxPositions,
    learnedPositions: false,
    weights: decoderWeights(dimensions, parts, tied),
    linears: decoderLinears(dimensions, parts),
    names: decoderNames(tied),
    hooks: hookNames(dimensions.nLayers, norms.afterMlp === null ? postNormHooks : []),
    embedding: decoderPaths.embedding,
    finalNorm: gainOf(decoderPaths.finalNorm, norms),
    unembedding: tied ? decoderPaths.embedding : decoderPaths.untiedUnembedding,
    forward: (context) => decoderForward(context, style),
  };
}
