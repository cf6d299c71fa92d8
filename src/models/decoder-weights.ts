/** Names and shapes of a decoder's weights as Hugging Face checkpoints have them. */
import { UserError } from "../core/index.ts";
import { type ConfigReader, LARGEST_DEPTH, LARGEST_HEAD } from "./config.ts";
import type { CheckpointNames, Dimensions, GainSpec, LinearSpec, WeightSpec } from "./definition.ts";
import type { BlockHook } from "./hooks.ts";

/** A block's linear layers, by the last two parts of their paths. */
export type DecoderLinear = `self_attn.${"q" | "k" | "v" | "o"}_proj` | `mlp.${"gate" | "up" | "down"}_proj`;

/** What a family's blocks are made of. */
export interface DecoderParts {
  readonly norms: DecoderNorms;
  /** Linear layers with a bias. */
  readonly biased: readonly DecoderLinear[];
}

/** A block's norms by the last part of their path; null where the family has none. */
export interface DecoderNorms {
  /** Norms multiply by `gainOffset` + w. */
  readonly gainOffset: 0 | 1;
  readonly beforeAttention: string;
  readonly afterAttention: string | null;
  readonly beforeMlp: string;
  readonly afterMlp: string | null;
  /** Over dHead of queries and keys, before they are rotated. */
  readonly queries: string | null;
  readonly keys: string | null;
}

export const decoderPaths = {
  embedding: "model.embed_tokens.weight",
  finalNorm: "model.norm.weight",
  untiedUnembedding: "lm_head.weight",
  layer: (layer: number) => `model.layers.${layer}`,
} as const;

/** What a family's config leaves out where it has the family's usual value. */
export interface DimensionDefaults {
  readonly nHeads?: number;
  readonly nKvHeads?: number;
  readonly dHead?: number;
  readonly dVocab?: number;
}

export function decoderDimensions(config: ConfigReader, defaults: DimensionDefaults = {}): Dimensions {
  const nHeads = config.count("num_attention_heads", defaults.nHeads);
  const dModel = config.count("hidden_size");
  const dimensions = {
    dModel,
    nLayers: config.count("num_hidden_layers", undefined, LARGEST_DEPTH),
    nHeads,
    nKvHeads: config.count("num_key_value_heads", defaults.nKvHeads ?? nHeads),
    dHead: config.count("head_dim", defaults.dHead ?? dModel / nHeads, LARGEST_HEAD),
    dMlp: config.count("intermediate_size"),
    dVocab: config.count("vocab_size", defaults.dVocab),
  };
  checkHeads(config.model, dimensions);
  return dimensions;
}

/** Each key head serves a group of query heads, and rotation pairs the halves of a head. */
function checkHeads(model: string, { nHeads, nKvHeads, dHead }: Dimensions): void {
  const wrong = (key: string, expected: string, got: number) =>
    new UserError(`${model}: config.json ${key}`, { expected, got: String(got), fix: "repair config.json" });
  if (nHeads % nKvHeads !== 0) throw wrong("num_key_value_heads", `a divisor of ${nHeads} heads`, nKvHeads);
  if (dHead % 2 !== 0) throw wrong("head_dim", "an even number", dHead);
}

/** The seven linear layers of each block, in the order of a forward pass. */
export function decoderLinears(
  { nLayers, dModel, nHeads, nKvHeads, dHead, dMlp }: Dimensions,
  { norms, biased }: DecoderParts,
): LinearSpec[] {
  type Row = readonly [DecoderLinear, number, number, LinearSpec["stream"]["side"], string | null, BlockHook];
  const perBlock: readonly Row[] = [
    ["self_attn.q_proj", dModel, nHeads * dHead, "reads", norms.beforeAttention, "ln1.hook_normalized"],
    ["self_attn.k_proj", dModel, nKvHeads * dHead, "reads", norms.beforeAttention, "ln1.hook_normalized"],
    ["self_attn.v_proj", dModel, nKvHeads * dHead, "reads", norms.beforeAttention, "ln1.hook_normalized"],
    ["self_attn.o_proj", nHeads * dHead, dModel, "writes", norms.afterAttention, "attn.hook_z"],
    ["mlp.gate_proj", dModel, dMlp, "reads", norms.beforeMlp, "ln2.hook_normalized"],
    ["mlp.up_proj", dModel, dMlp, "reads", norms.beforeMlp, "ln2.hook_normalized"],
    ["mlp.down_proj", dMlp, dModel, "writes", norms.afterMlp, "mlp.hook_post"],
  ];
  return eachLayer(nLayers, (layer) => {
    const path = decoderPaths.layer(layer);
    const gain = (norm: string | null) => (norm === null ? null : gainOf(`${path}.${norm}.weight`, norms));
    return perBlock.map(([name, dIn, dOut, side, norm, input]) => ({
      module: `${path}.${name}`,
      dIn,
      dOut,
      layer,
      bias: biased.includes(name),
      transposed: false,
      stream: { side, gain: gain(norm) },
      input,
      values: name === "self_attn.v_proj" ? { first: 0, output: `${path}.self_attn.o_proj` } : null,
    }));
  });
}

export function gainOf(weight: string, { gainOffset }: DecoderNorms): GainSpec {
  return { weight, offset: gainOffset };
}

/** All weights; `tied`: the embedding also makes the logits. */
export function decoderWeights(dimensions: Dimensions, parts: DecoderParts, tied: boolean): WeightSpec[] {
  const { norms } = parts;
  const { dModel, dVocab, dHead, nLayers } = dimensions;
  const ofResid = [norms.beforeAttention, norms.afterAttention, norms.beforeMlp, norms.afterMlp];
  const ofHeads = [norms.queries, norms.keys].map((norm) => norm && `self_attn.${norm}`);
  const normsOf = (layer: number, names: readonly (string | null)[], width: number): WeightSpec[] =>
    names
      .filter((name) => name !== null)
      .map((name) => ({ name: `${decoderPaths.layer(layer)}.${name}.weight`, shape: [width] }));
  return [
    { name: decoderPaths.embedding, shape: [dVocab, dModel] },
    ...decoderLinears(dimensions, parts).flatMap(({ module, dIn, dOut, bias }) => [
      { name: `${module}.weight`, shape: [dOut, dIn] },
      ...(bias ? [{ name: `${module}.bias`, shape: [dOut] }] : []),
    ]),
    ...eachLayer(nLayers, (layer) => [...normsOf(layer, ofResid, dModel), ...normsOf(layer, ofHeads, dHead)]),
    { name: decoderPaths.finalNorm, shape: [dModel] },
    ...(tied ? [] : [{ name: decoderPaths.untiedUnembedding, shape: [dVocab, dModel] }]),
  ];
}

/** Rotation tables that old checkpoints carry; with a tied head, a copy of the embedding. */
export function decoderNames(tied: boolean): CheckpointNames {
  const tables = /\.rotary_emb\.inv_freq$/;
  return { prefixes: [], ignored: tied ? [tables, /^lm_head\.weight$/] : [tables] };
}

function eachLayer<T>(nLayers: number, make: (layer: number) => readonly T[]): T[] {
  return Array.from({ length: nLayers }, (_, layer) => make(layer)).flat();
}
