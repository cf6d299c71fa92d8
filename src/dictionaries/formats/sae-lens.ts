/**
 * SAELens' folder: `cfg.json` and `sae_weights.safetensors`. W_enc is `[d_in, d_sae]`, W_dec `[d_sae, d_out]`.
 *
 * - `apply_b_dec_to_input` says whether b is taken off before encoding; transcoders never put an input's norm back.
 * - `expected_average_only_in` is a matter of training (folded into the weights when they are saved): nothing to do here.
 * - `topk` keeps the k largest, then ReLU; with `rescale_acts_by_decoder_norm` latents compete as p ‖d‖.
 * - `W_skip [d_out, d_in]` is S.
 * - `reshape_activations: hook_z`: heads one behind the other, which is how rows of `attn.hook_z` come here anyway.
 * - `matching_pursuit` has no encoder of its own; without `apply_b_dec_to_input` b is not added either.
 */
import { z } from "zod";
import type { TensorView } from "../../data/index.ts";
import { type FloatDtype, readView, transposedView, unsqueezedView } from "../../data/index.ts";
import type { HookName } from "../../models/index.ts";
import { atomicWriteFile } from "../../store/index.ts";
import type { Activation, CoderKind, FiledCoder, LoadedCoder } from "../coders/sparse-coder.ts";
import { fault, parsed, readJson, safetensorsOf, type TensorTaker, tensorTaker } from "./folder.ts";
import type { CoderFormat } from "./format.ts";
import { moduleHook, transformerLensHook } from "./hook-names.ts";
import { isLegacy, modernised } from "./sae-lens-legacy.ts";
import { mkdirFor, type NamedValues, transposed, writeTensors } from "./write.ts";

export const CONFIG_FILE = "cfg.json";
export const WEIGHTS_FILE = "sae_weights.safetensors";

/** What SAELens writes beside what reading needs; free-form there, kept out here. */
const Metadata = z.looseObject({
  hook_name: z.string(),
  hook_name_out: z.string().nullish(),
  hf_hook_name: z.string().nullish(),
  hf_hook_name_out: z.string().nullish(),
  hook_head_index: z.literal(null, "single heads are not read").optional(),
  model_name: z.string().nullish(),
});

const sizes = {
  d_in: z.number().int().positive(),
  d_sae: z.number().int().positive(),
  dtype: z.string().optional(),
  device: z.string().optional(),
  normalize_activations: z
    .enum(["none", "expected_average_only_in", "constant_norm_rescale", "layer_norm"])
    .default("none"),
  reshape_activations: z.enum(["none", "hook_z"]).default("none"),
  metadata: Metadata,
};
const biased = { apply_b_dec_to_input: z.boolean().default(true) };
const largest = { k: z.number().int().positive(), rescale_acts_by_decoder_norm: z.boolean().default(false) };
const transcodes = { apply_b_dec_to_input: z.boolean().default(false), d_out: z.number().int().positive() };
const of = <A extends string, T extends z.ZodRawShape>(architecture: A, extra: T) =>
  z.strictObject({ architecture: z.literal(architecture), ...sizes, ...extra });

const Config = z.discriminatedUnion("architecture", [
  of("standard", biased),
  of("gated", biased),
  of("jumprelu", biased),
  of("topk", { ...biased, ...largest }),
  of("abstopk", { ...biased, ...largest }),
  of("matching_pursuit", {
    ...biased,
    residual_threshold: z.number().default(1e-2),
    max_iterations: z.number().int().positive().nullish(),
    stop_on_duplicate_support: z.boolean().default(true),
  }),
  of("transcoder", transcodes),
  of("skip_transcoder", transcodes),
  of("jumprelu_transcoder", transcodes),
  of("jumprelu_skip_transcoder", transcodes),
]);
export type SaeLensConfig = z.infer<typeof Config>;

export const saeLens: CoderFormat = {
  name: "sae-lens",
  files: `${CONFIG_FILE} and ${WEIGHTS_FILE}`,
  recognises: (names) => names.includes(WEIGHTS_FILE),
  open: async (folder) => [await openFolder(folder)],
  cannotHold: (coders) => {
    if (coders.length !== 1) return "one dictionary to a folder";
    return architectureOf(coders[0] as LoadedCoder) === null
      ? "ReLU, TopK, JumpReLU, gated autoencoders; ReLU and JumpReLU transcoders of one layer"
      : null;
  },
  write: (folder, [coder], { dtype = "F32" }) => writeFolder(folder, coder as LoadedCoder, dtype),
};

/** Its codes depend on the tokens before (temporal/open-temporal.ts). */
export function isTemporalConfig(json: unknown): boolean {
  return z.looseObject({ architecture: z.literal("temporal") }).safeParse(json).success;
}

async function openFolder(folder: string): Promise<FiledCoder> {
  const json = await readJson(folder, CONFIG_FILE);
  if (isTemporalConfig(json))
    throw fault(
      folder,
      "a dictionary whose codes depend on one token",
      "a temporal autoencoder",
      "judge it with `penumbra dictionary eval`; nothing else reads it",
    );
  const legacy = isLegacy(json);
  const config = parsed(folder, Config, legacy ? modernised(json) : json, `SAELens' ${CONFIG_FILE}`);
  const taker = tensorTaker(folder, await safetensorsOf(folder, WEIGHTS_FILE));
  await dropOnes(folder, taker);
  const { d_in: dIn, d_sae: nLatents, architecture } = config;
  if ("k" in config && config.k > nLatents) throw fault(folder, `k at most d_sae ${nLatents}`, String(config.k));
  const transcoder = "d_out" in config;
  const dOut = transcoder ? config.d_out : dIn;
  const decoder = taker.take("W_dec", [nLatents, dOut]);
  const pursuit = architecture === "matching_pursuit";
  const bias = taker.take("b_dec", [dOut]);
  const activation = activationOf(config, taker);
  const encoder = pursuit ? decoder : transposedView(taker.take("W_enc", [dIn, nLatents]));
  const group = {
    hooks: [hookOf(folder, config.metadata.hook_name, config.metadata.hf_hook_name)],
    dIn,
    nLatents,
    inputNorm: config.normalize_activations === "expected_average_only_in" ? "none" : config.normalize_activations,
    inputBias: config.apply_b_dec_to_input ? bias : null,
    encoder,
    encoderBias: pursuit || architecture === "gated" ? null : taker.take("b_enc", [nLatents]),
    activation,
    decoder: unsqueezedView(decoder, 1),
    firstOutput: 0,
    written: 1,
  } as const;
  const skip = architecture.includes("skip") ? taker.take("W_skip", [dOut, dIn]) : null;
  taker.done(["finetuning_scaling_factor", "scaling_factor"]);
  const { hook_name_out: out, hf_hook_name_out: hfOut, model_name } = config.metadata;
  if (transcoder && !out) throw fault(folder, "metadata.hook_name_out of a transcoder", "none", "add it to cfg.json");
  const hook = transcoder ? hookOf(folder, out ?? "", hfOut) : group.hooks[0];
  const output = { hook, dOut, bias: pursuit && !config.apply_b_dec_to_input ? null : bias, skip };
  return { kind: kindOf(config), modelName: model_name ?? null, groups: [group], outputs: [output] };
}

function kindOf({ architecture }: SaeLensConfig): CoderKind {
  if (!architecture.includes("transcoder")) return "sae";
  return architecture.includes("skip") ? "skip_transcoder" : "transcoder";
}

/** The name in the model itself, where the file has it: TransformerLens' name has not always meant the same. */
function hookOf(folder: string, name: string, moduleName: string | null | undefined): HookName {
  return moduleName ? moduleHook(folder, moduleName) : transformerLensHook(folder, name);
}

function activationOf(config: SaeLensConfig, taker: TensorTaker): Activation<TensorView> {
  const vector = (name: string) => taker.take(name, [config.d_sae]);
  switch (config.architecture) {
    case "standard":
    case "transcoder":
    case "skip_transcoder":
      return { type: "relu" };
    case "jumprelu":
    case "jumprelu_transcoder":
    case "jumprelu_skip_transcoder":
      return { type: "jumprelu", threshold: vector("threshold") };
    case "gated":
      return { type: "gated", gateBias: vector("b_gate"), logScale: vector("r_mag"), magnitudeBias: vector("b_mag") };
    case "topk":
    case "abstopk":
      return { type: config.architecture, k: config.k, byNorm: config.rescale_acts_by_decoder_norm };
    case "matching_pursuit":
      return {
        type: "matching_pursuit",
        residualThreshold: config.residual_threshold,
        maxIterations: config.max_iterations ?? config.d_in,
        stopOnDuplicate: config.stop_on_duplicate_support,
      };
  }
}

/** Scales that older versions kept: they must be ones, then they say nothing. */
async function dropOnes(folder: string, taker: TensorTaker): Promise<void> {
  for (const name of ["finetuning_scaling_factor", "scaling_factor"]) {
    const view = taker.takeIfAny(name, [null]);
    if (view && (await readView(view)).some((value) => Math.abs(value - 1) > 1e-5))
      throw fault(folder, `${name} of ones`, "others", "fold it into the decoder in SAELens");
  }
}

/** SAELens' name for what the coder is; null where it has none. */
function architectureOf({ kind, groups, outputs }: LoadedCoder): SaeLensConfig["architecture"] | null {
  const [group, output] = [groups[0], outputs[0]];
  if (!group || !output || groups.length > 1) return null;
  const { type } = group.activation;
  if (kind === "sae")
    return type === "relu" ? "standard" : type === "groupmax" || output.skip ? null : (type as "topk" | "gated");
  if (kind !== "transcoder" && kind !== "skip_transcoder") return null;
  if (type !== "relu" && type !== "jumprelu") return null;
  const form = output.skip ? "skip_transcoder" : "transcoder";
  return type === "relu" ? form : `jumprelu_${form}`;
}

async function writeFolder(folder: string, coder: LoadedCoder, dtype: FloatDtype): Promise<void> {
  const { config, tensors } = filed(coder);
  await mkdirFor(folder);
  await writeTensors(folder, WEIGHTS_FILE, dtype, tensors);
  await atomicWriteFile(`${folder}/${CONFIG_FILE}`, `${JSON.stringify(config, null, 2)}\n`);
}

function filed(coder: LoadedCoder): { config: Record<string, unknown>; tensors: NamedValues[] } {
  const [group, output] = [coder.groups[0], coder.outputs[0]];
  const architecture = architectureOf(coder);
  if (!group || !output || architecture === null) throw new Error("no SAELens dictionary");
  const { dIn, nLatents, activation, encoder, decoder, inputNorm } = group;
  const { dOut, bias, skip } = output;
  const b = bias ?? new Float32Array(dOut);
  const { encoderBias, takesBias } = foldedBias(group, bias);
  const pursuit = activation.type === "matching_pursuit";
  const transcoder = coder.kind !== "sae";
  const hook = group.hooks[0] as HookName;
  const config = {
    architecture,
    d_in: dIn,
    d_sae: nLatents,
    ...(transcoder ? { d_out: dOut } : {}),
    ...settingsOf(activation),
    dtype: "float32",
    device: "cpu",
    apply_b_dec_to_input: takesBias,
    normalize_activations: inputNorm,
    reshape_activations: hook.endsWith("attn.hook_z") ? "hook_z" : "none",
    metadata: {
      hook_name: hook,
      ...(transcoder ? { hook_name_out: output.hook } : {}),
      model_name: coder.modelName,
      sae_lens_version: "6.0.0",
    },
  };
  const tensors = [
    ...(pursuit ? [] : [{ name: "W_enc", shape: [dIn, nLatents], values: transposed(encoder, nLatents, dIn) }]),
    ...(pursuit || activation.type === "gated" ? [] : [{ name: "b_enc", shape: [nLatents], values: encoderBias }]),
    { name: "W_dec", shape: [nLatents, dOut], values: decoder },
    { name: "b_dec", shape: [dOut], values: b },
    ...vectorsOf(group, activation),
    ...(skip ? [{ name: "W_skip", shape: [dOut, dIn], values: skip }] : []),
  ];
  return { config, tensors };
}

function settingsOf(activation: Activation<Float32Array>): Record<string, unknown> {
  if (activation.type === "topk" || activation.type === "abstopk")
    return { k: activation.k, rescale_acts_by_decoder_norm: activation.byNorm };
  if (activation.type !== "matching_pursuit") return {};
  return {
    residual_threshold: activation.residualThreshold,
    max_iterations: activation.maxIterations,
    stop_on_duplicate_support: activation.stopOnDuplicate,
  };
}

function vectorsOf(group: LoadedCoder["groups"][number], activation: Activation<Float32Array>): NamedValues[] {
  const shape = [group.nLatents];
  if (activation.type === "jumprelu") return [{ name: "threshold", shape, values: activation.threshold }];
  if (activation.type !== "gated") return [];
  return [
    { name: "b_gate", shape, values: activation.gateBias },
    { name: "r_mag", shape, values: activation.logScale },
    { name: "b_mag", shape, values: activation.magnitudeBias },
  ];
}

/** SAELens takes off the very bias that it adds; any other one goes into the encoder's: E (x − a) + e = E x + (e − E a). */
function foldedBias(
  { encoder, encoderBias, inputBias, nLatents, dIn }: LoadedCoder["groups"][number],
  bias: Float32Array | null,
): { encoderBias: Float32Array; takesBias: boolean } {
  const plain = encoderBias ?? new Float32Array(nLatents);
  if (!inputBias) return { encoderBias: plain, takesBias: false };
  if (bias && inputBias.length === bias.length && inputBias.every((value, j) => value === bias[j]))
    return { encoderBias: plain, takesBias: true };
  const folded = plain.map((value, i) => {
    let sum = value;
    for (let j = 0; j < dIn; j++) sum -= (encoder[i * dIn + j] as number) * (inputBias[j] as number);
    return sum;
  });
  return { encoderBias: folded, takesBias: false };
}
