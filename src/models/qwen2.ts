/**
 * Qwen2 and Qwen2.5 (Qwen Team 2024, arXiv 2412.15115), as Hugging Face checkpoints name them: Llama with biases on
 * queries, keys and values. Some configs let the layers from `max_window_layers` on look back over a window.
 */
import { swiglu } from "./blocks.ts";
import { type ConfigReader, configReader } from "./config.ts";
import type { LayerKind } from "./decoder.ts";
import { decoderDefinition } from "./decoder-definition.ts";
import { decoderDimensions } from "./decoder-weights.ts";
import type { Dimensions, ModelDefinition } from "./definition.ts";
import { layerTypes } from "./layer-types.ts";
import { llamaNorms } from "./llama.ts";
import { inverseFrequencies, ropeOf } from "./rope.ts";

export function qwen2(raw: Readonly<Record<string, unknown>>, model: string): ModelDefinition {
  const config = configReader(raw, model);
  config.only("hidden_act", ["silu"]);
  config.only("attention_bias", [false]);
  config.only("use_mrope", [false]);
  const dimensions = decoderDimensions(config);
  const definition = decoderDefinition({
    family: "qwen2",
    maxPositions: config.count("max_position_embeddings", 32_768),
    tied: config.boolean("tie_word_embeddings", false),
    biased: ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"],
    style: {
      dimensions,
      eps: config.positive("rms_norm_eps", 1e-6),
      embeddingScale: 1,
      attentionScale: dimensions.dHead ** -0.5,
      activation: swiglu,
      norms: llamaNorms,
      layers: qwenLayers(config, dimensions),
    },
  });
  config.finish();
  return definition;
}

/** `use_sliding_window` false (the usual case) makes all windows and layer types void. */
export function qwenLayers(config: ConfigReader, { nLayers, dHead }: Dimensions): LayerKind[] {
  const { theta, scaling } = ropeOf(config, 10_000);
  const frequencies = inverseFrequencies(dHead, theta, scaling);
  const full: LayerKind = { window: null, frequencies };
  config.ignore(["sliding_window", "max_window_layers"]);
  if (!config.boolean("use_sliding_window", false)) {
    config.ignore(["layer_types"]);
    return Array.from({ length: nLayers }, () => full);
  }
  const sliding: LayerKind = { window: config.count("sliding_window", 4096), frequencies };
  const firstSliding = config.number("max_window_layers", 28);
  const implied = (layer: number) => (layer >= firstSliding ? "sliding_attention" : "full_attention");
  return layerTypes(config, nLayers, implied).map((type) => (type === "full_attention" ? full : sliding));
}
