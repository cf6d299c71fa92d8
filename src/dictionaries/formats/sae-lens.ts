/**
 * SAELens' folder: `cfg.json` and `sae_weights.safetensors` (SAELens 6, architecture `topk`). W_enc is
 * `[d_in, d_sae]`, W_dec `[d_sae, d_out]`; the k largest pre-activations are kept, then ReLU: the same as here.
 */
import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { must, UserError } from "../../core/index.ts";
import {
  type FloatDtype,
  floatsToBytes,
  openSafetensors,
  readTensor,
  type TensorLocation,
  type TensorStore,
  writeSafetensors,
} from "../../data/index.ts";
import type { HookName } from "../../models/index.ts";
import { atomicWriteFile } from "../../store/index.ts";
import { normaliseRows } from "../baselines.ts";
import type { Dictionary } from "../dictionary.ts";

export const CONFIG_FILE = "cfg.json";
export const WEIGHTS_FILE = "sae_weights.safetensors";

const hookPattern = /^(hook_embed|ln_final\.hook_normalized|blocks\.\d+\.[a-z0-9_.]+)$/;

/** What SAELens writes beside what reading needs; free-form there, kept as it is here. */
const Metadata = z.looseObject({
  hook_name: z.string().regex(hookPattern, "a TransformerLens hook name"),
  model_name: z.string().optional(),
});

const Config = z.strictObject({
  architecture: z.literal("topk"),
  d_in: z.number().int().positive(),
  d_sae: z.number().int().positive(),
  k: z.number().int().positive(),
  dtype: z.string().optional(),
  device: z.string().optional(),
  apply_b_dec_to_input: z.boolean().default(true),
  normalize_activations: z.enum(["none", "expected_average_only_in"]).default("none"),
  reshape_activations: z.literal("none").default("none"),
  rescale_acts_by_decoder_norm: z.boolean().default(false),
  metadata: Metadata,
});
type Config = z.infer<typeof Config>;

export interface ReadDictionary {
  readonly dictionary: Dictionary;
  /** The model that it was made for, where the file says so. */
  readonly modelName: string | null;
}

export async function readSaeLens(folder: string): Promise<ReadDictionary> {
  const config = await readConfig(folder);
  const store = await openSafetensors(join(folder, WEIGHTS_FILE));
  const tensors = await readTensors(folder, config, store);
  const { d_in: dModel, d_sae: nLatents, k, metadata } = config;
  const decoder = tensors.W_dec;
  const encoder = transposed(tensors.W_enc, dModel, nLatents);
  const encoderBias = tensors.b_enc;
  scaleToUnitRows(folder, config, { encoder, encoderBias, decoder });
  if (!config.apply_b_dec_to_input) addProduct(encoderBias, encoder, tensors.b_dec);
  return {
    dictionary: {
      hook: metadata.hook_name as HookName,
      dModel,
      nLatents,
      k,
      encoder,
      encoderBias,
      decoder,
      decoderBias: tensors.b_dec,
    },
    modelName: metadata.model_name ?? null,
  };
}

export interface WriteOptions {
  readonly dtype?: FloatDtype;
  readonly modelName: string;
}

export async function writeSaeLens(
  folder: string,
  dictionary: Dictionary,
  { dtype = "F32", modelName }: WriteOptions,
): Promise<void> {
  const { dModel, nLatents, k, hook, encoder, encoderBias, decoder, decoderBias } = dictionary;
  await mkdir(folder, { recursive: true });
  const tensor = (name: string, shape: readonly number[], data: Float32Array) => ({
    name,
    dtype,
    shape,
    data: floatsToBytes(data, dtype),
  });
  await writeSafetensors(join(folder, WEIGHTS_FILE), [
    tensor("W_enc", [dModel, nLatents], transposed(encoder, nLatents, dModel)),
    tensor("b_enc", [nLatents], encoderBias),
    tensor("W_dec", [nLatents, dModel], decoder),
    tensor("b_dec", [dModel], decoderBias),
  ]);
  const config: Config = {
    architecture: "topk",
    d_in: dModel,
    d_sae: nLatents,
    k,
    dtype: "float32",
    device: "cpu",
    apply_b_dec_to_input: true,
    normalize_activations: "none",
    reshape_activations: "none",
    // Rows have unit norm: either way is the same, and this one lets SAELens fold norms after rounding to half.
    rescale_acts_by_decoder_norm: false,
    metadata: { hook_name: hook, model_name: modelName },
  };
  await atomicWriteFile(join(folder, CONFIG_FILE), `${JSON.stringify(config, null, 2)}\n`);
}

function fault(folder: string, expected: string, got: string, fix: string): UserError {
  return new UserError(`dictionary ${folder}`, { expected, got, fix });
}

const COPY_AGAIN = "copy or train it again";

async function readConfig(folder: string): Promise<Config> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT" && error.code !== "ENOTDIR") throw error;
    const got = error.code === "ENOENT" ? "nothing there" : "a file";
    throw fault(folder, "a folder", got, "check the path");
  });
  for (const file of [CONFIG_FILE, WEIGHTS_FILE])
    if (!names.includes(file)) throw fault(folder, `${file} (SAELens' format)`, "no such file there", COPY_AGAIN);
  const text = await readFile(join(folder, CONFIG_FILE), "utf8");
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw fault(folder, `JSON in ${CONFIG_FILE}`, "something else", COPY_AGAIN);
  }
  const parsed = Config.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = must(parsed.error.issues[0], "an issue");
  const where = issue.path.length > 0 ? issue.path.join(".") : "the file";
  throw fault(folder, `a TopK dictionary's ${CONFIG_FILE}`, `${where}: ${issue.message}`, "use architecture topk");
}

type Tensors = Record<"W_enc" | "b_enc" | "W_dec" | "b_dec", Float32Array>;

async function readTensors(folder: string, { d_in, d_sae }: Config, store: TensorStore): Promise<Tensors> {
  const shapes: Record<keyof Tensors, readonly number[]> = {
    W_enc: [d_in, d_sae],
    b_enc: [d_sae],
    W_dec: [d_sae, d_in],
    b_dec: [d_in],
  };
  const stray = [...store.keys()].find((name) => !Object.hasOwn(shapes, name));
  if (stray !== undefined)
    throw fault(folder, `the tensors ${Object.keys(shapes).join(", ")}`, `${JSON.stringify(stray)} too`, COPY_AGAIN);
  const read = async (name: keyof Tensors) => {
    const location = checked(folder, name, shapes[name], store.get(name));
    const values = await readTensor(location);
    if (!values.every(Number.isFinite)) throw fault(folder, `finite numbers in ${name}`, "others", COPY_AGAIN);
    return values;
  };
  return {
    W_enc: await read("W_enc"),
    b_enc: await read("b_enc"),
    W_dec: await read("W_dec"),
    b_dec: await read("b_dec"),
  };
}

function checked(
  folder: string,
  name: string,
  shape: readonly number[],
  location: TensorLocation | undefined,
): TensorLocation {
  const expected = `${name} of shape [${shape.join(", ")}] (cfg.json: d_in, d_sae)`;
  if (!location) throw fault(folder, expected, "no such tensor", COPY_AGAIN);
  if (location.shape.join() !== shape.join())
    throw fault(folder, expected, `[${location.shape.join(", ")}]`, "use the cfg.json that belongs to the weights");
  return location;
}

/**
 * Decoder rows of unit norm, with n their old norm: with `rescale_acts_by_decoder_norm` latents compete by n · pre and
 * write n · pre times the unit row, so E, e and d are scaled by n, n, 1/n. Without it folding would change who wins:
 * then rows must be of unit norm already, but for rounding.
 */
function scaleToUnitRows(
  folder: string,
  { rescale_acts_by_decoder_norm, d_in }: Config,
  { encoder, encoderBias, decoder }: { encoder: Float32Array; encoderBias: Float32Array; decoder: Float32Array },
): void {
  const norms = normaliseRows(decoder, d_in);
  // Half-precision rows of unit norm come back within 1e-3 of it.
  const off = norms.findIndex((norm) => Math.abs(norm - 1) > 1e-2);
  if (off >= 0 && !rescale_acts_by_decoder_norm)
    throw fault(
      folder,
      "decoder rows of unit norm, or rescale_acts_by_decoder_norm",
      `a norm of ${(norms[off] as number).toPrecision(4)} in row ${off}`,
      "fold the norms in SAELens before saving",
    );
  if (!rescale_acts_by_decoder_norm) return;
  for (let i = 0; i < encoder.length; i++)
    encoder[i] = (encoder[i] as number) * (norms[Math.floor(i / d_in)] as number);
  for (let i = 0; i < norms.length; i++) encoderBias[i] = (encoderBias[i] as number) * (norms[i] as number);
}

/** e + E b: an encoder that reads h itself, written for one that reads h − b. */
function addProduct(encoderBias: Float32Array, encoder: Float32Array, b: Float32Array): void {
  for (let i = 0; i < encoderBias.length; i++) {
    let sum = encoderBias[i] as number;
    for (let j = 0; j < b.length; j++) sum += (encoder[i * b.length + j] as number) * (b[j] as number);
    encoderBias[i] = sum;
  }
}

/** `matrix [rows, columns]` as `[columns, rows]`. */
function transposed(matrix: Float32Array, rows: number, columns: number): Float32Array {
  const out = new Float32Array(matrix.length);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) out[j * rows + i] = matrix[i * columns + j] as number;
  return out;
}
