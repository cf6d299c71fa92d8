/**
 * saprmarks/dictionary_learning: `ae.pt` (a pickled state dict, read without running anything) and `config.json`, whose
 * `trainer.dict_class` says the architecture.
 *
 * | class | f |
 * |---|---|
 * | AutoEncoder | ReLU(E (x − b) + e); its loader folds the decoder's norms, which leaves outputs and scales f |
 * | AutoEncoderNew | ReLU(E x + e) |
 * | GatedAutoEncoder | gated, on x − b |
 * | JumpReluAutoEncoder | ReLU(p) where p > θ, p = E x + e |
 * | AutoEncoderTopK | the k largest of ReLU(E (x − b) + e) |
 * | BatchTopKSAE, MatryoshkaBatchTopKSAE | ReLU(E (x − b) + e) where it is > the one threshold that training kept |
 */
import { join } from "node:path";
import { z } from "zod";
import {
  openTorchState,
  readWhole,
  repeatedView,
  type TensorView,
  transposedView,
  unsqueezedView,
} from "../../data/index.ts";
import type { HookName } from "../../models/index.ts";
import type { Activation, FiledCoder } from "../coders/sparse-coder.ts";
import { fault, parsed, readJson, type TensorTaker, tensorTaker } from "./folder.ts";
import type { CoderFormat, OpenHints } from "./format.ts";

const WEIGHTS = "ae.pt";
const CONFIG = "config.json";

const Config = z.looseObject({
  trainer: z.looseObject({
    dict_class: z.string(),
    layer: z.number().int().nonnegative().nullish(),
    lm_name: z.string().nullish(),
    submodule_name: z.string().nullish(),
  }),
});
type Trainer = z.infer<typeof Config>["trainer"];

export const dictionaryLearning: CoderFormat = {
  name: "dictionary_learning",
  files: `${WEIGHTS} and ${CONFIG}`,
  recognises: (names) => names.includes(WEIGHTS),
  open: async (folder, _names, hints) => [await openFolder(folder, hints)],
  cannotHold: () => "nothing: its files are pickles, which this program reads but does not write",
  write: async (folder) => {
    throw fault(folder, "a format without pickles", "dictionary_learning", "convert to sae-lens");
  },
};

async function openFolder(folder: string, hints: OpenHints): Promise<FiledCoder> {
  const { trainer } = parsed(folder, Config, await readJson(folder, CONFIG), `dictionary_learning's ${CONFIG}`);
  const hook = placeOf(folder, trainer, hints);
  const taker = tensorTaker(folder, await openTorchState(join(folder, WEIGHTS)));
  if (!Object.hasOwn(classes, trainer.dict_class))
    throw fault(folder, `one of ${Object.keys(classes).join(", ")}`, trainer.dict_class, "convert it in Python first");
  const made = await (classes[trainer.dict_class] as Reader)(taker, folder);
  taker.done();
  const { encoder, decoder, bias, inputBias, encoderBias, activation } = made;
  const [nLatents = 0, dIn = 0] = encoder.shape;
  const group = {
    hooks: [hook],
    dIn,
    nLatents,
    inputNorm: "none" as const,
    inputBias,
    encoder,
    encoderBias,
    activation,
    decoder: unsqueezedView(decoder, 1),
    firstOutput: 0,
    written: 1,
  };
  return {
    kind: "sae",
    modelName: trainer.lm_name ?? null,
    groups: [group],
    outputs: [{ hook, dOut: dIn, bias, skip: null }],
  };
}

const places: Readonly<Record<string, string>> = {
  resid_post: "hook_resid_post",
  mlp_out: "hook_mlp_out",
  attention_out: "hook_attn_out",
  attn_out: "hook_attn_out",
};

function placeOf(folder: string, { layer, submodule_name }: Trainer, { hook }: OpenHints): HookName {
  if (hook) return hook;
  const [, site = "", at = layer] =
    /^(resid_post|mlp_out|attention_out|attn_out)(?:_layer_(\d+))?$/.exec(submodule_name ?? "") ?? [];
  const place = places[site];
  if (place === undefined || at === undefined || at === null)
    throw fault(
      folder,
      "a trainer.submodule_name like resid_post_layer_8",
      JSON.stringify(submodule_name ?? null),
      "say where it reads with --hook, for example --hook blocks.8.hook_resid_post",
    );
  return `blocks.${at}.${place}` as HookName;
}

interface Parts {
  /** `[nLatents, d]` */
  readonly encoder: TensorView;
  readonly encoderBias: TensorView | null;
  readonly inputBias: TensorView | null;
  /** `[nLatents, d]` */
  readonly decoder: TensorView;
  readonly bias: TensorView;
  readonly activation: Activation<TensorView>;
}

type Reader = (taker: TensorTaker, folder: string) => Parts | Promise<Parts>;

/** The weights of `nn.Linear`s are `[out, in]`. */
function linears(taker: TensorTaker) {
  const encoder = taker.take("encoder.weight", [null, null]);
  const [nLatents = 0, d = 0] = encoder.shape;
  return { encoder, nLatents, d, decoder: transposedView(taker.take("decoder.weight", [d, nLatents])) };
}

/** Parameters of its own, `[in, out]` each. */
function parameters(taker: TensorTaker) {
  const encoder = taker.take("W_enc", [null, null]);
  const [d = 0, nLatents = 0] = encoder.shape;
  const encoderBias = taker.take("b_enc", [nLatents]);
  const bias = taker.take("b_dec", [d]);
  return { encoder: transposedView(encoder), encoderBias, bias, nLatents, decoder: taker.take("W_dec", [nLatents, d]) };
}

async function oneThreshold(taker: TensorTaker, folder: string, nLatents: number): Promise<Activation<TensorView>> {
  taker.takeIfAny("k", []);
  const threshold = taker.take("threshold", []);
  if (!((await readWhole(threshold)) >= 0))
    throw fault(folder, "a threshold that training has set", "−1, unset", "train it for longer");
  return { type: "jumprelu", threshold: repeatedView(threshold, nLatents) };
}

const classes: Readonly<Record<string, Reader>> = {
  AutoEncoder: (taker) => {
    const { encoder, nLatents, d, decoder } = linears(taker);
    const bias = taker.take("bias", [d]);
    const encoderBias = taker.take("encoder.bias", [nLatents]);
    return { encoder, encoderBias, inputBias: bias, decoder, bias, activation: { type: "relu" } };
  },
  AutoEncoderNew: (taker) => {
    const { encoder, nLatents, d, decoder } = linears(taker);
    const encoderBias = taker.take("encoder.bias", [nLatents]);
    const bias = taker.take("decoder.bias", [d]);
    return { encoder, encoderBias, inputBias: null, decoder, bias, activation: { type: "relu" } };
  },
  GatedAutoEncoder: (taker) => {
    const { encoder, nLatents, d, decoder } = linears(taker);
    const bias = taker.take("decoder_bias", [d]);
    const activation = {
      type: "gated" as const,
      gateBias: taker.take("gate_bias", [nLatents]),
      logScale: taker.take("r_mag", [nLatents]),
      magnitudeBias: taker.take("mag_bias", [nLatents]),
    };
    return { encoder, encoderBias: null, inputBias: bias, decoder, bias, activation };
  },
  JumpReluAutoEncoder: (taker) => {
    const { nLatents, ...parts } = parameters(taker);
    return {
      ...parts,
      inputBias: null,
      activation: { type: "jumprelu", threshold: taker.take("threshold", [nLatents]) },
    };
  },
  AutoEncoderTopK: async (taker, folder) => {
    const { encoder, nLatents, d, decoder } = linears(taker);
    const k = await readWhole(taker.take("k", []));
    if (!(Number.isSafeInteger(k) && k > 0 && k <= nLatents)) throw fault(folder, `k from 1 to ${nLatents}`, String(k));
    taker.takeIfAny("threshold", []);
    const bias = taker.take("b_dec", [d]);
    const encoderBias = taker.take("encoder.bias", [nLatents]);
    return { encoder, encoderBias, inputBias: bias, decoder, bias, activation: { type: "topk", k, byNorm: false } };
  },
  BatchTopKSAE: async (taker, folder) => {
    const { encoder, nLatents, d, decoder } = linears(taker);
    const bias = taker.take("b_dec", [d]);
    const encoderBias = taker.take("encoder.bias", [nLatents]);
    return {
      encoder,
      encoderBias,
      inputBias: bias,
      decoder,
      bias,
      activation: await oneThreshold(taker, folder, nLatents),
    };
  },
  MatryoshkaBatchTopKSAE: async (taker, folder) => {
    const { nLatents, ...parts } = parameters(taker);
    taker.takeIfAny("group_sizes", [null]);
    return { ...parts, inputBias: parts.bias, activation: await oneThreshold(taker, folder, nLatents) };
  },
};
