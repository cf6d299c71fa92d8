/**
 * Gemma Scope 2 (google/gemma-scope-2-*): `config.json` and `params.safetensors`, or `params_layer_0.safetensors`, … for
 * cross-layer transcoders and crosscoders.
 *
 * - The place is what `hf_hook_point_in` and `hf_hook_point_out` say, never a TransformerLens name that others give it.
 * - JumpReLU, f = p where p > θ; nothing is taken off before encoding.
 * - `affine_skip_connection [d_in, d_out]` multiplies from the right, y += x A; kept here as S = Aᵀ.
 * - Of several layers, group l is read at place l and writes to the places from l on: `w_dec [d_sae, n_layers, d_in]` has
 *   slots for earlier ones, which nothing uses.
 */
import { basename } from "node:path";
import { z } from "zod";
import { type FloatDtype, fromView, type TensorView, transposedView, unsqueezedView } from "../../data/index.ts";
import type { HookName } from "../../models/index.ts";
import { atomicWriteFile } from "../../store/index.ts";
import {
  type CoderKind,
  type CoderOutput,
  type FiledCoder,
  type LatentGroup,
  type LoadedCoder,
  readsPair,
} from "../coders/sparse-coder.ts";
import { fault, parsed, readJson, safetensorsOf, type Tensors, tensorTaker } from "./folder.ts";
import type { CoderFormat } from "./format.ts";
import { moduleHook, moduleHooks } from "./hook-names.ts";
import { mkdirFor, transposed, writeTensors } from "./write.ts";

const CONFIG = "config.json";
const ONE = "params.safetensors";
const layerFile = (i: number) => `params_layer_${i}.safetensors`;

/** Unknown keys are left alone: the published files carry training notes too. */
const Config = z.looseObject({
  architecture: z.literal("jump_relu"),
  hf_hook_point_in: z.string(),
  hf_hook_point_out: z.string().nullish(),
  model_name: z.string().nullish(),
  type: z.enum(["sae", "transcoder", "clt", "crosscoder"]).nullish(),
});
type Config = z.infer<typeof Config>;

export const gemmaScope2: CoderFormat = {
  name: "gemma-scope-2",
  files: `${ONE} or ${layerFile(0)}`,
  recognises: (names) => names.includes(ONE) || names.includes(layerFile(0)),
  open: async (folder, names) => {
    const config = names.includes(CONFIG)
      ? parsed(folder, Config, await readJson(folder, CONFIG), `a Gemma Scope 2 ${CONFIG}`)
      : inferredConfig(folder);
    return [names.includes(ONE) ? await openOne(folder, config) : await openLayers(folder, names, config)];
  },
  cannotHold: (coders) => {
    if (coders.length !== 1) return "one dictionary to a folder";
    const [coder] = coders as [LoadedCoder];
    if (readsPair(coder)) return "dictionaries of one model";
    const hooks = [...coder.groups.flatMap((group) => group.hooks), ...coder.outputs.map(({ hook }) => hook)];
    if (hooks.some((hook) => moduleName([hook]) === null)) return `places ${Object.keys(moduleNames).join(", ")}`;
    const sound = coder.groups.every(
      ({ activation, inputBias, inputNorm }) => activation.type === "jumprelu" && !inputBias && inputNorm === "none",
    );
    return sound ? null : "JumpReLU dictionaries that read activations as they are";
  },
  write: (folder, [coder], { dtype = "F32" }) => writeFolder(folder, coder as LoadedCoder, dtype),
};

/** Some folders were published without their configuration: their names follow a rule. */
function inferredConfig(folder: string): Config {
  const path = folder.split(/[\\/]/).slice(-3).join("/");
  const layer = /layer_(\d+)/.exec(basename(folder))?.[1];
  const site = /(transcoder|resid_post|attn_out|mlp_out)/.exec(path)?.[1];
  if (layer === undefined || site === undefined)
    throw fault(folder, CONFIG, "none, and a folder name that does not say what it is", "download it whole");
  const at = (place: string) => `model.layers.${layer}.${place}`;
  const places: Readonly<Record<string, string>> = {
    transcoder: at("pre_feedforward_layernorm.output"),
    resid_post: at("output"),
    attn_out: at("self_attn.o_proj.input"),
    mlp_out: at("post_feedforward_layernorm.output"),
  };
  const isTranscoder = site === "transcoder";
  return {
    architecture: "jump_relu",
    hf_hook_point_in: places[site] as string,
    hf_hook_point_out: isTranscoder ? at("post_feedforward_layernorm.output") : null,
    model_name: null,
    type: isTranscoder ? "transcoder" : "sae",
  };
}

async function openOne(folder: string, config: Config): Promise<FiledCoder> {
  const place = config.hf_hook_point_out ?? config.hf_hook_point_in;
  const [hook, out] = [moduleHook(folder, config.hf_hook_point_in), moduleHook(folder, place)];
  const { group, dOut, taker } = openGroup(folder, await safetensorsOf(folder, ONE), [hook], null);
  const skip = taker.takeIfAny("affine_skip_connection", [group.dIn, dOut]);
  const bias = taker.take("b_dec", [dOut]);
  taker.done();
  const transcodes = config.type === undefined || config.type === null ? hook !== out : config.type === "transcoder";
  const kind: CoderKind = transcodes ? (skip ? "skip_transcoder" : "transcoder") : "sae";
  if (!transcodes && hook !== out) throw fault(folder, "an autoencoder to write where it reads", `${hook} → ${out}`);
  const output = { hook: out, dOut, bias, skip: skip && transposedView(skip) };
  return { kind, modelName: modelOf(folder, config), groups: [group], outputs: [output] };
}

async function openLayers(folder: string, names: readonly string[], config: Config): Promise<FiledCoder> {
  const count = names.filter((name) => /^params_layer_\d+\.safetensors$/.test(name)).length;
  const missing = Array.from({ length: count }, (_, i) => layerFile(i)).find((name) => !names.includes(name));
  if (missing !== undefined) throw fault(folder, `${count} files, ${missing} among them`, "a gap");
  const hooks = moduleHooks(folder, config.hf_hook_point_in, count);
  const outs = moduleHooks(folder, config.hf_hook_point_out ?? config.hf_hook_point_in, count);
  if (hooks.length !== count || outs.length !== count)
    throw fault(folder, `${hooks.length} files, one per place of ${config.hf_hook_point_in}`, String(count));
  const groups: LatentGroup<TensorView>[] = [];
  const outputs: CoderOutput<TensorView>[] = [];
  for (let i = 0; i < count; i++) {
    const tensors = await safetensorsOf(folder, layerFile(i));
    const { group, dOut, taker } = openGroup(folder, tensors, [hooks[i] as HookName], { layer: i, count });
    const skip = taker.takeIfAny("affine_skip_connection", [group.dIn, dOut]);
    outputs.push({
      hook: outs[i] as HookName,
      dOut,
      bias: taker.take("b_dec", [dOut]),
      skip: skip && transposedView(skip),
    });
    groups.push(group);
    taker.done();
  }
  const same = hooks.every((hook, i) => hook === outs[i]);
  return {
    kind: config.type === "crosscoder" || same ? "crosscoder" : "clt",
    modelName: modelOf(folder, config),
    groups,
    outputs,
  };
}

function openGroup(
  folder: string,
  tensors: Tensors,
  hooks: readonly HookName[],
  of: { readonly layer: number; readonly count: number } | null,
) {
  const taker = tensorTaker(folder, tensors);
  const encoder = taker.take("w_enc", [null, null]);
  const [dIn = 0, nLatents = 0] = encoder.shape;
  const decoder = taker.take("w_dec", of ? [nLatents, of.count, null] : [nLatents, null]);
  const group: LatentGroup<TensorView> = {
    hooks,
    dIn,
    nLatents,
    inputNorm: "none",
    inputBias: null,
    encoder: transposedView(encoder),
    encoderBias: taker.take("b_enc", [nLatents]),
    activation: { type: "jumprelu", threshold: taker.take("threshold", [nLatents]) },
    decoder: of ? fromView(decoder, 1, of.layer) : unsqueezedView(decoder, 1),
    firstOutput: of?.layer ?? 0,
    written: of ? of.count - of.layer : 1,
  };
  return { group, dOut: decoder.shape.at(-1) ?? 0, taker };
}

/** Configurations leave out `google/` or write `-v3`; the 270M base has no `-pt` in its repository's name. */
function modelOf(folder: string, { model_name }: Config): string | null {
  const fromPath = /gemma-scope-2-(270m|1b|4b|12b|27b)-(pt|it)/.exec(folder);
  const given = model_name ?? (fromPath ? `gemma-3-${fromPath[1]}-${fromPath[2]}` : null);
  if (given === null) return null;
  const name = given.replace("-v3", "-3").replace(/^(?:google\/)?gemma/, "google/gemma");
  return name.includes("270m") ? name.replace(/-pt$/, "") : name;
}

const moduleNames: Readonly<Record<string, string>> = {
  hook_resid_post: "output",
  "attn.hook_z": "self_attn.o_proj.input",
  "mlp.hook_in": "pre_feedforward_layernorm.output",
  hook_mlp_out: "post_feedforward_layernorm.output",
};

/** Null where the format has no name for the places. */
function moduleName(hooks: readonly HookName[]): string | null {
  const parts = hooks.map((hook) => /^blocks\.(\d+)\.(.+)$/.exec(hook) ?? []);
  const place = parts[0]?.[2] ?? "";
  if (!Object.hasOwn(moduleNames, place) || parts.some((part) => part[2] !== place)) return null;
  const layers = parts.map((part) => part[1]);
  return `model.layers.${layers.length === 1 ? layers[0] : `{${layers.join(",")}}`}.${moduleNames[place]}`;
}

async function writeFolder(folder: string, coder: LoadedCoder, dtype: FloatDtype): Promise<void> {
  const { kind, groups, outputs, modelName } = coder;
  const several = kind === "clt" || kind === "crosscoder";
  const reads = groups.flatMap(({ hooks }) => hooks);
  const config = {
    architecture: "jump_relu",
    hf_hook_point_in: moduleName(reads),
    hf_hook_point_out: moduleName(outputs.map(({ hook }) => hook)),
    model_name: modelName,
    width: groups.reduce((sum, { nLatents }) => sum + nLatents, 0),
    affine_connection: outputs.some(({ skip }) => skip !== null),
    type: kind === "skip_transcoder" ? "transcoder" : kind,
  };
  await mkdirFor(folder);
  for (const [i, group] of groups.entries()) {
    const output = outputs[i] as CoderOutput<Float32Array>;
    await writeTensors(
      folder,
      several ? layerFile(i) : ONE,
      dtype,
      groupTensors(group, output, several ? outputs.length : null),
    );
  }
  await atomicWriteFile(`${folder}/${CONFIG}`, `${JSON.stringify(config, null, 2)}\n`);
}

function groupTensors(group: LatentGroup<Float32Array>, output: CoderOutput<Float32Array>, count: number | null) {
  const { dIn, nLatents, encoder, encoderBias, activation, decoder, firstOutput, written } = group;
  const { dOut, bias, skip } = output;
  const threshold = activation.type === "jumprelu" ? activation.threshold : new Float32Array(nLatents);
  // Slots for the layers before this one stand in the file and stay empty.
  const wide = new Float32Array(nLatents * (count ?? 1) * dOut);
  for (let i = 0; i < nLatents; i++)
    wide.set(decoder.subarray(i * written * dOut, (i + 1) * written * dOut), (i * (count ?? 1) + firstOutput) * dOut);
  return [
    { name: "w_enc", shape: [dIn, nLatents], values: transposed(encoder, nLatents, dIn) },
    { name: "b_enc", shape: [nLatents], values: encoderBias ?? new Float32Array(nLatents) },
    { name: "threshold", shape: [nLatents], values: threshold },
    { name: "w_dec", shape: count === null ? [nLatents, dOut] : [nLatents, count, dOut], values: wide },
    { name: "b_dec", shape: [dOut], values: bias ?? new Float32Array(dOut) },
    ...(skip ? [{ name: "affine_skip_connection", shape: [dIn, dOut], values: transposed(skip, dOut, dIn) }] : []),
  ];
}
