/**
 * The mathematics of every architecture, in plain typed arrays: what the formats' conformance suite holds against the
 * libraries that wrote the files.
 */
import { checkShape } from "../../core/index.ts";
import { type Normed, normalised } from "./input-norm.ts";
import { pursue } from "./matching-pursuit.ts";
import type { Activation, LatentGroup } from "./sparse-coder.ts";

/** Activations of one group: those of row t stand in `latents` and `values` from `starts[t]` to `starts[t + 1]`. */
export interface GroupActivations {
  /** `[tokens + 1]` */
  readonly starts: Int32Array;
  readonly latents: Int32Array;
  readonly values: Float32Array;
}

type Group = LatentGroup<Float32Array>;

/** `rows [tokens, dIn]`. */
export function encodeGroup(group: Group, rows: Float32Array): GroupActivations {
  const { dIn, nLatents } = group;
  const tokens = rows.length / dIn;
  checkShape("rows", rows, [Math.floor(tokens), dIn]);
  const speak = speaker(group);
  const starts = new Int32Array(tokens + 1);
  const [latents, values]: [number[], number[]] = [[], []];
  const pre = new Float32Array(nLatents);
  for (let t = 0; t < tokens; t++) {
    const { row } = prepared(group, rows.subarray(t * dIn, (t + 1) * dIn));
    speak(row, pre, (latent, value) => {
      latents.push(latent);
      values.push(value);
    });
    starts[t + 1] = latents.length;
  }
  return { starts, latents: Int32Array.from(latents), values: Float32Array.from(values) };
}

/** Normalised, and the input bias taken off. */
export function prepared({ inputNorm, inputBias }: Group, row: Float32Array): Normed {
  const normed = normalised(inputNorm, row);
  if (!inputBias) return normed;
  return { ...normed, row: normed.row.map((value, j) => value - (inputBias[j] as number)) };
}

type Say = (latent: number, value: number) => void;
type Speaker = (row: Float32Array, pre: Float32Array, say: Say) => void;

function speaker(group: Group): Speaker {
  const { activation } = group;
  if (activation.type === "matching_pursuit") return (row, _pre, say) => pursue(group, activation, row, say);
  const choose = chooser(activation, group);
  return (row, pre, say) => {
    preActivations(group, row, pre);
    choose(pre, say);
  };
}

/** p = E x + e */
function preActivations({ encoder, encoderBias, dIn }: Group, row: Float32Array, pre: Float32Array): void {
  for (let i = 0; i < pre.length; i++) {
    let sum = encoderBias?.[i] ?? 0;
    for (let j = 0, at = i * dIn; j < dIn; j++, at++) sum += (row[j] as number) * (encoder[at] as number);
    pre[i] = sum;
  }
}

type Choose = (pre: Float32Array, say: Say) => void;

function chooser(activation: Exclude<Activation<Float32Array>, { type: "matching_pursuit" }>, group: Group): Choose {
  switch (activation.type) {
    case "relu":
      return (pre, say) => eachPositive(pre, () => 0, say);
    case "jumprelu":
      return (pre, say) => eachPositive(pre, (i) => activation.threshold[i] as number, say);
    case "gated":
      return (pre, say) => gated(pre, activation, say);
    case "groupmax":
      return (pre, say) => groupMax(pre, activation.k, say);
    case "topk":
    case "abstopk": {
      const norms = activation.byNorm ? decoderNorms(group) : null;
      return (pre, say) => largest(pre, activation, norms, say);
    }
  }
}

function eachPositive(pre: Float32Array, threshold: (latent: number) => number, say: Say): void {
  for (let i = 0; i < pre.length; i++) {
    const value = pre[i] as number;
    if (value > 0 && value > threshold(i)) say(i, value);
  }
}

/** `pre` is E x: the group has no encoder bias of its own. */
function gated(
  pre: Float32Array,
  { gateBias, logScale, magnitudeBias }: Extract<Activation<Float32Array>, { type: "gated" }>,
  say: Say,
): void {
  for (let i = 0; i < pre.length; i++) {
    if (!((pre[i] as number) + (gateBias[i] as number) > 0)) continue;
    const value = Math.exp(logScale[i] as number) * (pre[i] as number) + (magnitudeBias[i] as number);
    if (value > 0) say(i, value);
  }
}

function groupMax(pre: Float32Array, k: number, say: Say): void {
  const size = pre.length / k;
  for (let run = 0; run < k; run++) {
    let best = run * size;
    for (let i = best + 1; i < (run + 1) * size; i++) if ((pre[i] as number) > (pre[best] as number)) best = i;
    if ((pre[best] as number) > 0) say(best, pre[best] as number);
  }
}

function largest(
  pre: Float32Array,
  { type, k }: Extract<Activation<Float32Array>, { type: "topk" | "abstopk" }>,
  norms: Float32Array | null,
  say: Say,
): void {
  if (norms) for (let i = 0; i < pre.length; i++) pre[i] = (pre[i] as number) * (norms[i] as number);
  const size = type === "abstopk" ? (i: number) => Math.abs(pre[i] as number) : (i: number) => pre[i] as number;
  // Only what is positive can be kept, so that a sort over few of the latents is enough.
  const candidates = [...pre.keys()].filter((i) => size(i) > 0).sort((a, b) => size(b) - size(a) || a - b);
  for (const i of candidates.slice(0, k).sort((a, b) => a - b)) say(i, pre[i] as number);
}

/** `[nLatents]`: ‖d_i‖ over all that latent i writes. */
export function decoderNorms({ decoder, nLatents }: Pick<Group, "decoder" | "nLatents">): Float32Array {
  const width = decoder.length / nLatents;
  return Float32Array.from({ length: nLatents }, (_, i) => {
    let squares = 0;
    for (let j = i * width; j < (i + 1) * width; j++) squares += (decoder[j] as number) ** 2;
    return Math.sqrt(squares);
  });
}
