/**
 * The Llama family (Touvron et al. 2023, arXiv 2302.13971), as Hugging Face checkpoints name it: Llama 2 and 3,
 * SmolLM2, the bundled model. Pre-norm, rotary embedding, grouped-query attention, SwiGLU, no biases.
 */
import { swiglu } from "./blocks.ts";
import { configReader } from "./config.ts";
import { type DecoderStyle, decoderForward } from "./decoder.ts";
import {
  type DecoderNorms,
  decoderDimensions,
  decoderLinears,
  decoderPaths,
  decoderWeights,
  gainOf,
} from "./decoder-weights.ts";
import type { ModelDefinition } from "./definition.ts";
import { hookNames } from "./hooks.ts";
import { inverseFrequencies, parseRopeScaling, ropeTheta } from "./rope.ts";

const norms: DecoderNorms = {
  gainOffset: 0,
  beforeAttention: "input_layernorm",
  afterAttention: null,
  beforeMlp: "post_attention_layernorm",
  afterMlp: null,
  queries: null,
  keys: null,
};

export function llama(raw: Readonly<Record<string, unknown>>, model: string): ModelDefinition {
  const config = configReader(raw, model);
  config.only("hidden_act", ["silu"]);
  config.only("attention_bias", [false]);
  config.only("mlp_bias", [false]);
  const dimensions = decoderDimensions(config);
  const parameters = config.raw("rope_parameters");
  const theta = ropeTheta(parameters) ?? config.number("rope_theta", 10000);
  const scaling = parseRopeScaling(config.raw("rope_scaling") ?? parameters, model);
  const kind = { window: null, frequencies: inverseFrequencies(dimensions.dHead, theta, scaling) };
  const tied = config.boolean("tie_word_embeddings", false);
  const style: DecoderStyle = {
    dimensions,
    eps: config.number("rms_norm_eps", 1e-6),
    embeddingScale: 1,
    attentionScale: dimensions.dHead ** -0.5,
    activation: swiglu,
    norms,
    layers: Array.from({ length: dimensions.nLayers }, () => kind),
  };
  return {
    family: "llama",
    dimensions,
    maxPositions: config.number("max_position_embeddings", 2048),
    weights: decoderWeights(dimensions, norms, tied),
    linears: decoderLinears(dimensions, norms),
    hooks: hookNames(dimensions.nLayers),
    embedding: decoderPaths.embedding,
    finalNorm: gainOf(decoderPaths.finalNorm, norms),
    unembedding: tied ? decoderPaths.embedding : decoderPaths.untiedUnembedding,
    forward: (context) => decoderForward(context, style),
  };
}
