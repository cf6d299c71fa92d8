/**
 * The forward pass that today's pre-norm decoders share: rotary embedding, grouped-query attention, gated MLP, no
 * biases. A family says in a `DecoderStyle` what is its own; nothing here knows a family's name.
 */
import { Add, Mul, Reshape, SimplifiedLayerNormalization, scalar, type Tensor } from "../tensor/index.ts";
import { type AttentionMasks, attend, attentionMasks } from "./attention.ts";
import { embed, type Rotation, rmsNormalise, rotate, scaledRmsNormalise } from "./blocks.ts";
import { type DecoderNorms, decoderPaths } from "./decoder-weights.ts";
import type { Dimensions, ForwardContext, ForwardOutputs } from "./definition.ts";
import { hookedNorm, hookRows } from "./hook-rows.ts";
import { type HookName, scaleHook } from "./hooks.ts";
import { residualBlock } from "./residual-block.ts";
import { rotation } from "./rope.ts";
import { fusedRotation } from "./serving.ts";

export interface DecoderStyle {
  readonly dimensions: Dimensions;
  /** ε of all norms. */
  readonly eps: number;
  /** Multiplies the embedding's rows. */
  readonly embeddingScale: number;
  /** Multiplies queries before they meet keys. */
  readonly attentionScale: number;
  /** From the two halves of the MLP, each `[rows, dMlp]`, to what goes down. */
  readonly activation: (gate: Tensor, up: Tensor) => Tensor;
  readonly norms: DecoderNorms;
  /** One per layer; layers of one kind share the object. */
  readonly layers: readonly LayerKind[];
}

export interface LayerKind {
  /** A query sees this many positions, itself included; null: all. */
  readonly window: number | null;
  /** Rotation, radians per position, `[dHead / 2]`. */
  readonly frequencies: readonly number[];
}

/** What one block is built with. */
interface Block {
  readonly context: ForwardContext;
  readonly style: DecoderStyle;
  readonly layer: number;
  readonly rotate: (x: Tensor) => Tensor;
  readonly masks: AttentionMasks;
}

export function decoderForward(context: ForwardContext, style: DecoderStyle): ForwardOutputs {
  const table = context.weight(decoderPaths.embedding);
  const dtype = table.dtype === "float64" ? "float64" : "float32";
  const shared = perKind(style.layers, ({ window, frequencies }) => ({
    rotate: rotator(context, rotation(context.positions, frequencies, dtype)),
    masks: attentionMasks(context, dtype, window),
  }));
  const keys: Tensor[] = [];
  const values: Tensor[] = [];
  let resid = hookRows(context, "hook_embed", scaledBy(style.embeddingScale, embed(table, context.tokens)));
  for (const [layer, kind] of style.layers.entries()) {
    const block: Block = { context, style, layer, ...shared(kind) };
    resid = context.block(resid, (x) =>
      residualBlock(context, layer, x, {
        attention: (pre) => attention(block, pre, { keys, values }),
        mlp: (mid) => mlp(block, mid),
      }),
    );
  }
  const hidden = normed({ context, style }, resid, decoderPaths.finalNorm, "ln_final.hook_normalized");
  return { hidden: Reshape(hidden, ["rows", style.dimensions.dModel]), keys, values };
}

/** `make`'s result for a kind, built when the first layer of that kind asks. */
function perKind<T>(kinds: readonly LayerKind[], make: (kind: LayerKind) => T): (kind: LayerKind) => T {
  const made = new Map([...new Set(kinds)].map((kind) => [kind, make(kind)]));
  return (kind) => made.get(kind) as T;
}

function rotator(context: ForwardContext, angles: Rotation): (x: Tensor) => Tensor {
  return context.fused ? fusedRotation(context, angles) : (x) => rotate(x, angles);
}

function scaledBy(scale: number, x: Tensor): Tensor {
  return scale === 1 ? x : Mul(x, scalar(x, scale));
}

/** The norm whose weight is called `name`, with its hook point before the gain. */
function normed({ context, style }: Pick<Block, "context" | "style">, x: Tensor, name: string, hook: HookName): Tensor {
  const { eps } = style;
  if (context.fused && !context.hooked(hook) && !context.hooked(scaleHook(hook) ?? hook))
    return SimplifiedLayerNormalization(x, gain({ context, style }, name), eps);
  const normalised = hookedNorm(context, hook, {
    whole: () => rmsNormalise(x, eps),
    scaled: (scale) => scaledRmsNormalise(x, eps, scale),
  });
  return Mul(normalised, gain({ context, style }, name));
}

function gain({ context, style }: Pick<Block, "context" | "style">, name: string): Tensor {
  const w = context.weight(name);
  const { gainOffset } = style.norms;
  return gainOffset === 0 ? w : Add(w, scalar(w, gainOffset));
}

/** A norm that not every family has. */
function normedIfAny(block: Block, x: Tensor, name: string | null, hook: HookName): Tensor {
  return name === null ? x : normed(block, x, `${pathOf(block)}.${name}.weight`, hook);
}

function attention(block: Block, resid: Tensor, made: { keys: Tensor[]; values: Tensor[] }): Tensor {
  const { context, style, layer, masks } = block;
  const { dimensions, norms, attentionScale: scale } = style;
  const at = `blocks.${layer}` as const;
  const x = normed(block, resid, `${pathOf(block)}.${norms.beforeAttention}.weight`, `${at}.ln1.hook_normalized`);
  const q = rotated(block, "q", projected(block, "q", x), norms.queries);
  const k = rotated(block, "k", projected(block, "k", x), norms.keys);
  const v = projected(block, "v", x);
  const { z, keys, values } = attend({ context, dimensions, layer, q, k, v, scale, masks });
  made.keys.push(keys);
  made.values.push(values);
  const out = context.linear(`${pathOf(block)}.self_attn.o_proj`, z);
  return normedIfAny(block, out, norms.afterAttention, `${at}.ln1_post.hook_normalized`);
}

/** `[batch, seq, heads, dHead]` */
function projected(block: Block, name: "q" | "k" | "v", x: Tensor): Tensor {
  const { nHeads, nKvHeads, dHead } = block.style.dimensions;
  const flat = block.context.linear(`${pathOf(block)}.self_attn.${name}_proj`, x);
  const heads = Reshape(flat, ["batch", "seq", name === "q" ? nHeads : nKvHeads, dHead]);
  return block.context.hook(`blocks.${block.layer}.attn.hook_${name}`, heads);
}

function rotated(block: Block, name: "q" | "k", heads: Tensor, norm: string | null): Tensor {
  const { context, layer } = block;
  const x = norm ? headsNormed(block, heads, `${pathOf(block)}.self_attn.${norm}.weight`) : heads;
  return context.hook(`blocks.${layer}.attn.hook_rot_${name}`, block.rotate(x));
}

function headsNormed(block: Block, heads: Tensor, name: string): Tensor {
  const { eps } = block.style;
  const w = gain(block, name);
  return block.context.fused ? SimplifiedLayerNormalization(heads, w, eps) : Mul(rmsNormalise(heads, eps), w);
}

function mlp(block: Block, resid: Tensor): Tensor {
  const { context, style, layer } = block;
  const at = `blocks.${layer}` as const;
  const path = `${pathOf(block)}.mlp`;
  const before = `${pathOf(block)}.${style.norms.beforeMlp}.weight`;
  const x = hookRows(context, `${at}.mlp.hook_in`, normed(block, resid, before, `${at}.ln2.hook_normalized`));
  const gate = hookRows(context, `${at}.mlp.hook_pre`, context.linear(`${path}.gate_proj`, x));
  const up = hookRows(context, `${at}.mlp.hook_pre_linear`, context.linear(`${path}.up_proj`, x));
  const post = hookRows(context, `${at}.mlp.hook_post`, style.activation(gate, up));
  const out = context.linear(`${path}.down_proj`, post);
  return normedIfAny(block, out, style.norms.afterMlp, `${at}.ln2_post.hook_normalized`);
}

const pathOf = ({ layer }: Block) => decoderPaths.layer(layer);
