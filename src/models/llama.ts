/**
 * The Llama family (Touvron et al. 2023, arXiv 2302.13971), as Hugging Face checkpoints name it: Llama 2 and 3,
 * SmolLM2, the bundled model. Pre-norm, rotary embedding (from Llama 3.1 on with scaled frequencies), grouped-query
 * attention, SwiGLU, no biases.
 */
import { swiglu } from "./blocks.ts";
import { configReader } from "./config.ts";
import { decoderDefinition } from "./decoder-definition.ts";
import { type DecoderNorms, decoderDimensions } from "./decoder-weights.ts";
import type { ModelDefinition } from "./definition.ts";
import { inverseFrequencies, ropeOf } from "./rope.ts";

/** Llama's, and those of the families that follow it. */
export const llamaNorms: DecoderNorms = {
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
  config.only("rope_interleaved", [false]);
  const dimensions = decoderDimensions(config);
  const { theta, scaling } = ropeOf(config, 10_000);
  const kind = { window: null, frequencies: inverseFrequencies(dimensions.dHead, theta, scaling) };
  const tied = config.boolean("tie_word_embeddings", false);
  const definition = decoderDefinition({
    family: "llama",
    maxPositions: config.count("max_position_embeddings", 2048),
    tied,
    style: {
      dimensions,
      eps: config.positive("rms_norm_eps", 1e-6),
      embeddingScale: 1,
      attentionScale: dimensions.dHead ** -0.5,
      activation: swiglu,
      norms: llamaNorms,
      layers: Array.from({ length: dimensions.nLayers }, () => kind),
    },
  });
  config.finish();
  return definition;
}
