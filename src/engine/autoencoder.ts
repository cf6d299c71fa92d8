/**
 * A TopK autoencoder in training, held in the engine's process beside the runtime: only the encoder's matrix product is
 * dense and runs there; decoding, all gradients and Adam touch the rows of latents that fired, in plain typed arrays.
 *
 * One step on rows h `[n, dModel]` (Gao et al. 2024, arXiv 2406.04093, eq. 2), with x = h − b:
 * 1. pre = E x + e; the k largest positive ones are f                        (runtime: Gemm, TopK)
 * 2. r = Σ f_i d_i + b − h; loss = mean ‖r‖²; ∂loss/∂pre_i = ⟨2r/n, d_i⟩ where f_i > 0     O(n k dModel)
 * 3. slots sorted by latent; per latent that fired ∂d_i = Σ f 2r/n, ∂e_i row = Σ ∂pre x      O(n k dModel)
 * 4. ∂d_i loses its part along d_i; Adam; d_i back to unit norm. ∂b = Σ 2r/n − Σ_i (Σ ∂pre_i) E_i
 * Adam has β₁ = 0 (as Lieberum et al. 2024, arXiv 2408.05147): a row whose gradient is zero then does not move and its second
 * moment only decays, so that catching up with β₂^(steps missed) at its next firing *is* dense Adam.
 */
import { must } from "../core/index.ts";
import type { HostTensor, Program } from "./program.ts";
import type { Runtime } from "./runtime.ts";

export interface AutoencoderSizes {
  readonly dModel: number;
  readonly nLatents: number;
  readonly k: number;
}

export interface AutoencoderParameters {
  /** `[nLatents, dModel]` */
  readonly encoder: Float32Array;
  /** `[nLatents]` */
  readonly encoderBias: Float32Array;
  /** `[nLatents, dModel]`, rows of unit norm. */
  readonly decoder: Float32Array;
  /** `[dModel]` */
  readonly decoderBias: Float32Array;
}

export interface AutoencoderAdam {
  readonly beta2: number;
  readonly eps: number;
}

/** What an engine can be asked about the autoencoder called `name`. */
export type AutoencoderRequest =
  | {
      readonly act: "open";
      readonly name: string;
      readonly sizes: AutoencoderSizes;
      readonly parameters: AutoencoderParameters;
      readonly adam: AutoencoderAdam;
    }
  | {
      readonly act: "step";
      readonly name: string;
      /** Inputs `rows [n, dModel]`, `encoder`, `encoderBias`, `decoderBias`; outputs `values [n, k]`, `latents [n, k]`. */
      readonly program: Program;
      readonly rows: Float32Array;
      readonly learningRate: number;
    }
  /** Latents that read and write what token `tokens[i]` of the last step was left with. */
  | { readonly act: "revive"; readonly name: string; readonly latents: Int32Array; readonly tokens: Int32Array }
  | { readonly act: "read"; readonly name: string }
  | { readonly act: "close"; readonly name: string };

export interface AutoencoderStep {
  /** Mean of ‖r‖² over the rows, before the step. */
  readonly loss: number;
  /** `[n, k]`: which latents fired; −1 in free slots. */
  readonly latents: Int32Array;
  /** `[n]`: ‖r‖² of each row. */
  readonly squares: Float32Array;
}

/** The autoencoders that this process trains, by name. */
export class Autoencoders {
  readonly #runtime: Pick<Runtime, "run">;
  readonly #open = new Map<string, Autoencoder>();

  constructor(runtime: Pick<Runtime, "run">) {
    this.#runtime = runtime;
  }

  async act(request: AutoencoderRequest): Promise<AutoencoderStep | AutoencoderParameters | null> {
    if (request.act === "open") {
      this.#open.set(request.name, new Autoencoder(request.sizes, request.parameters, request.adam));
      return null;
    }
    const autoencoder = must(this.#open.get(request.name), `autoencoder ${request.name}`);
    if (request.act === "step") return autoencoder.step(this.#runtime, request);
    if (request.act === "read") return autoencoder.parameters;
    if (request.act === "revive") autoencoder.revive(request.latents, request.tokens);
    else this.#open.delete(request.name);
    return null;
  }
}

class Autoencoder {
  readonly parameters: AutoencoderParameters;
  readonly #sizes: AutoencoderSizes;
  readonly #adam: AutoencoderAdam;
  /** Second moments of the four parameters, and the step at which each latent's were last brought up to date. */
  readonly #moments: AutoencoderParameters;
  readonly #updatedAt: Int32Array;
  #t = 0;
  #residual: Float32Array = new Float32Array(0);

  constructor(sizes: AutoencoderSizes, parameters: AutoencoderParameters, adam: AutoencoderAdam) {
    const { dModel, nLatents } = sizes;
    this.#sizes = sizes;
    this.#adam = adam;
    this.parameters = parameters;
    this.#moments = {
      encoder: new Float32Array(nLatents * dModel),
      encoderBias: new Float32Array(nLatents),
      decoder: new Float32Array(nLatents * dModel),
      decoderBias: new Float32Array(dModel),
    };
    this.#updatedAt = new Int32Array(nLatents);
  }

  async step(
    runtime: Pick<Runtime, "run">,
    { program, rows, learningRate }: Extract<AutoencoderRequest, { act: "step" }>,
  ): Promise<AutoencoderStep> {
    const active = await this.#encode(runtime, program, rows);
    this.#t++;
    const { pre, squares } = this.#backward(rows, active);
    this.#update({ rows, active, pre, learningRate });
    const n = squares.length;
    return { loss: squares.reduce((sum, value) => sum + value, 0) / n, latents: active.latents, squares };
  }

  revive(latents: Int32Array, tokens: Int32Array): void {
    const { dModel } = this.#sizes;
    const { encoder, encoderBias, decoder } = this.parameters;
    for (const [i, latent] of latents.entries()) {
      const token = must(tokens[i], "a token for each latent");
      const row = this.#residual.slice(token * dModel, (token + 1) * dModel);
      const length = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0));
      // The residual is ĥ − h: what is missing points the other way.
      const unit = length > 0 ? row.map((value) => -value / length) : row;
      encoder.set(unit, latent * dModel);
      decoder.set(unit, latent * dModel);
      encoderBias[latent] = 0;
      for (const moments of [this.#moments.encoder, this.#moments.decoder])
        moments.fill(0, latent * dModel, (latent + 1) * dModel);
      this.#moments.encoderBias[latent] = 0;
    }
  }

  async #encode(runtime: Pick<Runtime, "run">, program: Program, rows: Float32Array): Promise<Active> {
    const { dModel, nLatents, k } = this.#sizes;
    const n = rows.length / dModel;
    const feed = (shape: readonly number[], data: Float32Array): HostTensor => ({ dtype: "float32", shape, data });
    const { encoder, encoderBias, decoderBias } = this.parameters;
    const feeds = {
      rows: feed([n, dModel], rows),
      encoder: feed([nLatents, dModel], encoder),
      encoderBias: feed([nLatents], encoderBias),
      decoderBias: feed([dModel], decoderBias),
    };
    const out = await runtime.run({ program, feeds, fetches: ["values", "latents"] });
    const values = out.values?.data as Float32Array;
    const indices = out.latents?.data as BigInt64Array;
    const latents = new Int32Array(n * k);
    // The low half of each little-endian int64.
    const low = new Int32Array(indices.buffer, indices.byteOffset, 2 * indices.length);
    for (let slot = 0; slot < latents.length; slot++) {
      const fires = (values[slot] as number) > 0;
      latents[slot] = fires ? (low[2 * slot] as number) : -1;
      if (!fires) values[slot] = 0;
    }
    return { n, values, latents };
  }

  /** Steps 2: fills the residual; gives ∂loss/∂pre by slot, and ‖r‖² by row. */
  #backward(rows: Float32Array, { n, values, latents }: Active): { pre: Float32Array; squares: Float32Array } {
    const { dModel, k } = this.#sizes;
    const { decoder, decoderBias } = this.parameters;
    if (this.#residual.length !== rows.length) this.#residual = new Float32Array(rows.length);
    const residual = this.#residual;
    const pre = new Float32Array(n * k);
    const squares = new Float32Array(n);
    const sum = new Float64Array(dModel);
    for (let t = 0; t < n; t++) {
      const [start, first, last] = [t * dModel, t * k, (t + 1) * k];
      for (let j = 0; j < dModel; j++) sum[j] = (decoderBias[j] as number) - (rows[start + j] as number);
      for (let slot = first; slot < last; slot++)
        if ((latents[slot] as number) >= 0)
          addRow(sum, values[slot] as number, decoder, (latents[slot] as number) * dModel);
      let square = 0;
      for (let j = 0; j < dModel; j++) {
        square += (sum[j] as number) ** 2;
        residual[start + j] = sum[j] as number;
      }
      squares[t] = square;
      for (let slot = first; slot < last; slot++)
        if ((latents[slot] as number) >= 0)
          pre[slot] = (2 / n) * dotRow(sum, decoder, (latents[slot] as number) * dModel);
    }
    return { pre, squares };
  }

  /** Steps 3 and 4. */
  #update({ rows, active, pre, learningRate }: Update): void {
    const { dModel, nLatents, k } = this.#sizes;
    const { encoder, decoderBias } = this.parameters;
    const { n, values } = active;
    const { starts, order } = byLatent(active.latents, nLatents);
    const [gradientD, gradientE] = [new Float64Array(dModel), new Float64Array(dModel)];
    const gradientB = new Float64Array(dModel);
    const residual = this.#residual;
    for (let i = 0; i < residual.length; i++)
      gradientB[i % dModel] = (gradientB[i % dModel] as number) + (2 / n) * (residual[i] as number);
    for (let latent = 0; latent < nLatents; latent++) {
      const [from, to] = [starts[latent] as number, starts[latent + 1] as number];
      if (from === to) continue;
      gradientD.fill(0);
      gradientE.fill(0);
      let total = 0;
      for (let at = from; at < to; at++) {
        const slot = order[at] as number;
        const token = Math.floor(slot / k) * dModel;
        const back = pre[slot] as number;
        total += back;
        addRow(gradientD, (2 / n) * (values[slot] as number), residual, token);
        addRow(gradientE, back, rows, token);
      }
      const row = latent * dModel;
      for (let j = 0; j < dModel; j++) {
        gradientE[j] = (gradientE[j] as number) - total * (decoderBias[j] as number);
        gradientB[j] = (gradientB[j] as number) - total * (encoder[row + j] as number);
      }
      this.#adamRow({ latent, gradientD, gradientE, total, learningRate });
    }
    this.#adamBias(gradientB, learningRate);
  }

  #adamRow({ latent, gradientD, gradientE, total, learningRate }: RowUpdate): void {
    const { dModel } = this.#sizes;
    const { beta2, eps } = this.#adam;
    const { encoder, encoderBias, decoder } = this.parameters;
    const moments = this.#moments;
    const row = latent * dModel;
    const keep = beta2 ** (this.#t - (this.#updatedAt[latent] as number));
    this.#updatedAt[latent] = this.#t;
    const fresh = 1 - beta2;
    const correction = 1 / Math.sqrt(1 - beta2 ** this.#t);
    const along = dotRow(gradientD, decoder, row);
    let squares = 0;
    for (let j = 0; j < dModel; j++) {
      const at = row + j;
      const e = gradientE[j] as number;
      const vE = keep * (moments.encoder[at] as number) + fresh * e * e;
      moments.encoder[at] = vE;
      encoder[at] = (encoder[at] as number) - (learningRate * e) / (Math.sqrt(vE) * correction + eps);
      const d = (gradientD[j] as number) - along * (decoder[at] as number);
      const vD = keep * (moments.decoder[at] as number) + fresh * d * d;
      moments.decoder[at] = vD;
      const moved = (decoder[at] as number) - (learningRate * d) / (Math.sqrt(vD) * correction + eps);
      decoder[at] = moved;
      squares += moved * moved;
    }
    const scale = squares > 0 ? 1 / Math.sqrt(squares) : 0;
    for (let at = row; at < row + dModel; at++) decoder[at] = scale * (decoder[at] as number);
    const v = keep * (moments.encoderBias[latent] as number) + fresh * total * total;
    moments.encoderBias[latent] = v;
    encoderBias[latent] = (encoderBias[latent] as number) - (learningRate * total) / (Math.sqrt(v) * correction + eps);
  }

  #adamBias(gradient: Float64Array, learningRate: number): void {
    const { beta2, eps } = this.#adam;
    const { decoderBias } = this.parameters;
    const moments = this.#moments.decoderBias;
    const correction = 1 / Math.sqrt(1 - beta2 ** this.#t);
    for (let j = 0; j < gradient.length; j++) {
      const g = gradient[j] as number;
      const v = beta2 * (moments[j] as number) + (1 - beta2) * g * g;
      moments[j] = v;
      decoderBias[j] = (decoderBias[j] as number) - (learningRate * g) / (Math.sqrt(v) * correction + eps);
    }
  }
}

interface Active {
  readonly n: number;
  readonly values: Float32Array;
  readonly latents: Int32Array;
}

interface Update {
  readonly rows: Float32Array;
  readonly active: Active;
  readonly pre: Float32Array;
  readonly learningRate: number;
}

interface RowUpdate {
  readonly latent: number;
  readonly gradientD: Float64Array;
  readonly gradientE: Float64Array;
  readonly total: number;
  readonly learningRate: number;
}

/** The slots in use, sorted by latent (counting sort): those of latent i stand in `order` from `starts[i]`. */
function byLatent(latents: Int32Array, nLatents: number): { starts: Int32Array; order: Int32Array } {
  const starts = new Int32Array(nLatents + 1);
  for (const latent of latents) if (latent >= 0) starts[latent + 1] = (starts[latent + 1] as number) + 1;
  for (let i = 0; i < nLatents; i++) starts[i + 1] = (starts[i + 1] as number) + (starts[i] as number);
  const next = starts.slice();
  const order = new Int32Array(starts[nLatents] as number);
  for (const [slot, latent] of latents.entries()) {
    if (latent < 0) continue;
    const at = next[latent] as number;
    order[at] = slot;
    next[latent] = at + 1;
  }
  return { starts, order };
}

function addRow(sum: Float64Array, factor: number, matrix: Float32Array, offset: number): void {
  for (let j = 0; j < sum.length; j++) sum[j] = (sum[j] as number) + factor * (matrix[offset + j] as number);
}

function dotRow(vector: Float64Array, matrix: Float32Array, offset: number): number {
  let [a, b] = [0, 0];
  const even = vector.length - (vector.length % 2);
  for (let j = 0; j < even; j += 2) {
    a += (vector[j] as number) * (matrix[offset + j] as number);
    b += (vector[j + 1] as number) * (matrix[offset + j + 1] as number);
  }
  return even === vector.length ? a + b : a + b + (vector[even] as number) * (matrix[offset + even] as number);
}
