/**
 * circuit-tracer's transcoder sets: `config.yaml` beside `layer_0.safetensors`, … (one transcoder per layer), or
 * `W_enc_0.safetensors` and `W_dec_0.safetensors`, … (a cross-layer transcoder), or with a list of files (listed.ts).
 *
 * - `W_enc [latents, d]` has a latent a row (SAELens' has a latent a column).
 * - Per layer `W_skip [d_out, d_in]` is S (y += x · W_skipᵀ); a cross-layer one multiplies from the right (y += x · W_skip).
 * - `W_dec_l [latents, layers − l, d]`: slot j writes to layer l + j.
 */
import { basename, dirname, join } from "node:path";
import { parse as parseYaml } from "yaml";
import { z } from "zod";
import { type FloatDtype, readWhole, type TensorView, transposedView, unsqueezedView } from "../../data/index.ts";
import { atomicWriteFile } from "../../store/index.ts";
import type { Activation, CoderOutput, FiledCoder, LatentGroup, LoadedCoder } from "../coders/sparse-coder.ts";
import { fault, parsed, readSmall, safetensorsOf, type TensorTaker, tensorTaker } from "./folder.ts";
import type { CoderFormat } from "./format.ts";
import { blockHook } from "./hook-names.ts";
import { mkdirFor, type NamedValues, transposed, writeTensors } from "./write.ts";

const CONFIG = "config.yaml";
const layerFile = (i: number) => `layer_${i}.safetensors`;
const encoderFile = (i: number) => `W_enc_${i}.safetensors`;
const decoderFile = (i: number) => `W_dec_${i}.safetensors`;

const Config = z.looseObject({
  model_name: z.string().nullish(),
  model_kind: z.enum(["transcoder_set", "cross_layer_transcoder"]).nullish(),
  feature_input_hook: z.string(),
  feature_output_hook: z.string(),
  activation: z.enum(["relu", "topk", "jumprelu", "jump_relu"]).nullish(),
  k: z.number().int().positive().nullish(),
  /** Files in the order of the layers, in place of `layer_0.safetensors`, … */
  transcoders: z.array(z.string()).max(1024).nullish(),
});
type Config = z.infer<typeof Config>;

/** The files that a set lists; null where the folder lists none or holds its layers itself. */
export async function transcoderList(folder: string, names: readonly string[]): Promise<readonly string[] | null> {
  if (!names.includes(CONFIG) || names.includes(layerFile(0)) || names.includes(encoderFile(0))) return null;
  return (await readConfig(folder, names).catch(() => null))?.transcoders ?? null;
}

/** One layer's file of a set that lists its files. */
export async function openListedLayer(folder: string, file: string, layer: number): Promise<FiledCoder> {
  return openLayer({ folder, file, layer, config: await readConfig(folder, [CONFIG]) });
}

export const circuitTracer: CoderFormat = {
  name: "circuit-tracer",
  files: `${CONFIG} with ${layerFile(0)} or ${encoderFile(0)}`,
  recognises: (names) => names.includes(layerFile(0)) || names.includes(encoderFile(0)),
  open: async (folder, names) => {
    const config = await readConfig(folder, names);
    return names.includes(encoderFile(0)) ? [await openClt(folder, names, config)] : openSet(folder, names, config);
  },
  cannotHold,
  write: async (folder, coders, { dtype = "F32" }) => {
    await mkdirFor(folder);
    const [first] = coders;
    if (first?.kind === "clt") await writeClt(folder, first, dtype);
    else for (const [i, coder] of coders.entries()) await writeLayer(folder, i, coder, dtype);
    if (first) await atomicWriteFile(join(folder, CONFIG), configText(first));
  },
};

async function readConfig(folder: string, names: readonly string[]): Promise<Config> {
  if (!names.includes(CONFIG)) throw fault(folder, `${CONFIG}, which says where it reads and writes`, "none");
  let yaml: unknown;
  try {
    yaml = parseYaml(await readSmall(folder, CONFIG), { maxAliasCount: 10 });
  } catch {
    throw fault(folder, `YAML in ${CONFIG}`, "something else");
  }
  return parsed(folder, Config, yaml, `circuit-tracer's ${CONFIG}`);
}

function counted(folder: string, names: readonly string[], file: (i: number) => string): number {
  let count = 0;
  while (names.includes(file(count))) count++;
  const like = new RegExp(`^${file(0).replace("0.", "(\\d+)\\.")}$`);
  const more = names.find((name) => Number(like.exec(name)?.[1] ?? -1) > count);
  if (more !== undefined) throw fault(folder, `every layer, ${file(count)} among them`, `${more} without it`);
  return count;
}

async function openSet(folder: string, names: readonly string[], config: Config): Promise<FiledCoder[]> {
  const coders: FiledCoder[] = [];
  for (let layer = 0; layer < counted(folder, names, layerFile); layer++)
    coders.push(await openLayer({ folder, file: join(folder, layerFile(layer)), layer, config }));
  return coders;
}

interface LayerFile {
  /** Of the set, for messages. */
  readonly folder: string;
  readonly file: string;
  readonly layer: number;
  readonly config: Config;
}

async function openLayer({ folder, file, layer, config }: LayerFile): Promise<FiledCoder> {
  const taker = tensorTaker(folder, await safetensorsOf(dirname(file), basename(file)));
  const encoder = taker.take("W_enc", [null, null]);
  const [nLatents = 0, dIn = 0] = encoder.shape;
  const decoder = taker.take("W_dec", [nLatents, null]);
  const dOut = decoder.shape[1] ?? 0;
  const skip = taker.takeIfAny("W_skip", [dOut, dIn]);
  const group = {
    ...readingGroup(blockHook(folder, layer, config.feature_input_hook), encoder, taker.take("b_enc", [nLatents])),
    activation: await activationOf(folder, config, taker, nLatents),
    decoder: unsqueezedView(decoder, 1),
    firstOutput: 0,
    written: 1,
  };
  const hook = blockHook(folder, layer, config.feature_output_hook);
  const output = { hook, dOut, bias: taker.take("b_dec", [dOut]), skip };
  taker.done();
  const kind = skip ? "skip_transcoder" : "transcoder";
  return { kind, modelName: config.model_name ?? null, groups: [group], outputs: [output] };
}

function readingGroup(hook: LatentGroup<TensorView>["hooks"][number], encoder: TensorView, encoderBias: TensorView) {
  const [nLatents = 0, dIn = 0] = encoder.shape;
  return { hooks: [hook], dIn, nLatents, inputNorm: "none" as const, inputBias: null, encoder, encoderBias };
}

async function activationOf(
  folder: string,
  config: Config,
  taker: TensorTaker,
  nLatents: number,
): Promise<Activation<TensorView>> {
  const threshold = taker.takeIfAny("activation_function.threshold", [nLatents]);
  const stored = taker.takeIfAny("k", []);
  if (config.activation === "topk") {
    const k = stored ? await readWhole(stored) : (config.k ?? Number.NaN);
    if (!(Number.isSafeInteger(k) && k > 0 && k <= nLatents)) throw fault(folder, `k from 1 to ${nLatents}`, String(k));
    return { type: "topk", k, byNorm: false };
  }
  return threshold ? { type: "jumprelu", threshold } : { type: "relu" };
}

async function openClt(folder: string, names: readonly string[], config: Config): Promise<FiledCoder> {
  const count = counted(folder, names, encoderFile);
  const groups: LatentGroup<TensorView>[] = [];
  const outputs: CoderOutput<TensorView>[] = [];
  for (let layer = 0; layer < count; layer++) {
    if (!names.includes(decoderFile(layer))) throw fault(folder, decoderFile(layer), "no such file there");
    const taker = tensorTaker(folder, await safetensorsOf(folder, encoderFile(layer)));
    const written = tensorTaker(folder, await safetensorsOf(folder, decoderFile(layer)));
    const encoder = taker.take(`W_enc_${layer}`, [null, null]);
    const [nLatents = 0, dIn = 0] = encoder.shape;
    const decoder = written.take(`W_dec_${layer}`, [nLatents, count - layer, null]);
    const dOut = decoder.shape[2] ?? 0;
    const threshold = taker.takeIfAny(`threshold_${layer}`, [nLatents]);
    const skip = taker.takeIfAny(`W_skip_${layer}`, [dIn, dOut]);
    groups.push({
      ...readingGroup(
        blockHook(folder, layer, config.feature_input_hook),
        encoder,
        taker.take(`b_enc_${layer}`, [nLatents]),
      ),
      activation: threshold ? { type: "jumprelu", threshold } : { type: "relu" },
      decoder,
      firstOutput: layer,
      written: count - layer,
    });
    const hook = blockHook(folder, layer, config.feature_output_hook);
    outputs.push({ hook, dOut, bias: taker.take(`b_dec_${layer}`, [dOut]), skip: skip && transposedView(skip) });
    taker.done();
    written.done();
  }
  return { kind: "clt", modelName: config.model_name ?? null, groups, outputs };
}

function holds(activation: Activation<Float32Array>): boolean {
  const { type } = activation;
  return type === "relu" || type === "jumprelu" || (type === "topk" && !activation.byNorm);
}

function cannotHold(coders: readonly LoadedCoder[]): string | null {
  const plain = (coder: LoadedCoder) =>
    coder.groups.every(
      ({ activation, inputNorm, inputBias }) => inputNorm === "none" && !inputBias && holds(activation),
    );
  if (!coders.every(plain)) return "ReLU, JumpReLU and TopK transcoders that read activations as they are";
  if (coders.length === 1 && coders[0]?.kind === "clt")
    return coders[0].groups.some(({ activation }) => activation.type === "topk") ? "ReLU and JumpReLU" : null;
  const layered = coders.every(
    ({ kind, groups: [group] }, layer) =>
      (kind === "transcoder" || kind === "skip_transcoder") && group?.hooks[0]?.startsWith(`blocks.${layer}.`),
  );
  return layered ? null : "one transcoder per layer from layer 0 on, or a cross-layer transcoder";
}

/** Within a block. */
const placeOf = (hook: string | undefined) => hook?.replace(/^blocks\.\d+\./, "") ?? "";

function configText({ kind, modelName, groups, outputs }: LoadedCoder): string {
  const { activation } = groups[0] as LatentGroup<Float32Array>;
  return [
    `model_name: ${JSON.stringify(modelName)}`,
    `model_kind: ${kind === "clt" ? "cross_layer_transcoder" : "transcoder_set"}`,
    `feature_input_hook: ${placeOf(groups[0]?.hooks[0])}`,
    `feature_output_hook: ${placeOf(outputs[0]?.hook)}`,
    ...(activation.type === "topk" ? ["activation: topk", `k: ${activation.k}`] : []),
    "",
  ].join("\n");
}

async function writeLayer(folder: string, layer: number, coder: LoadedCoder, dtype: FloatDtype): Promise<void> {
  const [group, output] = [coder.groups[0], coder.outputs[0]];
  if (!group || !output) throw new Error("a coder without latents");
  const { nLatents, dIn, activation } = group;
  const { dOut, bias, skip } = output;
  const threshold = activation.type === "jumprelu" ? activation.threshold : null;
  await writeTensors(folder, layerFile(layer), dtype, [
    { name: "W_enc", shape: [nLatents, dIn], values: group.encoder },
    { name: "b_enc", shape: [nLatents], values: group.encoderBias ?? new Float32Array(nLatents) },
    { name: "W_dec", shape: [nLatents, dOut], values: group.decoder },
    { name: "b_dec", shape: [dOut], values: bias ?? new Float32Array(dOut) },
    ...(threshold ? [{ name: "activation_function.threshold", shape: [nLatents], values: threshold }] : []),
    ...(skip ? [{ name: "W_skip", shape: [dOut, dIn], values: skip }] : []),
  ]);
}

async function writeClt(folder: string, coder: LoadedCoder, dtype: FloatDtype): Promise<void> {
  for (const [layer, group] of coder.groups.entries()) {
    const { dOut, bias, skip } = coder.outputs[layer] as CoderOutput<Float32Array>;
    const { nLatents, dIn, activation, written } = group;
    const threshold = activation.type === "jumprelu" ? activation.threshold : null;
    const tensors: NamedValues[] = [
      { name: `W_enc_${layer}`, shape: [nLatents, dIn], values: group.encoder },
      { name: `b_enc_${layer}`, shape: [nLatents], values: group.encoderBias ?? new Float32Array(nLatents) },
      { name: `b_dec_${layer}`, shape: [dOut], values: bias ?? new Float32Array(dOut) },
      ...(threshold ? [{ name: `threshold_${layer}`, shape: [nLatents], values: threshold }] : []),
      ...(skip ? [{ name: `W_skip_${layer}`, shape: [dIn, dOut], values: transposed(skip, dOut, dIn) }] : []),
    ];
    await writeTensors(folder, encoderFile(layer), dtype, tensors);
    const decoder = { name: `W_dec_${layer}`, shape: [nLatents, written, dOut], values: group.decoder };
    await writeTensors(folder, decoderFile(layer), dtype, [decoder]);
  }
}
