import type { GgufTensor } from "./header.ts";
import type { Metadata } from "./metadata.ts";
import { llama3Scaling } from "./rope-factors.ts";

/** What must happen to a tensor's weights on the way to the names and conventions of transformers. */
export type Change =
  | { readonly kind: "none" }
  /** llama.cpp's converter interleaved each head's rows for its rotary embedding: put the halves back in a row. */
  | { readonly kind: "unpermute"; readonly heads: number }
  /** Stored as 1 + w: give w. */
  | { readonly kind: "minus-one" }
  /** `[dOut, dIn]` in the file, `[dIn, dOut]` in the checkpoint. */
  | { readonly kind: "transpose" };

/** What a file says of a model. */
export interface Described {
  readonly metadata: Metadata;
  readonly tensors: readonly GgufTensor[];
  /** The divisors of the rotary frequencies, where the file holds such a table. */
  readonly ropeFactors: Float32Array | null;
}

/** How one family of GGUF files becomes a transformers checkpoint. */
export interface Architecture {
  /** `config.json` as transformers would write it. */
  config(described: Described): Record<string, unknown>;
  /** Tensors outside the blocks, without `.weight`. */
  readonly outerNames: Readonly<Record<string, string>>;
  /** What stands before the block's number. */
  readonly blockPrefix: string;
  /** Names of a block's tensors after `blk.N.`, without `.weight` and `.bias`. */
  readonly blockNames: Readonly<Record<string, string>>;
  /** Which of the names in the file also have a `.bias`. */
  hasBias(name: string): boolean;
  change(name: string, metadata: Metadata): Change;
}

const none: Change = { kind: "none" };

const decoderNames = {
  outerNames: { token_embd: "model.embed_tokens", output_norm: "model.norm", output: "lm_head" },
  blockPrefix: "model.layers.",
  blockNames: {
    attn_norm: "input_layernorm",
    attn_q: "self_attn.q_proj",
    attn_k: "self_attn.k_proj",
    attn_v: "self_attn.v_proj",
    attn_output: "self_attn.o_proj",
    ffn_norm: "post_attention_layernorm",
    ffn_gate: "mlp.gate_proj",
    ffn_up: "mlp.up_proj",
    ffn_down: "mlp.down_proj",
  },
  hasBias: () => false,
  change: () => none,
} as const;

const headNorms = { attn_q_norm: "self_attn.q_norm", attn_k_norm: "self_attn.k_norm" } as const;

/** By `general.architecture`. */
export const architectures: Readonly<Record<string, Architecture>> = {
  llama: {
    ...decoderNames,
    config: (described) => ({
      ...decoderConfig("llama", described),
      architectures: ["LlamaForCausalLM"],
      model_type: "llama",
      hidden_act: "silu",
      mlp_bias: false,
    }),
    change: (name, metadata) => {
      if (/\.attn_q\./.test(name)) return { kind: "unpermute", heads: metadata.count("llama.attention.head_count") };
      if (/\.attn_k\./.test(name)) return { kind: "unpermute", heads: kvHeads("llama", metadata) };
      return none;
    },
  },
  qwen2: {
    ...decoderNames,
    config: (described) => ({
      ...decoderConfig("qwen2", described),
      architectures: ["Qwen2ForCausalLM"],
      model_type: "qwen2",
      hidden_act: "silu",
      use_sliding_window: false,
    }),
    hasBias: (name) => /^attn_[qkv]$/.test(name),
  },
  qwen3: {
    ...decoderNames,
    blockNames: { ...decoderNames.blockNames, ...headNorms },
    config: (described) => ({
      ...decoderConfig("qwen3", described),
      architectures: ["Qwen3ForCausalLM"],
      model_type: "qwen3",
      hidden_act: "silu",
      use_sliding_window: false,
    }),
  },
  gemma3: {
    ...decoderNames,
    blockNames: {
      ...decoderNames.blockNames,
      ...headNorms,
      post_attention_norm: "post_attention_layernorm",
      ffn_norm: "pre_feedforward_layernorm",
      post_ffw_norm: "post_feedforward_layernorm",
    },
    config: (described) => ({ ...decoderConfig("gemma3", described), ...gemma3Config(described.metadata) }),
    change: (name) => (/norm\.weight$/.test(name) ? { kind: "minus-one" } : none),
  },
  gpt2: {
    config: gpt2Config,
    outerNames: {
      token_embd: "transformer.wte",
      position_embd: "transformer.wpe",
      output_norm: "transformer.ln_f",
      output: "lm_head",
    },
    blockPrefix: "transformer.h.",
    blockNames: {
      attn_norm: "ln_1",
      attn_qkv: "attn.c_attn",
      attn_output: "attn.c_proj",
      ffn_norm: "ln_2",
      ffn_up: "mlp.c_fc",
      ffn_down: "mlp.c_proj",
    },
    hasBias: (name) => !/embd$|^output$/.test(name),
    change: (name) => (/\.(attn_qkv|attn_output|ffn_up|ffn_down)\.weight$/.test(name) ? { kind: "transpose" } : none),
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

/** What all families with a rotary embedding share. */
function decoderConfig(arch: string, described: Described): Record<string, unknown> {
  const { metadata } = described;
  const heads = metadata.count(`${arch}.attention.head_count`);
  const hidden = metadata.count(`${arch}.embedding_length`);
  if (heads === 0) throw metadata.fault(`${arch}.attention.head_count above 0`, "0");
  const theta = metadata.number(`${arch}.rope.freq_base`, arch === "gemma3" ? 1e6 : 10_000);
  return {
    hidden_size: hidden,
    intermediate_size: metadata.count(`${arch}.feed_forward_length`),
    num_hidden_layers: metadata.count(`${arch}.block_count`),
    num_attention_heads: heads,
    num_key_value_heads: kvHeads(arch, metadata),
    head_dim: metadata.count(`${arch}.attention.key_length`, hidden / heads),
    max_position_embeddings: metadata.count(`${arch}.context_length`),
    rms_norm_eps: metadata.number(`${arch}.attention.layer_norm_rms_epsilon`),
    rope_theta: theta,
    rope_scaling: ropeScaling(arch, described, theta),
    attention_bias: false,
    ...vocabularyConfig("token_embd.weight", described),
  };
}

function gpt2Config(described: Described): Record<string, unknown> {
  const { metadata } = described;
  return {
    architectures: ["GPT2LMHeadModel"],
    model_type: "gpt2",
    activation_function: "gelu_new",
    n_embd: metadata.count("gpt2.embedding_length"),
    n_head: metadata.count("gpt2.attention.head_count"),
    n_inner: metadata.count("gpt2.feed_forward_length"),
    n_layer: metadata.count("gpt2.block_count"),
    n_positions: metadata.count("gpt2.context_length"),
    layer_norm_epsilon: metadata.number("gpt2.attention.layer_norm_epsilon"),
    ...vocabularyConfig("token_embd.weight", described),
  };
}

function vocabularyConfig(embedding: string, { metadata, tensors }: Described): Record<string, unknown> {
  return {
    vocab_size: tensors.find(({ name }) => name === embedding)?.shape[0],
    tie_word_embeddings: !tensors.some(({ name }) => name === "output.weight"),
    bos_token_id: optionalCount("tokenizer.ggml.bos_token_id", metadata),
    eos_token_id: optionalCount("tokenizer.ggml.eos_token_id", metadata),
    pad_token_id: optionalCount("tokenizer.ggml.padding_token_id", metadata),
    torch_dtype: "float32",
  };
}

function optionalCount(key: string, metadata: Metadata): number | null {
  return metadata.has(key) ? metadata.count(key) : null;
}

function ropeScaling(arch: string, { metadata, ropeFactors }: Described, theta: number): object | null {
  if (ropeFactors) {
    const found = llama3Scaling(ropeFactors, theta);
    if (found) return found;
    throw metadata.fault("rotary frequencies of Llama 3.1 or 3.2", "another table in rope_freqs.weight");
  }
  const type = metadata.text(`${arch}.rope.scaling.type`, "none");
  if (type === "none") return null;
  if (type !== "linear") throw metadata.fault("rope scaling none or linear", type);
  return { rope_type: "linear", factor: metadata.number(`${arch}.rope.scaling.factor`) };
}

/** The name that transformers gives a tensor; a `UserError` for one that does not belong to the architecture. */
export function transformersName(name: string, architecture: Architecture, metadata: Metadata): string {
  const { outerNames, blockPrefix, blockNames, hasBias } = architecture;
  const match = /^(?:blk\.(\d+)\.)?(\w+)\.(weight|bias)$/.exec(name);
  const [, block, inner = "", part = ""] = match ?? [];
  const table = block === undefined ? outerNames : blockNames;
  if (match && Object.hasOwn(table, inner) && (part === "weight" || hasBias(inner))) {
    return `${block === undefined ? "" : `${blockPrefix}${block}.`}${table[inner]}.${part}`;
  }
  throw metadata.fault("tensors of its architecture", JSON.stringify(name));
}
