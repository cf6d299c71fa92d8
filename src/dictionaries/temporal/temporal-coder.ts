/**
 * A temporal autoencoder (arXiv 2511.01836), whose codes of a token depend on the tokens before it. For the rows x_t of one
 * sequence, normalised and less b, λ = 1/(4 dModel):
 * 1. For each attention layer, on what is left of x: z_t = relu(λ E x_t); heads of causal attention from z_t to z_{t−1}, z_{t−2}, ...
 *    (and a zero before the first) give a prediction, p_t = relu(W_o attention + b_o). Its part along x_t, s_t p_t with
 *    s_t = ⟨D p_t, x_t⟩ / (‖D p_t‖ + 1e-6)², joins the *predicted* codes, and s_t D p_t is taken off x_t.
 * 2. *Novel* codes: relu(λ E x_t) of what is left, the k largest of them where there is a k.
 * 3. x̂ = D (novel + predicted) (+ b), normalisation undone. D is `[dModel, nLatents]` here, rows of `decoder` its columns.
 * Plain loops in float64: for reading a file as its library does, not for speed.
 */
import { must } from "../../core/index.ts";
import type { HookName } from "../../models/index.ts";
import { type Normed, normalised } from "../coders/input-norm.ts";
import type { InputNorm } from "../coders/sparse-coder.ts";

/** `[out, in]` and `[out]`. */
export interface Linear {
  readonly weight: Float32Array;
  readonly bias: Float32Array;
}

export interface TemporalAttention {
  /** To `[nLatents / bottleneck]`. */
  readonly key: Linear;
  readonly query: Linear;
  /** From and to `[nLatents]`. */
  readonly value: Linear;
  readonly output: Linear;
}

export interface TemporalCoder {
  readonly hook: HookName;
  readonly modelName: string | null;
  readonly dModel: number;
  readonly nLatents: number;
  readonly heads: number;
  /** Novel codes of a token; null: as many as are positive. */
  readonly k: number | null;
  readonly inputNorm: InputNorm | { readonly scale: number };
  /** Is b taken off before encoding, and is it put back? */
  readonly takesOffBias: boolean;
  readonly putsBackBias: boolean;
  /** `[nLatents, dModel]` both. */
  readonly encoder: Float32Array;
  readonly decoder: Float32Array;
  readonly bias: Float32Array;
  readonly layers: readonly TemporalAttention[];
}

/** `[tokens, nLatents]` both. */
export interface TemporalCodes {
  readonly novel: Float64Array;
  readonly predicted: Float64Array;
}

export interface TemporalRun extends TemporalCodes {
  /** `[tokens, dModel]`: x̂. */
  readonly rebuilt: Float32Array;
}

/** One sequence, all of its rows from the first on: `[tokens, dModel]`. */
export function runTemporal(coder: TemporalCoder, rows: Float32Array): TemporalRun {
  const { dModel, nLatents, bias, takesOffBias, putsBackBias } = coder;
  const tokens = rows.length / dModel;
  const normed = Array.from({ length: tokens }, (_, t) => norm(coder, rows.slice(t * dModel, (t + 1) * dModel)));
  const left = normed.map(({ row }) =>
    Float64Array.from(row, (value, j) => value - (takesOffBias ? must(bias[j], "b") : 0)),
  );
  const predicted = new Float64Array(tokens * nLatents);
  for (const layer of coder.layers) predict(coder, layer, left, predicted);
  const novel = new Float64Array(tokens * nLatents);
  for (const [t, x] of left.entries()) novel.set(largest(encode(coder, x), coder.k), t * nLatents);
  const rebuilt = new Float32Array(rows.length);
  for (const [t, { undo }] of normed.entries()) {
    const codes = novel
      .slice(t * nLatents, (t + 1) * nLatents)
      .map((value, i) => value + code(predicted, t, i, nLatents));
    const y = Float32Array.from(decode(coder, codes), (value, j) => value + (putsBackBias ? must(bias[j], "b") : 0));
    undo(y);
    rebuilt.set(y, t * dModel);
  }
  return { novel, predicted, rebuilt };
}

const code = (codes: Float64Array, t: number, i: number, nLatents: number) => codes[t * nLatents + i] as number;

function norm({ inputNorm }: TemporalCoder, row: Float32Array): Normed {
  if (typeof inputNorm === "string") return normalised(inputNorm, row);
  const { scale } = inputNorm;
  const undo = (decoded: Float32Array) => decoded.set(decoded.map((value) => value / scale));
  return { row: row.map((value) => value * scale), undo };
}

/** relu(λ E x) */
function encode({ encoder, dModel, nLatents }: TemporalCoder, x: Float64Array): Float64Array {
  const lambda = 1 / (4 * dModel);
  return Float64Array.from({ length: nLatents }, (_, i) => Math.max(0, lambda * dot(encoder, i * dModel, x)));
}

/** D z */
function decode({ decoder, dModel }: TemporalCoder, codes: Float64Array): Float64Array {
  const out = new Float64Array(dModel);
  for (const [i, value] of codes.entries()) {
    if (value === 0) continue;
    for (let j = 0; j < dModel; j++) out[j] = (out[j] as number) + value * (decoder[i * dModel + j] as number);
  }
  return out;
}

/** Takes a layer's prediction off `left`, in place, and adds it to the predicted codes. */
function predict(coder: TemporalCoder, layer: TemporalAttention, left: Float64Array[], predicted: Float64Array): void {
  const { nLatents } = coder;
  const z = left.map((x) => encode(coder, x));
  const before = z.map((_, t) => (t === 0 ? new Float64Array(nLatents) : must(z[t - 1], "the token before")));
  const [keys, values] = [
    before.map((each) => linear(layer.key, each)),
    before.map((each) => linear(layer.value, each)),
  ];
  for (const [t, x] of left.entries()) {
    const query = linear(layer.query, must(z[t], "z"));
    const seen = attend(query, { keys: keys.slice(0, t + 1), values: values.slice(0, t + 1), heads: coder.heads });
    const p = linear(layer.output, seen).map((value) => Math.max(0, value));
    const written = decode(coder, p);
    const length = Math.sqrt(dot(written, 0, written)) + 1e-6;
    const along = dot(written, 0, x) / length ** 2;
    for (const [i, value] of p.entries()) predicted[t * nLatents + i] = code(predicted, t, i, nLatents) + along * value;
    for (const [j, value] of written.entries()) x[j] = (x[j] as number) - along * value;
  }
}

interface Seen {
  readonly keys: readonly Float64Array[];
  readonly values: readonly Float64Array[];
  readonly heads: number;
}

/** Softmax attention of one token, heads side by side: `[nLatents]`. */
function attend(query: Float64Array, { keys, values, heads }: Seen): Float64Array {
  const [narrow, wide] = [query.length / heads, must(values[0], "value").length / heads];
  const out = new Float64Array(wide * heads);
  for (let h = 0; h < heads; h++) {
    const own = query.subarray(h * narrow, (h + 1) * narrow);
    const scores = keys.map((key) => dot(key, h * narrow, own) / Math.sqrt(narrow));
    const top = Math.max(...scores);
    const weights = scores.map((score) => Math.exp(score - top));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    for (const [s, weight] of weights.entries())
      for (let j = h * wide; j < (h + 1) * wide; j++)
        out[j] = (out[j] as number) + (weight / total) * (must(values[s], "value")[j] as number);
  }
  return out;
}

function linear({ weight, bias }: Linear, x: Float64Array): Float64Array {
  return Float64Array.from(bias, (value, i) => value + dot(weight, i * x.length, x));
}

/** Σ row[from + j] x[j] */
function dot(row: Float32Array | Float64Array, from: number, x: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < x.length; j++) sum += (row[from + j] as number) * (x[j] as number);
  return sum;
}

function largest(values: Float64Array, k: number | null): Float64Array {
  if (k === null) return values;
  const kept = new Set([...values.keys()].sort((a, b) => (values[b] as number) - (values[a] as number)).slice(0, k));
  return values.map((value, i) => (kept.has(i) ? value : 0));
}
