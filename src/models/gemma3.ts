/**
 * The text models of Gemma 3 (Gemma Team 2025, arXiv 2503.19786), as Hugging Face checkpoints name them.
 *
 * Different from Llama: norms multiply by 1 + w and stand also behind attention and MLP and on queries and keys; the
 * embedding is scaled by √dModel (in float32, as a reference run in float32 does); tanh-GELU in the gate; five layers
 * that look back over a window, with a rotation of their own, for each one that looks back over everything.
 */
import { UserError } from "../core/index.ts";
import { Mul, type Tensor } from "../tensor/index.ts";
import { geluTanh } from "./blocks.ts";
import { type ConfigReader, configReader } from "./config.ts";
import { type DecoderStyle, decoderForward, type LayerKind } from "./decoder.ts";
import {
  type DecoderNorms,
  decoderDimensions,
  decoderLinears,
  decoderPaths,
  decoderWeights,
  gainOf,
} from "./decoder-weights.ts";
import type { Dimensions, ModelDefinition } from "./definition.ts";
import { hookNames, postNormHooks } from "./hooks.ts";
import { inverseFrequencies, parseRopeScaling, ropeTheta } from "./rope.ts";

const norms: DecoderNorms = {
  gainOffset: 1,
  beforeAttention: "input_layernorm",
  afterAttention: "post_attention_layernorm",
  beforeMlp: "pre_feedforward_layernorm",
  afterMlp: "post_feedforward_layernorm",
  queries: "q_norm",
  keys: "k_norm",
};

export function gemma3(raw: Readonly<Record<string, unknown>>, model: string): ModelDefinition {
  const config = configReader(raw, model);
  config.only("hidden_activation", ["gelu_pytorch_tanh"]);
  config.only("attention_bias", [false]);
  config.only("attn_logit_softcapping", [null]);
  config.only("final_logit_softcapping", [null]);
  config.only("use_bidirectional_attention", [false]);
  const dimensions = decoderDimensions(config, 256);
  const tied = config.boolean("tie_word_embeddings", true);
  const style: DecoderStyle = {
    dimensions,
    eps: config.number("rms_norm_eps", 1e-6),
    embeddingScale: Math.sqrt(dimensions.dModel),
    attentionScale: config.number("query_pre_attn_scalar", 256) ** -0.5,
    activation: geglu,
    norms,
    layers: layerKinds(config, dimensions),
  };
  return {
    family: "gemma3",
    dimensions,
    maxPositions: config.number("max_position_embeddings", 131072),
    weights: decoderWeights(dimensions, norms, tied),
    linears: decoderLinears(dimensions, norms),
    hooks: hookNames(dimensions.nLayers, postNormHooks),
    embedding: decoderPaths.embedding,
    finalNorm: gainOf(decoderPaths.finalNorm, norms),
    unembedding: tied ? decoderPaths.embedding : decoderPaths.untiedUnembedding,
    forward: (context) => decoderForward(context, style),
  };
}

/** gelu(gate) · up, shapes `[rows, dMlp]` (Shazeer 2020, arXiv 2002.05202). */
function geglu(gate: Tensor, up: Tensor): Tensor {
  return Mul(geluTanh(gate), up);
}

function layerKinds(config: ConfigReader, { nLayers, dHead }: Dimensions): LayerKind[] {
  const full: LayerKind = { window: null, frequencies: frequencies(config, dHead, "full_attention") };
  const sliding: LayerKind = {
    window: config.number("sliding_window", 4096),
    frequencies: frequencies(config, dHead, "sliding_attention"),
  };
  const given = config.raw("layer_types") ?? null;
  const types = given === null ? typesByPattern(config, nLayers) : given;
  if (!Array.isArray(types) || types.length !== nLayers || !types.every(isLayerType)) {
    throw new UserError(`${config.model}: config.json layer_types`, {
      expected: `${nLayers} times full_attention or sliding_attention`,
      got: JSON.stringify(given).slice(0, 80),
      fix: "repair config.json",
    });
  }
  return types.map((type) => (type === "full_attention" ? full : sliding));
}

type LayerType = "full_attention" | "sliding_attention";
const isLayerType = (value: unknown): value is LayerType => value === "full_attention" || value === "sliding_attention";

/** Every `sliding_window_pattern`-th layer looks back over everything. */
function typesByPattern(config: ConfigReader, nLayers: number): LayerType[] {
  const pattern = config.number("sliding_window_pattern", 6);
  return Array.from({ length: nLayers }, (_, i) => ((i + 1) % pattern === 0 ? "full_attention" : "sliding_attention"));
}

/** Old configs name the two base frequencies apart and scale the full layers' only; new ones have a table per type. */
function frequencies(config: ConfigReader, dHead: number, type: LayerType): number[] {
  const perType = config.raw("rope_parameters") as Readonly<Record<string, unknown>> | null | undefined;
  const parameters = perType?.[type] ?? null;
  const isFull = type === "full_attention";
  const theta =
    ropeTheta(parameters) ??
    (isFull ? config.number("rope_theta", 1_000_000) : config.number("rope_local_base_freq", 10_000));
  const scaling = (isFull ? config.raw("rope_scaling") : null) ?? parameters;
  return inverseFrequencies(dHead, theta, parseRopeScaling(scaling, config.model));
}
