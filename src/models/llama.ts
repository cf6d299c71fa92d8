/**
 * The Llama family (Touvron et al. 2023, arXiv 2302.13971), as Hugging Face checkpoints name it: Llama 2 and 3,
 * SmolLM2, the bundled model. Pre-norm, rotary embedding, grouped-query attention, SwiGLU, no biases.
 */
import { Add, dimAt, Mul, Reshape, type Tensor } from "../tensor/index.ts";
import { attend, attentionMasks } from "./attention.ts";
import { embed, rmsNormalise, rotate, swiglu } from "./blocks.ts";
import { configReader } from "./config.ts";
import type {
  Dimensions,
  ForwardContext,
  ForwardOutputs,
  LinearSpec,
  ModelDefinition,
  WeightSpec,
} from "./definition.ts";
import { inverseFrequencies, parseRopeScaling, rotation } from "./rope.ts";

interface LlamaConfig {
  readonly dimensions: Dimensions;
  readonly eps: number;
  readonly frequencies: readonly number[];
}

export function llama(raw: Readonly<Record<string, unknown>>, model: string): ModelDefinition {
  const config = configReader(raw, model);
  const nHeads = config.number("num_attention_heads");
  const dModel = config.number("hidden_size");
  const dimensions: Dimensions = {
    dModel,
    nLayers: config.number("num_hidden_layers"),
    nHeads,
    nKvHeads: config.number("num_key_value_heads", nHeads),
    dHead: config.number("head_dim", dModel / nHeads),
    dMlp: config.number("intermediate_size"),
    dVocab: config.number("vocab_size"),
  };
  const parameters = config.raw("rope_parameters");
  const theta = ropeTheta(parameters) ?? config.number("rope_theta", 10000);
  const scaling = parseRopeScaling(config.raw("rope_scaling") ?? parameters, model);
  const frequencies = inverseFrequencies(dimensions.dHead, theta, scaling);
  const tied = config.boolean("tie_word_embeddings", false);
  const inner: LlamaConfig = { dimensions, eps: config.number("rms_norm_eps", 1e-6), frequencies };
  return {
    family: "llama",
    dimensions,
    maxPositions: config.number("max_position_embeddings", 2048),
    weights: llamaWeights(dimensions, tied),
    linears: decoderLinears(dimensions),
    embedding: "model.embed_tokens.weight",
    unembedding: tied ? "model.embed_tokens.weight" : "lm_head.weight",
    forward: (context) => forward(context, inner),
  };
}

function ropeTheta(parameters: unknown): number | null {
  if (parameters === null || typeof parameters !== "object" || !("rope_theta" in parameters)) return null;
  return typeof parameters.rope_theta === "number" ? parameters.rope_theta : null;
}

/** The seven linear layers of each block, in the order of a forward pass. */
export function decoderLinears({ nLayers, dModel, nHeads, nKvHeads, dHead, dMlp }: Dimensions): LinearSpec[] {
  const perBlock: readonly (readonly [string, number, number])[] = [
    ["self_attn.q_proj", dModel, nHeads * dHead],
    ["self_attn.k_proj", dModel, nKvHeads * dHead],
    ["self_attn.v_proj", dModel, nKvHeads * dHead],
    ["self_attn.o_proj", nHeads * dHead, dModel],
    ["mlp.gate_proj", dModel, dMlp],
    ["mlp.up_proj", dModel, dMlp],
    ["mlp.down_proj", dMlp, dModel],
  ];
  return Array.from({ length: nLayers }, (_, layer) =>
    perBlock.map(([name, dIn, dOut]) => ({ module: `model.layers.${layer}.${name}`, dIn, dOut, layer })),
  ).flat();
}

function llamaWeights(dimensions: Dimensions, tied: boolean): WeightSpec[] {
  const { dModel, dVocab, nLayers } = dimensions;
  const norms = ["input_layernorm", "post_attention_layernorm"];
  return [
    { name: "model.embed_tokens.weight", shape: [dVocab, dModel] },
    ...decoderLinears(dimensions).map(({ module, dIn, dOut }) => ({ name: `${module}.weight`, shape: [dOut, dIn] })),
    ...Array.from({ length: nLayers }, (_, layer) =>
      norms.map((norm) => ({ name: `model.layers.${layer}.${norm}.weight`, shape: [dModel] })),
    ).flat(),
    { name: "model.norm.weight", shape: [dModel] },
    ...(tied ? [] : [{ name: "lm_head.weight", shape: [dVocab, dModel] }]),
  ];
}

function forward(context: ForwardContext, config: LlamaConfig): ForwardOutputs {
  const { dModel, nLayers } = config.dimensions;
  const table = context.weight("model.embed_tokens.weight");
  const dtype = table.dtype === "float64" ? "float64" : "float32";
  const shared = {
    rotation: rotation(context.positions, config.frequencies, dtype),
    masks: attentionMasks(context, dtype, null),
  };
  const keys: Tensor[] = [];
  const values: Tensor[] = [];
  let resid = hookRows(context, "hook_embed", embed(table, context.tokens));
  for (let layer = 0; layer < nLayers; layer++) {
    const at = `blocks.${layer}` as const;
    resid = hookRows(context, `${at}.hook_resid_pre`, resid);
    const attended = attention({ context, config, layer, ...shared, keys, values }, resid);
    const mid = hookRows(
      context,
      `${at}.hook_resid_mid`,
      Add(resid, hookRows(context, `${at}.hook_attn_out`, attended)),
    );
    const written = hookRows(context, `${at}.hook_mlp_out`, mlp(context, config, layer, mid));
    resid = hookRows(context, `${at}.hook_resid_post`, Add(mid, written));
  }
  const normalised = hookRows(context, "ln_final.hook_normalized", rmsNormalise(resid, config.eps));
  return { hidden: Reshape(Mul(normalised, context.weight("model.norm.weight")), ["rows", dModel]), keys, values };
}

interface AttentionPart {
  readonly context: ForwardContext;
  readonly config: LlamaConfig;
  readonly layer: number;
  readonly rotation: ReturnType<typeof rotation>;
  readonly masks: ReturnType<typeof attentionMasks>;
  readonly keys: Tensor[];
  readonly values: Tensor[];
}

function attention(part: AttentionPart, resid: Tensor): Tensor {
  const { context, config, layer, masks } = part;
  const { nHeads, nKvHeads, dHead } = config.dimensions;
  const at = `blocks.${layer}` as const;
  const path = `model.layers.${layer}`;
  const normalised = hookRows(context, `${at}.ln1.hook_normalized`, rmsNormalise(resid, config.eps));
  const x = Mul(normalised, context.weight(`${path}.input_layernorm.weight`));
  const heads = (name: "q" | "k" | "v", count: number) => {
    const projected = context.linear(`${path}.self_attn.${name}_proj`, x);
    return context.hook(`${at}.attn.hook_${name}`, Reshape(projected, ["batch", "seq", count, dHead]));
  };
  const q = context.hook(`${at}.attn.hook_rot_q`, rotate(heads("q", nHeads), part.rotation));
  const k = context.hook(`${at}.attn.hook_rot_k`, rotate(heads("k", nKvHeads), part.rotation));
  const v = heads("v", nKvHeads);
  part.keys.push(k);
  part.values.push(v);
  const z = attend({ context, dimensions: config.dimensions, layer, q, k, v, scale: dHead ** -0.5, masks });
  return context.linear(`${path}.self_attn.o_proj`, z);
}

function mlp(context: ForwardContext, config: LlamaConfig, layer: number, resid: Tensor): Tensor {
  const at = `blocks.${layer}` as const;
  const path = `model.layers.${layer}`;
  const normalised = hookRows(context, `${at}.ln2.hook_normalized`, rmsNormalise(resid, config.eps));
  const x = hookRows(
    context,
    `${at}.mlp.hook_in`,
    Mul(normalised, context.weight(`${path}.post_attention_layernorm.weight`)),
  );
  const gate = hookRows(context, `${at}.mlp.hook_pre`, context.linear(`${path}.mlp.gate_proj`, x));
  const up = hookRows(context, `${at}.mlp.hook_pre_linear`, context.linear(`${path}.mlp.up_proj`, x));
  return context.linear(`${path}.mlp.down_proj`, hookRows(context, `${at}.mlp.hook_post`, swiglu(gate, up)));
}

/** Passes `x [rows, d]` through a hook point that shows `[batch, seq, d]`. */
export function hookRows(context: ForwardContext, name: Parameters<ForwardContext["hook"]>[0], x: Tensor): Tensor {
  if (!context.hooked(name)) return x;
  const width = dimAt(x, 1);
  return Reshape(context.hook(name, Reshape(x, ["batch", "seq", width])), ["rows", width]);
}
