/**
 * The text models of Gemma 3 (Gemma Team 2025, arXiv 2503.19786), as Hugging Face checkpoints name them, alone or inside
 * a checkpoint that also sees pictures (whose tower is left where it lies).
 *
 * Different from Llama: norms multiply by 1 + w and stand also behind attention and MLP and on queries and keys; the
 * embedding is scaled by √dModel (in float32, as a reference run in float32 does); tanh-GELU in the gate; five layers
 * that look back over a window, with a rotation of their own, for each one that looks back over everything.
 */
import { UserError } from "../core/index.ts";
import { Mul, type Tensor } from "../tensor/index.ts";
import { geluTanh } from "./blocks.ts";
import { type ConfigReader, configReader } from "./config.ts";
import type { LayerKind } from "./decoder.ts";
import { decoderDefinition } from "./decoder-definition.ts";
import { type DecoderNorms, decoderDimensions } from "./decoder-weights.ts";
import type { CheckpointNames, Dimensions, ModelDefinition } from "./definition.ts";
import { type LayerType, layerTypes } from "./layer-types.ts";
import { inverseFrequencies, ropeFrom } from "./rope.ts";

const norms: DecoderNorms = {
  gainOffset: 1,
  beforeAttention: "input_layernorm",
  afterAttention: "post_attention_layernorm",
  beforeMlp: "pre_feedforward_layernorm",
  afterMlp: "post_feedforward_layernorm",
  queries: "q_norm",
  keys: "k_norm",
};

/** What `text_config` of the larger checkpoints leaves out is as in the 4B model. */
const usual = { nHeads: 8, nKvHeads: 4, dHead: 256, dVocab: 262_208 } as const;

export function gemma3(raw: Readonly<Record<string, unknown>>, model: string): ModelDefinition {
  const config = configReader(raw, model);
  config.only("hidden_activation", ["gelu_pytorch_tanh"]);
  config.only("hidden_act", ["gelu_pytorch_tanh"]);
  config.only("attention_bias", [false]);
  config.only("attn_logit_softcapping", [null]);
  config.only("final_logit_softcapping", [null]);
  config.only("use_bidirectional_attention", [false]);
  const dimensions = decoderDimensions(config, usual);
  const definition = decoderDefinition({
    family: "gemma3",
    maxPositions: config.count("max_position_embeddings", 131_072),
    tied: config.boolean("tie_word_embeddings", true),
    style: {
      dimensions,
      eps: config.positive("rms_norm_eps", 1e-6),
      embeddingScale: Math.sqrt(dimensions.dModel),
      attentionScale: config.positive("query_pre_attn_scalar", 256) ** -0.5,
      activation: geglu,
      norms,
      layers: layerKinds(config, dimensions),
    },
  });
  config.finish();
  return definition;
}

/** Names of the checkpoints that also see pictures: today's, and those of the first files on the hub. */
const visionNames: CheckpointNames = {
  prefixes: [
    ["model.", "model.language_model."],
    ["model.", "language_model.model."],
    ["lm_head.", "lm_head."],
    ["lm_head.", "language_model.lm_head."],
  ],
  ignored: [/(^|\.)vision_tower\./, /(^|\.)multi_modal_projector\./, /(^|\.)lm_head\.weight$/],
};

/** The text model of a checkpoint that also sees pictures: its config stands under `text_config`. */
export function gemma3Vision(raw: Readonly<Record<string, unknown>>, model: string): ModelDefinition {
  const config = configReader(raw, model);
  const text = config.raw("text_config");
  const tied = config.boolean("tie_word_embeddings", true);
  config.ignore(["vision_config", "mm_tokens_per_image", "boi_token_index", "eoi_token_index", "image_token_index"]);
  config.finish();
  if (text === null || typeof text !== "object" || Array.isArray(text)) {
    throw new UserError(`${model}: config.json text_config`, {
      expected: "the text model's config",
      got: JSON.stringify(text) ?? "nothing",
      fix: "repair config.json",
    });
  }
  const definition = gemma3({ tie_word_embeddings: tied, ...text }, model);
  return { ...definition, names: visionNames };
}

/** gelu(gate) · up, shapes `[rows, dMlp]` (Shazeer 2020, arXiv 2002.05202). */
function geglu(gate: Tensor, up: Tensor): Tensor {
  return Mul(geluTanh(gate), up);
}

function layerKinds(config: ConfigReader, { nLayers, dHead }: Dimensions): LayerKind[] {
  const full: LayerKind = { window: null, frequencies: frequencies(config, dHead, "full_attention") };
  const sliding: LayerKind = {
    window: config.count("sliding_window", 4096),
    frequencies: frequencies(config, dHead, "sliding_attention"),
  };
  // transformers 5 writes the pattern under a name of its own beside `layer_types`.
  config.ignore(["_sliding_window_pattern"]);
  const pattern = config.count("sliding_window_pattern", 6);
  const implied = (layer: number) => ((layer + 1) % pattern === 0 ? "full_attention" : "sliding_attention");
  return layerTypes(config, nLayers, implied).map((type) => (type === "full_attention" ? full : sliding));
}

/** Old configs name the two base frequencies apart and scale the full layers' only; new ones have a table per type. */
function frequencies(config: ConfigReader, dHead: number, type: LayerType): number[] {
  const perType = { key: `rope_parameters.${type}`, value: tablesPerType(config)[type] };
  const rope = ropeFrom(
    config,
    type === "full_attention"
      ? {
          tables: [{ key: "rope_scaling", value: config.raw("rope_scaling") }, perType],
          theta: { key: "rope_theta", usual: 1_000_000 },
        }
      : { tables: [perType], theta: { key: "rope_local_base_freq", usual: 10_000 } },
  );
  return inverseFrequencies(dHead, rope.theta, rope.scaling);
}

/** `rope_parameters`, which has nothing but a table per layer type: transformers gives a flat one no meaning here. */
function tablesPerType(config: ConfigReader): Readonly<Partial<Record<LayerType, unknown>>> {
  const tables = config.raw("rope_parameters") ?? {};
  const types: readonly LayerType[] = ["full_attention", "sliding_attention"];
  const isTable = typeof tables === "object" && !Array.isArray(tables);
  if (isTable && Object.keys(tables).every((key) => types.some((type) => type === key))) return tables;
  throw new UserError(`${config.model}: config.json rope_parameters`, {
    expected: `tables for ${types.join(" and ")} and nothing else`,
    got: JSON.stringify(tables).slice(0, 80),
    fix: "repair config.json",
  });
}
