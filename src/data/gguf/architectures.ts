import type { GgufTensor } from "./header.ts";
import type { Metadata } from "./metadata.ts";

/** What must happen to a tensor's weights on the way to the names and conventions of transformers. */
export type Change =
  | { readonly kind: "none" }
  /** llama.cpp's converter interleaved each head's rows for its rotary embedding: put the halves back in a row. */
  | { readonly kind: "unpermute"; readonly heads: number }
  /** Stored as 1 + w: give w. */
  | { readonly kind: "minus-one" };

/** How one family of GGUF files becomes a transformers checkpoint. */
export interface Architecture {
  /** Keys of `config.json` beyond those that all families share. */
  config(metadata: Metadata): Record<string, unknown>;
  /** Names of a block's tensors after `blk.N.` and without `.weight`: what follows `model.layers.N.`. */
  readonly blockNames: Readonly<Record<string, string>>;
  change(name: string, metadata: Metadata): Change;
}

const none: Change = { kind: "none" };

const sharedBlockNames = {
  attn_norm: "input_layernorm",
  attn_q: "self_attn.q_proj",
  attn_k: "self_attn.k_proj",
  attn_v: "self_attn.v_proj",
  attn_output: "self_attn.o_proj",
  ffn_gate: "mlp.gate_proj",
  ffn_up: "mlp.up_proj",
  ffn_down: "mlp.down_proj",
};

/** By `general.architecture`. */
export const architectures: Readonly<Record<string, Architecture>> = {
  llama: {
    config: () => ({ architectures: ["LlamaForCausalLM"], model_type: "llama", hidden_act: "silu", mlp_bias: false }),
    blockNames: { ...sharedBlockNames, ffn_norm: "post_attention_layernorm" },
    change: (name, metadata) => {
      if (/\.attn_q\./.test(name)) return { kind: "unpermute", heads: metadata.count("llama.attention.head_count") };
      if (/\.attn_k\./.test(name)) return { kind: "unpermute", heads: kvHeads("llama", metadata) };
      return none;
    },
  },
  gemma3: {
    config: gemma3Config,
    blockNames: {
      ...sharedBlockNames,
      attn_q_norm: "self_attn.q_norm",
      attn_k_norm: "self_attn.k_norm",
      post_attention_norm: "post_attention_layernorm",
      ffn_norm: "pre_feedforward_layernorm",
      post_ffw_norm: "post_feedforward_layernorm",
    },
    change: (name) => (/norm\.weight$/.test(name) ? { kind: "minus-one" } : none),
  },
};

/** GGUF says neither the pattern of sliding layers nor their rotary base: both belong to the architecture. */
function gemma3Config(metadata: Metadata): Record<string, unknown> {
  const headDim = metadata.count("gemma3.attention.key_length", 256);
  const heads = metadata.count("gemma3.attention.head_count");
  const layers = metadata.count("gemma3.block_count");
  // Only the 27B model (62 layers) scales its queries by the width per head in place of the heads' size.
  const scalar = layers === 62 ? metadata.count("gemma3.embedding_length") / heads : headDim;
  return {
    architectures: ["Gemma3ForCausalLM"],
    model_type: "gemma3_text",
    hidden_activation: "gelu_pytorch_tanh",
    query_pre_attn_scalar: scalar,
    sliding_window: metadata.count("gemma3.attention.sliding_window"),
    sliding_window_pattern: 6,
    rope_local_base_freq: metadata.number("gemma3.rope.freq_base_swa", 10_000),
    attn_logit_softcapping: null,
    final_logit_softcapping: metadata.has("gemma3.final_logit_softcapping")
      ? metadata.number("gemma3.final_logit_softcapping")
      : null,
  };
}

function kvHeads(arch: string, metadata: Metadata): number {
  return metadata.count(`${arch}.attention.head_count_kv`, metadata.count(`${arch}.attention.head_count`));
}

/** `config.json` as transformers would write it for the same model. */
export function modelConfig(
  arch: string,
  architecture: Architecture,
  metadata: Metadata,
  tensors: readonly GgufTensor[],
): Record<string, unknown> {
  const heads = metadata.count(`${arch}.attention.head_count`);
  const hidden = metadata.count(`${arch}.embedding_length`);
  if (heads === 0) throw metadata.fault(`${arch}.attention.head_count above 0`, "0");
  return {
    ...architecture.config(metadata),
    hidden_size: hidden,
    intermediate_size: metadata.count(`${arch}.feed_forward_length`),
    num_hidden_layers: metadata.count(`${arch}.block_count`),
    num_attention_heads: heads,
    num_key_value_heads: kvHeads(arch, metadata),
    head_dim: metadata.count(`${arch}.attention.key_length`, hidden / heads),
    max_position_embeddings: metadata.count(`${arch}.context_length`),
    rms_norm_eps: metadata.number(`${arch}.attention.layer_norm_rms_epsilon`),
    rope_theta: metadata.number(`${arch}.rope.freq_base`, arch === "gemma3" ? 1e6 : 10_000),
    rope_scaling: ropeScaling(arch, metadata, tensors),
    vocab_size: tensors.find(({ name }) => name === "token_embd.weight")?.shape[0],
    tie_word_embeddings: !tensors.some(({ name }) => name === "output.weight"),
    attention_bias: false,
    bos_token_id: optionalCount("tokenizer.ggml.bos_token_id", metadata),
    eos_token_id: optionalCount("tokenizer.ggml.eos_token_id", metadata),
    pad_token_id: optionalCount("tokenizer.ggml.padding_token_id", metadata),
    torch_dtype: "float32",
  };
}

function optionalCount(key: string, metadata: Metadata): number | null {
  return metadata.has(key) ? metadata.count(key) : null;
}

function ropeScaling(arch: string, metadata: Metadata, tensors: readonly GgufTensor[]): Record<string, unknown> | null {
  if (tensors.some(({ name }) => name === "rope_freqs.weight")) {
    throw metadata.fault("plain or linearly scaled rotary embeddings", "Llama 3's scaling as a tensor (rope_freqs)");
  }
  const type = metadata.text(`${arch}.rope.scaling.type`, "none");
  if (type === "none") return null;
  if (type !== "linear") throw metadata.fault("rope scaling none or linear", type);
  return { rope_type: "linear", factor: metadata.number(`${arch}.rope.scaling.factor`) };
}

/** The name that transformers gives a tensor; a `UserError` for one that does not belong to the architecture. */
export function transformersName(name: string, { blockNames }: Architecture, metadata: Metadata): string {
  const outer: Readonly<Record<string, string>> = {
    "token_embd.weight": "model.embed_tokens.weight",
    "output_norm.weight": "model.norm.weight",
    "output.weight": "lm_head.weight",
  };
  if (Object.hasOwn(outer, name)) return outer[name] as string;
  const match = /^blk\.(\d+)\.(\w+)\.weight$/.exec(name);
  const inner = match?.[2];
  if (match && inner !== undefined && Object.hasOwn(blockNames, inner)) {
    return `model.layers.${match[1]}.${blockNames[inner]}.weight`;
  }
  throw metadata.fault("tensors of its architecture", JSON.stringify(name));
}
