/**
 * GPT-2 (Radford et al. 2019), as Hugging Face checkpoints name it.
 *
 * Different from today's decoders: positions are learned vectors added to the embedding; norms subtract the mean and
 * have a bias; one linear layer makes queries, keys and values; no gate in the MLP; linear layers have biases and are
 * stored as `[dIn, dOut]` ("Conv1D"). Files on the hub leave `transformer.` out of all names.
 */
import { UserError } from "../core/index.ts";
import { Add, Gather, Mul, Reshape, Slice, type Tensor } from "../tensor/index.ts";
import { attend, attentionMasks } from "./attention.ts";
import { embed, geluTanh, layerNormalise, scaledLayerNormalise } from "./blocks.ts";
import { type ConfigReader, configReader, LARGEST_DEPTH } from "./config.ts";
import type {
  Dimensions,
  ForwardContext,
  ForwardOutputs,
  LinearSpec,
  ModelDefinition,
  WeightSpec,
} from "./definition.ts";
import { hookedNorm, hookRows } from "./hook-rows.ts";
import { type BlockHook, type HookName, hookNames, postNormHooks, rotaryGatedHooks } from "./hooks.ts";
import { residualBlock } from "./residual-block.ts";

const paths = {
  embedding: "transformer.wte.weight",
  positions: "transformer.wpe.weight",
  finalNorm: "transformer.ln_f",
  untiedUnembedding: "lm_head.weight",
  layer: (layer: number) => `transformer.h.${layer}`,
} as const;

export function gpt2(raw: Readonly<Record<string, unknown>>, model: string): ModelDefinition {
  const config = configReader(raw, model);
  checkVariant(config);
  const dimensions = readDimensions(config);
  const maxPositions = config.count("n_positions", 1024);
  const eps = config.positive("layer_norm_epsilon", 1e-5);
  const tied = config.boolean("tie_word_embeddings", true);
  config.finish();
  return {
    family: "gpt2",
    dimensions,
    maxPositions,
    learnedPositions: true,
    weights: weights(dimensions, maxPositions, tied),
    linears: linears(dimensions),
    names: {
      prefixes: [
        ["transformer.", "transformer."],
        ["transformer.", ""],
      ],
      // Masks of the causal rule, and a copy of the embedding.
      ignored: [/(^|\.)h\.\d+\.attn\.(masked_)?bias$/, ...(tied ? [/^lm_head\.weight$/] : [])],
    },
    hooks: ["hook_embed", "hook_pos_embed", ...hookNames(dimensions.nLayers, absentHooks).slice(1)],
    embedding: paths.embedding,
    finalNorm: { weight: `${paths.finalNorm}.weight`, offset: 0, centred: true, bias: `${paths.finalNorm}.bias` },
    unembedding: tied ? paths.embedding : paths.untiedUnembedding,
    forward: (context) => forward(context, dimensions, eps),
  };
}

const absentHooks = [...postNormHooks, ...rotaryGatedHooks];

function checkVariant(config: ConfigReader): void {
  config.only("activation_function", ["gelu_new", "gelu_pytorch_tanh"]);
  config.only("scale_attn_weights", [true]);
  config.only("scale_attn_by_inverse_layer_idx", [false]);
  config.only("add_cross_attention", [false]);
  const training = ["attn_pdrop", "embd_pdrop", "resid_pdrop", "reorder_and_upcast_attn", "n_ctx"];
  const summary = ["type", "use_proj", "activation", "proj_to_labels", "first_dropout"].map((key) => `summary_${key}`);
  config.ignore([...training, ...summary]);
}

function readDimensions(config: ConfigReader): Dimensions {
  const dModel = config.count("n_embd");
  const nHeads = config.count("n_head");
  if (dModel % nHeads !== 0) {
    throw new UserError(`${config.model}: config.json n_head`, {
      expected: `a divisor of n_embd ${dModel}`,
      got: String(nHeads),
      fix: "repair config.json",
    });
  }
  return {
    dModel,
    nLayers: config.count("n_layer", undefined, LARGEST_DEPTH),
    nHeads,
    nKvHeads: nHeads,
    dHead: dModel / nHeads,
    dMlp: config.count("n_inner", 4 * dModel),
    dVocab: config.count("vocab_size"),
  };
}

function linears({ nLayers, dModel, dMlp }: Dimensions): LinearSpec[] {
  type Row = readonly [string, number, number, LinearSpec["stream"]["side"], string | null, BlockHook];
  const perBlock: readonly Row[] = [
    ["attn.c_attn", dModel, 3 * dModel, "reads", "ln_1", "ln1.hook_normalized"],
    ["attn.c_proj", dModel, dModel, "writes", null, "attn.hook_z"],
    ["mlp.c_fc", dModel, dMlp, "reads", "ln_2", "ln2.hook_normalized"],
    ["mlp.c_proj", dMlp, dModel, "writes", null, "mlp.hook_post"],
  ];
  return Array.from({ length: nLayers }, (_, layer) => {
    const path = paths.layer(layer);
    const gain = (norm: string | null) =>
      norm && { weight: `${path}.${norm}.weight`, offset: 0 as const, centred: true, bias: `${path}.${norm}.bias` };
    return perBlock.map(([name, dIn, dOut, side, norm, input]): LinearSpec => {
      const stream = { side, gain: gain(norm) || null };
      // Queries, keys and values come out of one layer, in this order.
      const values = name === "attn.c_attn" ? { first: 2 * dModel, output: `${path}.attn.c_proj` } : null;
      return { module: `${path}.${name}`, dIn, dOut, layer, bias: true, transposed: true, stream, input, values };
    });
  }).flat();
}

function weights(dimensions: Dimensions, maxPositions: number, tied: boolean): WeightSpec[] {
  const { dModel, dVocab, nLayers } = dimensions;
  const norms = Array.from({ length: nLayers }, (_, layer) =>
    ["ln_1", "ln_2"].map((n) => `${paths.layer(layer)}.${n}`),
  );
  return [
    { name: paths.embedding, shape: [dVocab, dModel] },
    { name: paths.positions, shape: [maxPositions, dModel] },
    ...linears(dimensions).flatMap(({ module, dIn, dOut }) => [
      { name: `${module}.weight`, shape: [dIn, dOut] },
      { name: `${module}.bias`, shape: [dOut] },
    ]),
    ...[...norms.flat(), paths.finalNorm].flatMap((norm) => [
      { name: `${norm}.weight`, shape: [dModel] },
      { name: `${norm}.bias`, shape: [dModel] },
    ]),
    ...(tied ? [] : [{ name: paths.untiedUnembedding, shape: [dVocab, dModel] }]),
  ];
}

/** What one block is built with. */
interface Block {
  readonly context: ForwardContext;
  readonly dimensions: Dimensions;
  readonly eps: number;
  readonly layer: number;
  readonly masks: ReturnType<typeof attentionMasks>;
}

function forward(context: ForwardContext, dimensions: Dimensions, eps: number): ForwardOutputs {
  const table = context.weight(paths.embedding);
  const masks = attentionMasks(context, table.dtype === "float64" ? "float64" : "float32", null);
  const keys: Tensor[] = [];
  const values: Tensor[] = [];
  let resid = embedded(context, table, dimensions);
  for (let layer = 0; layer < dimensions.nLayers; layer++) {
    const block: Block = { context, dimensions, eps, layer, masks };
    resid = context.block(resid, (x) =>
      residualBlock(context, layer, x, {
        attention: (pre) => attention(block, pre, { keys, values }),
        mlp: (mid) => mlp(block, mid),
      }),
    );
  }
  const hidden = normed({ context, eps }, resid, paths.finalNorm, "ln_final.hook_normalized");
  return { hidden: Reshape(hidden, ["rows", dimensions.dModel]), keys, values };
}

/** Token and position vectors, summed: `[rows, dModel]`. */
function embedded(context: ForwardContext, table: Tensor, { dModel }: Dimensions): Tensor {
  const positions = Reshape(Gather(context.weight(paths.positions), context.positions), ["rows", dModel]);
  const tokens = hookRows(context, "hook_embed", embed(table, context.tokens));
  return Add(tokens, hookRows(context, "hook_pos_embed", positions));
}

function normed({ context, eps }: Pick<Block, "context" | "eps">, x: Tensor, path: string, hook: HookName): Tensor {
  const normalised = hookedNorm(context, hook, {
    whole: () => layerNormalise(x, eps),
    scaled: (scale) => scaledLayerNormalise(x, eps, scale),
  });
  return Add(Mul(normalised, context.weight(`${path}.weight`)), context.weight(`${path}.bias`));
}

function attention(block: Block, resid: Tensor, made: { keys: Tensor[]; values: Tensor[] }): Tensor {
  const { context, dimensions, layer, masks } = block;
  const { dModel, nHeads, dHead } = dimensions;
  const path = paths.layer(layer);
  const x = normed(block, resid, `${path}.ln_1`, `blocks.${layer}.ln1.hook_normalized`);
  const joined = context.linear(`${path}.attn.c_attn`, x);
  const heads = (name: "q" | "k" | "v", part: number) => {
    const flat = Slice(joined, 1, part * dModel, (part + 1) * dModel);
    return context.hook(`blocks.${layer}.attn.hook_${name}`, Reshape(flat, ["batch", "seq", nHeads, dHead]));
  };
  const [q, k, v] = [heads("q", 0), heads("k", 1), heads("v", 2)];
  const { z, keys, values } = attend({ context, dimensions, layer, q, k, v, scale: dHead ** -0.5, masks });
  made.keys.push(keys);
  made.values.push(values);
  return context.linear(`${path}.attn.c_proj`, z);
}

function mlp(block: Block, resid: Tensor): Tensor {
  const { context, layer } = block;
  const at = `blocks.${layer}` as const;
  const path = paths.layer(layer);
  const x = hookRows(context, `${at}.mlp.hook_in`, normed(block, resid, `${path}.ln_2`, `${at}.ln2.hook_normalized`));
  const pre = hookRows(context, `${at}.mlp.hook_pre`, context.linear(`${path}.mlp.c_fc`, x));
  return context.linear(`${path}.mlp.c_proj`, hookRows(context, `${at}.mlp.hook_post`, geluTanh(pre)));
}
