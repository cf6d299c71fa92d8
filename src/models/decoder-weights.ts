/** Names and shapes of a decoder's weights as Hugging Face checkpoints have them. */
import type { ConfigReader } from "./config.ts";
import type { Dimensions, GainSpec, LinearSpec, WeightSpec } from "./definition.ts";

/** A block's norms by the last part of their path; null where the family has none. */
export interface DecoderNorms {
  /** Norms multiply by `gainOffset` + w. */
  readonly gainOffset: 0 | 1;
  readonly beforeAttention: string;
  readonly afterAttention: string | null;
  readonly beforeMlp: string;
  readonly afterMlp: string | null;
  /** Over dHead of queries and keys, before they are rotated. */
  readonly queries: string | null;
  readonly keys: string | null;
}

export const decoderPaths = {
  embedding: "model.embed_tokens.weight",
  finalNorm: "model.norm.weight",
  untiedUnembedding: "lm_head.weight",
  layer: (layer: number) => `model.layers.${layer}`,
} as const;

export function decoderDimensions(config: ConfigReader, dHead?: number): Dimensions {
  const nHeads = config.number("num_attention_heads");
  const dModel = config.number("hidden_size");
  return {
    dModel,
    nLayers: config.number("num_hidden_layers"),
    nHeads,
    nKvHeads: config.number("num_key_value_heads", nHeads),
    dHead: config.number("head_dim", dHead ?? dModel / nHeads),
    dMlp: config.number("intermediate_size"),
    dVocab: config.number("vocab_size"),
  };
}

/** The seven linear layers of each block, in the order of a forward pass. */
export function decoderLinears(
  { nLayers, dModel, nHeads, nKvHeads, dHead, dMlp }: Dimensions,
  norms: DecoderNorms,
): LinearSpec[] {
  const perBlock: readonly (readonly [string, number, number, LinearSpec["stream"]["side"], string | null])[] = [
    ["self_attn.q_proj", dModel, nHeads * dHead, "reads", norms.beforeAttention],
    ["self_attn.k_proj", dModel, nKvHeads * dHead, "reads", norms.beforeAttention],
    ["self_attn.v_proj", dModel, nKvHeads * dHead, "reads", norms.beforeAttention],
    ["self_attn.o_proj", nHeads * dHead, dModel, "writes", norms.afterAttention],
    ["mlp.gate_proj", dModel, dMlp, "reads", norms.beforeMlp],
    ["mlp.up_proj", dModel, dMlp, "reads", norms.beforeMlp],
    ["mlp.down_proj", dMlp, dModel, "writes", norms.afterMlp],
  ];
  return eachLayer(nLayers, (layer) => {
    const path = decoderPaths.layer(layer);
    const gain = (norm: string | null) => (norm === null ? null : gainOf(`${path}.${norm}.weight`, norms));
    return perBlock.map(([name, dIn, dOut, side, norm]) => ({
      module: `${path}.${name}`,
      dIn,
      dOut,
      layer,
      stream: { side, gain: gain(norm) },
    }));
  });
}

export function gainOf(weight: string, { gainOffset }: DecoderNorms): GainSpec {
  return { weight, offset: gainOffset };
}

/** All weights; `tied`: the embedding also makes the logits. */
export function decoderWeights(dimensions: Dimensions, norms: DecoderNorms, tied: boolean): WeightSpec[] {
  const { dModel, dVocab, dHead, nLayers } = dimensions;
  const ofResid = [norms.beforeAttention, norms.afterAttention, norms.beforeMlp, norms.afterMlp];
  const ofHeads = [norms.queries, norms.keys].map((norm) => norm && `self_attn.${norm}`);
  const normsOf = (layer: number, names: readonly (string | null)[], width: number): WeightSpec[] =>
    names
      .filter((name) => name !== null)
      .map((name) => ({ name: `${decoderPaths.layer(layer)}.${name}.weight`, shape: [width] }));
  return [
    { name: decoderPaths.embedding, shape: [dVocab, dModel] },
    ...decoderLinears(dimensions, norms).map(({ module, dIn, dOut }) => ({
      name: `${module}.weight`,
      shape: [dOut, dIn],
    })),
    ...eachLayer(nLayers, (layer) => [...normsOf(layer, ofResid, dModel), ...normsOf(layer, ofHeads, dHead)]),
    { name: decoderPaths.finalNorm, shape: [dModel] },
    ...(tied ? [] : [{ name: decoderPaths.untiedUnembedding, shape: [dVocab, dModel] }]),
  ];
}

function eachLayer<T>(nLayers: number, make: (layer: number) => readonly T[]): T[] {
  return Array.from({ length: nLayers }, (_, layer) => make(layer)).flat();
}
