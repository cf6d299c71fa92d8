/**
 * Crosscoders of two models (Lindsey et al. 2024; Minder et al. 2025, arXiv 2504.02922), as the branch of dictionary_learning that
 * they are trained with publishes them: `model.safetensors` and `config.json` of the hub's mixin.
 *
 * - One set of latents reads the same place in both models, base first, and writes to it in both: `encoder.weight [2, d, N]`,
 *   `encoder.bias [N]`, `decoder.weight [2, N, d]`, `decoder.bias [2, d]`. Here: a group whose two hook points are the same.
 * - `CrossCoder`: f = ReLU(E x + e). `BatchTopKCrossCoder`: only where f c > θ, c the latent's `code_normalization_id`: 1 the sum
 *   of its two decoder norms, 2 the norm of both together, 4 one; kept as JumpReLU with a threshold per latent, for which the
 *   decoder is read when the file is opened.
 * - The files do not say where they read: it must be told.
 */
import { z } from "zod";
import {
  mergedView,
  readView,
  readWhole,
  rowView,
  swappedView,
  type TensorView,
  transposedView,
} from "../../data/index.ts";
import type { Activation, FiledCoder } from "../coders/sparse-coder.ts";
import { fault, parsed, readJson, safetensorsOf, type TensorTaker, tensorTaker } from "./folder.ts";
import type { CoderFormat, OpenHints } from "./format.ts";

const WEIGHTS = "model.safetensors";
const CONFIG = "config.json";

const Config = z.looseObject({
  activation_dim: z.number().int().positive(),
  dict_size: z.number().int().positive(),
  num_layers: z.literal(2),
});

export const crosscoder: CoderFormat = {
  name: "crosscoder",
  files: `${WEIGHTS} and ${CONFIG} with num_layers 2`,
  recognises: (names) => names.includes(WEIGHTS) && names.includes(CONFIG),
  open: async (folder, _names, hints) => [await openFolder(folder, hints)],
  cannotHold: () => "nothing: it is read and not written here",
  write: async (folder) => {
    throw fault(folder, "a format that is written", "crosscoder", "choose another one");
  },
};

async function openFolder(folder: string, { hook }: OpenHints): Promise<FiledCoder> {
  const config = parsed(folder, Config, await readJson(folder, CONFIG), `a crosscoder's ${CONFIG}`);
  const { activation_dim: d, dict_size: nLatents } = config;
  if (!hook)
    throw fault(folder, "the place that it reads", "a file that does not say it", "--hook blocks.13.hook_resid_post");
  const taker = tensorTaker(folder, await safetensorsOf(folder, WEIGHTS));
  const encoder = taker.take("encoder.weight", [2, d, nLatents]);
  const encoderBias = taker.take("encoder.bias", [nLatents]);
  const decoder = taker.take("decoder.weight", [2, nLatents, d]);
  const bias = taker.take("decoder.bias", [2, d]);
  await refuseScaled(folder, taker, d);
  const activation = await activationOf(folder, taker, decoder);
  taker.done();
  const group = {
    hooks: [hook, hook],
    dIn: 2 * d,
    nLatents,
    inputNorm: "none" as const,
    inputBias: null,
    encoder: transposedView(mergedView(encoder)),
    encoderBias,
    activation,
    decoder: swappedView(decoder),
    firstOutput: 0,
    written: 2,
  };
  const outputs = [0, 1].map((model) => ({ hook, dOut: d, bias: rowView(bias, model), skip: null }));
  return { kind: "crosscoder", modelName: null, groups: [group], outputs };
}

/** Newer files may hold a mean and a scale per model, taken off before encoding and put back: not folded here. */
async function refuseScaled(folder: string, taker: TensorTaker, d: number): Promise<void> {
  const mean = taker.takeIfAny("activation_mean", [2, d]);
  for (const [name, shape] of [
    ["activation_std", [2, d]],
    ["activation_global_scale", [2]],
    ["target_rms", []],
  ] as const)
    taker.takeIfAny(name, shape);
  if (mean && (await readView(mean)).every((value) => !Number.isNaN(value)))
    throw fault(
      folder,
      "activations read as they are",
      "an activation_mean",
      "fold it into the weights in Python first",
    );
}

async function activationOf(folder: string, taker: TensorTaker, decoder: TensorView): Promise<Activation<TensorView>> {
  const id = taker.takeIfAny("code_normalization_id", []);
  taker.takeIfAny("k", []);
  const threshold = taker.takeIfAny("threshold", []);
  if (!threshold) return { type: "relu" };
  const least = await readWhole(threshold);
  if (!(least >= 0)) throw fault(folder, "a threshold that training has set", String(least), "train it for longer");
  const norms = codeNorms(folder, id ? await readWhole(id) : 1, await readView(decoder), decoder.shape);
  return {
    type: "jumprelu",
    threshold: viewOfValues(
      "threshold",
      norms.map((norm) => least / norm),
    ),
  };
}

/** What a latent's value is multiplied by before it is held against the threshold. */
function codeNorms(folder: string, id: number, decoder: Float32Array, [, nLatents = 0, d = 0]: readonly number[]) {
  const norm = (model: number, latent: number) => {
    const start = (model * nLatents + latent) * d;
    return Math.hypot(...decoder.subarray(start, start + d));
  };
  const byId: Readonly<Record<number, (latent: number) => number>> = {
    1: (latent) => norm(0, latent) + norm(1, latent),
    2: (latent) => Math.hypot(norm(0, latent), norm(1, latent)),
    4: () => 1,
  };
  const of = byId[id];
  if (!of) throw fault(folder, "code_normalization_id 1, 2 or 4", String(id), "convert it in Python first");
  return Float32Array.from({ length: nLatents }, (_, latent) => of(latent));
}

function viewOfValues(name: string, values: Float32Array): TensorView {
  const source = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return { name, source, offset: 0, dtype: "F32", shape: [values.length], strides: [1] };
}
