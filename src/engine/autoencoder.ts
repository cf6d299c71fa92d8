/**
 * A TopK, BatchTopK or JumpReLU autoencoder in training, held in the engine's process beside the runtime: only the encoder's
 * matrix product is dense and runs there; decoding, all gradients and Adam touch the rows of latents that fired only.
 *
 * One step on rows h `[n, dModel]` (Gao et al. 2024, arXiv 2406.04093, eq. 2), with x = h − b:
 * 1. pre = E x + e; the k largest positive ones of each row are f, or the k n largest of the batch (Bussmann et al. 2024,
 *    arXiv 2412.06410), or those above their latent's threshold (thresholds.ts)      (runtime: Gemm, TopK)
 * 2. r = Σ f_i d_i + b − h; loss = mean ‖r‖²; ∂loss/∂pre_i = ⟨2r/n, d_i⟩ where f_i > 0     O(n k dModel)
 * 3. slots sorted by latent; per latent that fired ∂d_i = Σ f 2r/n, ∂e_i row = Σ ∂pre x      O(n k dModel)
 * 4. ∂d_i loses its part along d_i; Adam; d_i back to unit norm. ∂b = Σ 2r/n − Σ_i (Σ ∂pre_i) E_i
 * Adam has β₁ = 0 (as Lieberum et al. 2024, arXiv 2408.05147): a row whose gradient is zero then does not move and its second
 * moment only decays, so that catching up with β₂^(steps missed) at its next firing *is* dense Adam.
 */

import { must } from "../core/index.ts";
import { type Active, slotsOfBatch, slotsOfRows } from "./active-slots.ts";
import { byLatent } from "./by-latent.ts";
import type { HostTensor, Program } from "./program.ts";
import { RowSum } from "./row-sum.ts";
import type { Runtime } from "./runtime.ts";
import { ROW_MULTIPLE, type SimdLoops, simdLoops } from "./simd.ts";
import { type JumpRelu, Thresholds } from "./thresholds.ts";

export interface AutoencoderSizes {
  readonly dModel: number;
  readonly nLatents: number;
  /** Latents that speak: of each row, on average over a batch, or what thresholds draw their number to. */
  readonly k: number;
  readonly over: "row" | "batch" | "threshold";
  /** Rows of a step, at most. */
  readonly batch: number;
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
  /** `[nLatents]`: log θ; only of one over thresholds. */
  readonly logThreshold?: Float32Array;
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
      /** Of one over thresholds. */
      readonly jumpRelu?: JumpRelu;
    }
  | {
      readonly act: "step";
      readonly name: string;
      /**
       * Of width `rowWidth(dModel)`. Inputs `rows [n, width]`, `encoder`, `encoderBias`, `decoderBias`; outputs `values` and
       * `latents`, `[n, k]`; over a batch `[1, n k]` of the pre-activations in one row; over thresholds `pre [n, nLatents]`.
       */
      readonly program: Program;
      readonly rows: Float32Array;
      readonly learningRate: number;
      /** λ of (L0/k − 1)², over thresholds; 0 where it is not given. */
      readonly sparsity?: number;
    }
  /** Latents that read and write what token `tokens[i]` of the last step was left with. */
  | { readonly act: "revive"; readonly name: string; readonly latents: Int32Array; readonly tokens: Int32Array }
  | { readonly act: "read"; readonly name: string }
  | { readonly act: "close"; readonly name: string };

export interface AutoencoderStep {
  /** Mean of ‖r‖² over the rows, before the step. */
  readonly loss: number;
  /** Which latents fired, row by row; −1 in free slots. */
  readonly latents: Int32Array;
  /** The least value that was let speak; 0 where nothing held anyone back. */
  readonly floor: number;
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
      this.#open.set(request.name, new Autoencoder(request));
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

/** Rows in the loops' memory: `at(i)` is the byte address of row i. */
interface Rows {
  readonly data: Float32Array;
  readonly at: (row: number) => number;
}

class Autoencoder {
  readonly #sizes: AutoencoderSizes;
  readonly #adam: AutoencoderAdam;
  readonly #loops: SimdLoops;
  /** Floats and bytes of a row, padded with zeros, which every step leaves at zero. */
  readonly #width: number;
  readonly #bytes: number;
  /** `[nLatents, width]` each: the two matrices and Adam's second moments of them. */
  readonly #encoder: Rows;
  readonly #decoder: Rows;
  readonly #encoderMoments: Rows;
  readonly #decoderMoments: Rows;
  /** `[batch, width]` */
  readonly #rows: Rows;
  readonly #residual: Rows;
  /** One row each: b, its moments, and the gradients of the latent in hand and of b. */
  readonly #small: Rows;
  readonly #encoderBias: Float32Array;
  readonly #biasMoments: Float32Array;
  /** The step at which each latent's moments were last brought up to date. */
  readonly #updatedAt: Int32Array;
  readonly #thresholds: Thresholds | null;
  #t = 0;

  constructor({ sizes, parameters, adam, jumpRelu }: Extract<AutoencoderRequest, { act: "open" }>) {
    const { dModel, nLatents, batch } = sizes;
    this.#sizes = sizes;
    this.#adam = adam;
    this.#width = rowWidth(dModel);
    this.#bytes = 4 * this.#width;
    const { loops, buffer } = simdLoops(this.#bytes * (4 * nLatents + 2 * batch + SMALL_ROWS));
    this.#loops = loops;
    let next = 0;
    const rows = (count: number): Rows => {
      const start = next;
      next += count * this.#bytes;
      return { data: new Float32Array(buffer, start, count * this.#width), at: (row) => start + row * this.#bytes };
    };
    this.#encoder = rows(nLatents);
    this.#decoder = rows(nLatents);
    this.#encoderMoments = rows(nLatents);
    this.#decoderMoments = rows(nLatents);
    this.#rows = rows(batch);
    this.#residual = rows(batch);
    this.#small = rows(SMALL_ROWS);
    this.#fill(this.#encoder, parameters.encoder);
    this.#fill(this.#decoder, parameters.decoder);
    this.#fill(this.#small, parameters.decoderBias);
    this.#encoderBias = parameters.encoderBias;
    this.#biasMoments = new Float32Array(nLatents);
    this.#updatedAt = new Int32Array(nLatents);
    const { logThreshold } = parameters;
    this.#thresholds =
      sizes.over === "threshold"
        ? new Thresholds(sizes, must(logThreshold, "log thresholds"), must(jumpRelu, "JumpReLU's settings"), adam)
        : null;
  }

  get parameters(): AutoencoderParameters {
    const { dModel, nLatents } = this.#sizes;
    return {
      encoder: this.#narrowed(this.#encoder, nLatents),
      encoderBias: this.#encoderBias,
      decoder: this.#narrowed(this.#decoder, nLatents),
      decoderBias: this.#small.data.slice(0, dModel),
      ...(this.#thresholds ? { logThreshold: this.#thresholds.logThreshold } : {}),
    };
  }

  async step(
    runtime: Pick<Runtime, "run">,
    { program, rows, learningRate, sparsity = 0 }: Extract<AutoencoderRequest, { act: "step" }>,
  ): Promise<AutoencoderStep> {
    const n = rows.length / this.#sizes.dModel;
    if (n > this.#sizes.batch) throw new Error(`${n} rows for a batch of ${this.#sizes.batch}`);
    this.#fill(this.#rows, rows);
    const active = await this.#encode(runtime, program, n);
    this.#t++;
    const { pre, squares } = this.#backward(active);
    const slope = (t: number, latent: number) =>
      (2 / n) * this.#loops.dot(this.#residual.at(t), this.#decoder.at(latent), this.#bytes);
    this.#thresholds?.step(active, { pre, slope, t: this.#t, learningRate, sparsity });
    this.#update(active, pre, learningRate);
    const { latents, floor } = active;
    return { loss: squares.reduce((sum, value) => sum + value, 0) / n, latents, floor, squares };
  }

  revive(latents: Int32Array, tokens: Int32Array): void {
    for (const [i, latent] of latents.entries()) {
      const from = this.#rowOf(this.#residual, must(tokens[i], "a token for each latent"));
      const length = Math.sqrt(from.reduce((sum, value) => sum + value * value, 0));
      // The residual is ĥ − h: what is missing points the other way.
      const unit = length > 0 ? from.map((value) => -value / length) : from;
      this.#rowOf(this.#encoder, latent).set(unit);
      this.#rowOf(this.#decoder, latent).set(unit);
      this.#rowOf(this.#encoderMoments, latent).fill(0);
      this.#rowOf(this.#decoderMoments, latent).fill(0);
      this.#encoderBias[latent] = 0;
      this.#biasMoments[latent] = 0;
      this.#thresholds?.restart(latent);
    }
  }

  async #encode(runtime: Pick<Runtime, "run">, program: Program, n: number): Promise<Active> {
    const { nLatents } = this.#sizes;
    const width = this.#width;
    const feed = (shape: readonly number[], data: Float32Array): HostTensor => ({ dtype: "float32", shape, data });
    const feeds = {
      rows: feed([n, width], this.#rows.data.subarray(0, n * width)),
      encoder: feed([nLatents, width], this.#encoder.data),
      encoderBias: feed([nLatents], this.#encoderBias),
      decoderBias: feed([width], this.#small.data.subarray(0, width)),
    };
    if (this.#thresholds) {
      const { pre } = await runtime.run({ program, feeds, fetches: ["pre"] });
      return this.#thresholds.slots(n, pre?.data as Float32Array);
    }
    const out = await runtime.run({ program, feeds, fetches: ["values", "latents"] });
    const values = out.values?.data as Float32Array;
    const indices = out.latents?.data as BigInt64Array;
    // The low half of each little-endian int64: a batch's pre-activations are fewer than 2³¹.
    const low = new Int32Array(indices.buffer, indices.byteOffset, 2 * indices.length);
    return this.#sizes.over === "row"
      ? slotsOfRows(n, values, low)
      : slotsOfBatch(n, this.#sizes.nLatents, values, low);
  }

  /** Step 2: fills the residual; gives ∂loss/∂pre by slot, and ‖r‖² by row. */
  #backward({ n, starts, values, latents }: Active): { pre: Float32Array; squares: Float32Array } {
    const [decoder, residual, rows, loops, bytes] = [
      this.#decoder,
      this.#residual,
      this.#rows,
      this.#loops,
      this.#bytes,
    ];
    const [pre, squares] = [new Float32Array(latents.length), new Float32Array(n)];
    const sum = new RowSum(loops, bytes);
    for (let t = 0; t < n; t++) {
      const r = residual.at(t);
      this.#rowOf(residual, t).fill(0);
      sum.begin(r);
      sum.add(this.#small.at(BIAS), 1);
      sum.add(rows.at(t), -1);
      const [first, end] = [starts[t] as number, starts[t + 1] as number];
      for (let slot = first; slot < end; slot++)
        if ((latents[slot] as number) >= 0) sum.add(decoder.at(latents[slot] as number), values[slot] as number);
      sum.end();
      squares[t] = loops.dot(r, r, bytes);
      for (let slot = first; slot < end; slot++)
        if ((latents[slot] as number) >= 0)
          pre[slot] = (2 / n) * loops.dot(r, decoder.at(latents[slot] as number), bytes);
    }
    return { pre, squares };
  }

  /** Steps 3 and 4. */
  #update(active: Active, pre: Float32Array, learningRate: number): void {
    const { nLatents } = this.#sizes;
    const { starts, order } = byLatent(active.latents, nLatents);
    this.#gradientOfBias(active.n);
    for (let latent = 0; latent < nLatents; latent++) {
      const slots = order.subarray(starts[latent], starts[latent + 1]);
      if (slots.length === 0) continue;
      const total = this.#gradientOfLatent(latent, slots, active, pre);
      this.#updateLatent(latent, total, learningRate);
    }
    const { beta2, eps } = this.#adam;
    const [b, g, v] = [this.#small.at(BIAS), this.#small.at(BIAS_GRADIENT), this.#small.at(BIAS_MOMENTS)];
    this.#loops.adam(b, g, v, this.#bytes, beta2, 1 - beta2, learningRate, this.#correction(), eps);
  }

  /** The part through the decoder: Σ 2r/n. */
  #gradientOfBias(n: number): void {
    this.#rowOf(this.#small, BIAS_GRADIENT).fill(0);
    const sum = new RowSum(this.#loops, this.#bytes);
    sum.begin(this.#small.at(BIAS_GRADIENT));
    for (let t = 0; t < n; t++) sum.add(this.#residual.at(t), 2 / n);
    sum.end();
  }

  /** Fills the gradients of the latent's two rows, adds its part to that of b; gives Σ ∂pre, the gradient of e_i. */
  #gradientOfLatent(latent: number, slots: Int32Array, { n, rows, values }: Active, pre: Float32Array): number {
    const small = this.#small;
    let total = 0;
    for (const slot of slots) total += pre[slot] as number;
    small.data.fill(0, DECODER_GRADIENT * this.#width, (ENCODER_GRADIENT + 1) * this.#width);
    const sum = new RowSum(this.#loops, this.#bytes);
    sum.begin(small.at(DECODER_GRADIENT));
    for (const slot of slots) sum.add(this.#residual.at(rows[slot] as number), (2 / n) * (values[slot] as number));
    sum.end();
    sum.begin(small.at(ENCODER_GRADIENT));
    for (const slot of slots) sum.add(this.#rows.at(rows[slot] as number), pre[slot] as number);
    sum.add(small.at(BIAS), -total);
    sum.end();
    sum.begin(small.at(BIAS_GRADIENT));
    sum.add(this.#encoder.at(latent), -total);
    sum.end();
    return total;
  }

  #updateLatent(latent: number, total: number, learningRate: number): void {
    const { beta2, eps } = this.#adam;
    const [loops, bytes, small] = [this.#loops, this.#bytes, this.#small];
    const keep = beta2 ** (this.#t - (this.#updatedAt[latent] as number));
    this.#updatedAt[latent] = this.#t;
    const [fresh, correction] = [1 - beta2, this.#correction()];
    const [e, d] = [this.#encoder.at(latent), this.#decoder.at(latent)];
    const [gE, gD] = [small.at(ENCODER_GRADIENT), small.at(DECODER_GRADIENT)];
    const [vE, vD] = [this.#encoderMoments.at(latent), this.#decoderMoments.at(latent)];
    loops.adam(e, gE, vE, bytes, keep, fresh, learningRate, correction, eps);
    const along = loops.dot(gD, d, bytes);
    loops.combine(gD, bytes, d, -along, d, 0, d, 0, d, 0);
    loops.adam(d, gD, vD, bytes, keep, fresh, learningRate, correction, eps);
    const squares = loops.dot(d, d, bytes);
    if (squares > 0) loops.scale(d, bytes, 1 / Math.sqrt(squares));
    const v = keep * (this.#biasMoments[latent] as number) + fresh * total * total;
    this.#biasMoments[latent] = v;
    const bias = this.#encoderBias;
    bias[latent] = (bias[latent] as number) - (learningRate * total) / (Math.sqrt(v) * correction + eps);
  }

  /** 1/√(1 − β₂ᵗ) */
  #correction(): number {
    return 1 / Math.sqrt(1 - this.#adam.beta2 ** this.#t);
  }

  #rowOf({ data }: Rows, row: number): Float32Array {
    return data.subarray(row * this.#width, (row + 1) * this.#width);
  }

  /** Puts rows of dModel into padded ones. */
  #fill(target: Rows, source: Float32Array): void {
    const { dModel } = this.#sizes;
    const count = source.length / dModel;
    for (let row = 0; row < count; row++)
      target.data.set(source.subarray(row * dModel, (row + 1) * dModel), row * this.#width);
  }

  #narrowed(source: Rows, count: number): Float32Array {
    const { dModel } = this.#sizes;
    const out = new Float32Array(count * dModel);
    for (let row = 0; row < count; row++) out.set(this.#rowOf(source, row).subarray(0, dModel), row * dModel);
    return out;
  }
}

/** Places in the rows of `#small`. */
const [BIAS, BIAS_MOMENTS, BIAS_GRADIENT, DECODER_GRADIENT, ENCODER_GRADIENT, SMALL_ROWS] = [0, 1, 2, 3, 4, 5];

/** The width to which rows are padded: what `program` of a step must be written for. */
export function rowWidth(dModel: number): number {
  return Math.ceil(dModel / ROW_MULTIPLE) * ROW_MULTIPLE;
}
