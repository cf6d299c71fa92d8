/**
 * Between what a file holds (`LoadedCoder`) and what analyses read (`Dictionary`): one autoencoder, whose norms, biases
 * and gates are folded so that decoder rows are of unit norm and one rule says who speaks.
 *
 * 1. Decoder norms n: d/n, n E, n e, n θ. Exact for every elementwise rule; for TopK only where latents compete by norm, or
 *    where norms are 1 already (but for rounding to half precision).
 * 2. Gate: ReLU(eʳ p + m) where p + g > 0 is ReLU(P) where P > θ, with P = eʳ p + m and θ = max(0, m − eʳ g).
 * 3. Input bias a ≠ b: E (x − a) + e = E (x − b) + (e + E (b − a)).
 */
import { UserError } from "../core/index.ts";
import { normaliseRows } from "./baselines.ts";
import type { Activation, LatentGroup, LoadedCoder } from "./coders/sparse-coder.ts";
import { coderWords } from "./coders/sparse-coder.ts";
import type { Dictionary } from "./dictionary.ts";

type Group = LatentGroup<Float32Array>;

export function dictionaryOf(coder: LoadedCoder, subject: string): Dictionary {
  const [group, output] = [coder.groups[0], coder.outputs[0]];
  const refuse = (expected: string, fix: string) => new UserError(subject, { expected, got: coderWords(coder), fix });
  if (coder.kind !== "sae" || !group || !output || group.hooks.length !== 1)
    throw refuse("an autoencoder of one hook point", "use a residual-stream dictionary; transcoders serve trace");
  if (group.inputNorm !== "none")
    throw refuse(
      `no ${group.inputNorm} at run time`,
      "use a dictionary whose normalisation is folded into its weights",
    );
  const { hooks, dIn, nLatents } = group;
  const folded = foldActivation(subject, group);
  const decoder = group.decoder.slice();
  const norms = normaliseRows(decoder, dIn);
  if (folded.k !== null && !folded.byNorm) checkUnit(subject, norms);
  // What competes as it is keeps its encoder: norms are 1 but for rounding.
  const scale = folded.k !== null && !folded.byNorm ? null : norms;
  const encoder = scale ? scaledRows(folded.encoder, scale, dIn) : folded.encoder;
  const encoderBias = scale ? scaled(folded.encoderBias, scale) : folded.encoderBias;
  const threshold = folded.threshold && scale ? scaled(folded.threshold, scale) : folded.threshold;
  const decoderBias = output.bias ?? new Float32Array(dIn);
  addProduct(encoderBias, encoder, difference(decoderBias, group.inputBias));
  const hook = hooks[0] as Dictionary["hook"];
  const limits = { k: folded.k, ...(threshold ? { threshold } : {}) };
  return { hook, dModel: dIn, nLatents, ...limits, encoder, encoderBias, decoder, decoderBias };
}

/** A dictionary as its own file would hold it: TopK, or JumpReLU. */
export function coderOf(dictionary: Dictionary, modelName: string | null): LoadedCoder {
  const { hook, dModel, nLatents, k, threshold, encoder, encoderBias, decoder, decoderBias } = dictionary;
  const activation: Activation<Float32Array> =
    k === null
      ? { type: "jumprelu", threshold: threshold ?? new Float32Array(nLatents) }
      : { type: "topk", k, byNorm: false };
  const group = {
    hooks: [hook],
    dIn: dModel,
    nLatents,
    inputNorm: "none" as const,
    inputBias: decoderBias,
    encoder,
    encoderBias,
    activation,
    decoder,
    firstOutput: 0,
    written: 1,
  };
  return { kind: "sae", modelName, groups: [group], outputs: [{ hook, dOut: dModel, bias: decoderBias, skip: null }] };
}

interface FoldedActivation {
  readonly k: number | null;
  readonly byNorm: boolean;
  readonly threshold: Float32Array | null;
  readonly encoder: Float32Array;
  readonly encoderBias: Float32Array;
}

function foldActivation(subject: string, group: Group): FoldedActivation {
  const { activation, encoder, nLatents, dIn } = group;
  const encoderBias = (group.encoderBias ?? new Float32Array(nLatents)).slice();
  const plain = { k: null, byNorm: false, threshold: null, encoder: encoder.slice(), encoderBias };
  switch (activation.type) {
    case "relu":
      return plain;
    case "jumprelu":
      return { ...plain, threshold: activation.threshold.map((value) => Math.max(0, value)) };
    case "topk":
      return { ...plain, k: activation.k, byNorm: activation.byNorm };
    case "gated": {
      const factors = activation.logScale.map(Math.exp);
      const bias = activation.magnitudeBias;
      return {
        ...plain,
        encoder: scaledRows(encoder, factors, dIn),
        encoderBias: bias.slice(),
        threshold: bias.map((m, i) => Math.max(0, m - (factors[i] as number) * (activation.gateBias[i] as number))),
      };
    }
    default:
      throw new UserError(subject, {
        expected: "one rule per latent or TopK",
        got: activation.type,
        fix: "use a ReLU, TopK, JumpReLU or gated dictionary",
      });
  }
}

/** Half-precision rows of unit norm come back within 1e-3 of it. */
function checkUnit(subject: string, norms: Float32Array): void {
  const off = norms.findIndex((norm) => Math.abs(norm - 1) > 1e-2);
  if (off < 0) return;
  throw new UserError(subject, {
    expected: "decoder rows of unit norm, or rescale_acts_by_decoder_norm",
    got: `a norm of ${(norms[off] as number).toPrecision(4)} in row ${off}`,
    fix: "fold the norms in SAELens before saving",
  });
}

const scaled = (values: Float32Array, factors: Float32Array) =>
  values.map((value, i) => value * (factors[i] as number));

function scaledRows(matrix: Float32Array, factors: Float32Array, width: number): Float32Array {
  return matrix.map((value, i) => value * (factors[Math.floor(i / width)] as number));
}

function difference(b: Float32Array, a: Float32Array | null): Float32Array {
  return b.map((value, j) => value - (a?.[j] ?? 0));
}

/** e + E v, in place; nothing for v = 0. */
function addProduct(encoderBias: Float32Array, encoder: Float32Array, v: Float32Array): void {
  if (v.every((value) => value === 0)) return;
  for (let i = 0; i < encoderBias.length; i++) {
    let sum = encoderBias[i] as number;
    for (let j = 0; j < v.length; j++) sum += (encoder[i * v.length + j] as number) * (v[j] as number);
    encoderBias[i] = sum;
  }
}
