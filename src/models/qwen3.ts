/**
 * The dense models of Qwen3 (Qwen Team 2025, arXiv 2505.09388), as Hugging Face checkpoints name them: Llama with a norm
 * on each head's queries and keys before they are rotated, and heads whose size is not dModel / nHeads.
 */
import { swiglu } from "./blocks.ts";
import { configReader } from "./config.ts";
import { decoderDefinition } from "./decoder-definition.ts";
import { decoderDimensions } from "./decoder-weights.ts";
import type { ModelDefinition } from "./definition.ts";
import { llamaNorms } from "./llama.ts";
import { qwenLayers } from "./qwen2.ts";

export function qwen3(raw: Readonly<Record<string, unknown>>, model: string): ModelDefinition {
  const config = configReader(raw, model);
  config.only("hidden_act", ["silu"]);
  config.only("attention_bias", [false]);
  const dimensions = decoderDimensions(config, { dHead: 128 });
  const definition = decoderDefinition({
    family: "qwen3",
    maxPositions: config.count("max_position_embeddings", 32_768),
    tied: config.boolean("tie_word_embeddings", false),
    style: {
      dimensions,
      eps: config.positive("rms_norm_eps", 1e-6),
      embeddingScale: 1,
      attentionScale: dimensions.dHead ** -0.5,
      activation: swiglu,
      norms: { ...llamaNorms, queries: "q_norm", keys: "k_norm" },
      layers: qwenLayers(config, dimensions),
    },
  });
  config.finish();
  return definition;
}
