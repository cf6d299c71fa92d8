/** Temporal autoencoders as SAELens writes them: `cfg.json` and `sae_weights.safetensors`; `attn_layers.<n>.<k_ctx|q_target|v_ctx|c_proj>`. */
import { readdir } from "node:fs/promises";
import { z } from "zod";
import { readView, transposedView } from "../../data/index.ts";
import { fault, parsed, readJson, safetensorsOf, type TensorTaker, tensorTaker } from "../formats/folder.ts";
import { moduleHook, transformerLensHook } from "../formats/hook-names.ts";
import { CONFIG_FILE, isTemporalConfig, WEIGHTS_FILE } from "../formats/sae-lens.ts";
import type { Linear, TemporalCoder } from "./temporal-coder.ts";

const size = z.number().int().positive();
const Config = z.strictObject({
  architecture: z.literal("temporal"),
  d_in: size,
  d_sae: size,
  dtype: z.string().optional(),
  device: z.string().optional(),
  apply_b_dec_to_input: z.boolean().default(true),
  normalize_activations: z
    .enum(["none", "expected_average_only_in", "constant_norm_rescale", "constant_scalar_rescale", "layer_norm"])
    .default("none"),
  reshape_activations: z.literal("none", "heads are not read").default("none"),
  n_heads: size.default(8),
  n_attn_layers: z.number().int().nonnegative().max(64).default(1),
  bottleneck_factor: size.default(64),
  sae_diff_type: z.enum(["relu", "topk"]).default("topk"),
  kval_topk: size.nullish(),
  tied_weights: z.boolean().default(true),
  activation_normalization_factor: z.number().positive().default(1),
  metadata: z.looseObject({
    hook_name: z.string(),
    hf_hook_name: z.string().nullish(),
    model_name: z.string().nullish(),
  }),
});
type TemporalConfig = z.infer<typeof Config>;

/** Does the folder hold one? Files of other formats, and folders that are none, are none. */
export async function isTemporal(folder: string): Promise<boolean> {
  const names = await readdir(folder).catch((): string[] => []);
  if (!names.includes(CONFIG_FILE)) return false;
  return isTemporalConfig(await readJson(folder, CONFIG_FILE));
}

export async function openTemporal(folder: string): Promise<TemporalCoder> {
  const config = parsed(
    folder,
    Config,
    await readJson(folder, CONFIG_FILE),
    `SAELens' ${CONFIG_FILE} of a temporal one`,
  );
  const { d_in: dModel, d_sae: nLatents, n_heads: heads, bottleneck_factor: bottleneck, tied_weights: tied } = config;
  if (nLatents % (bottleneck * heads) !== 0)
    throw fault(folder, "d_sae a multiple of bottleneck_factor × n_heads", `${nLatents}, ${bottleneck} × ${heads}`);
  const taker = tensorTaker(folder, await safetensorsOf(folder, WEIGHTS_FILE));
  const decoder = taker.take("W_dec", [nLatents, dModel]);
  const encoder = tied ? null : transposedView(taker.take("W_enc", [dModel, nLatents]));
  const layers = [];
  for (let n = 0; n < config.n_attn_layers; n++) {
    const of = (name: string, out: number) => linearOf(taker, `attn_layers.${n}.${name}`, [out, nLatents]);
    const [key, query] = [await of("k_ctx", nLatents / bottleneck), await of("q_target", nLatents / bottleneck)];
    layers.push({ key, query, value: await of("v_ctx", nLatents), output: await of("c_proj", nLatents) });
  }
  const bias = taker.take("b_dec", [dModel]);
  taker.done();
  const written = await readView(decoder);
  const { hook_name: name, hf_hook_name: module, model_name: model = null } = config.metadata;
  return {
    hook: module ? moduleHook(folder, module) : transformerLensHook(folder, name),
    modelName: model,
    dModel,
    nLatents,
    heads,
    k: config.sae_diff_type === "topk" ? (config.kval_topk ?? null) : null,
    inputNorm: normOf(config),
    takesOffBias: config.apply_b_dec_to_input,
    putsBackBias: !tied || config.apply_b_dec_to_input,
    encoder: encoder ? await readView(encoder) : written,
    decoder: written,
    bias: await readView(bias),
    layers,
  };
}

function normOf({ normalize_activations: norm, activation_normalization_factor: scale }: TemporalConfig) {
  if (norm === "constant_scalar_rescale") return { scale };
  // A matter of training, folded into the weights when they are saved.
  return norm === "expected_average_only_in" ? "none" : norm;
}

async function linearOf(taker: TensorTaker, name: string, shape: readonly [number, number]): Promise<Linear> {
  const weight = await readView(taker.take(`${name}.weight`, shape));
  return { weight, bias: await readView(taker.take(`${name}.bias`, [shape[0]])) };
}
