/**
 * A TopK, BatchTopK or JumpReLU autoencoder or transcoder in training, held in the engine's process beside the runtime: only the
 * encoder's matrix product is dense and runs there; decoding, all gradients and Adam touch the rows of latents that fired only.
 *
 * One step on rows h `[n, dModel]` (Gao et al. 2024, arXiv 2406.04093, eq. 2), with x = h − b; a transcoder has x and what it is
 * to write, y, in its rows:
 * 1. pre = E x + e; the k largest positive ones of each row are f, or the k n largest of the batch (Bussmann et al. 2024,
 *    arXiv 2412.06410), or those above their latent's threshold (thresholds.ts)      (runtime: Gemm, TopK)
 * 2. r = Σ f_i d_i + b − h (− y); loss = mean ‖r‖²; ∂loss/∂pre_i = ⟨2r/n, d_i⟩ where f_i > 0     O(n k dModel)
 *    With P prefixes of the latents that must do alone (Bussmann et al. 2025, arXiv 2503.17547): r_p of each, loss their mean,
 *    and for a latent that the prefixes from q on hold R_q/P in place of r, R_q = Σ_{p ≥ q} r_p.
 * 3. slots sorted by latent; per latent that fired ∂d_i = Σ f 2r/n, ∂e_i row = Σ ∂pre x      O(n k dModel)
 * 4. ∂d_i loses its part along d_i; Adam; d_i back to unit norm. ∂b = Σ 2r/n − Σ_i (Σ ∂pre_i) E_i, of a transcoder Σ 2r/n.
 * Adam has β₁ = 0 (as Lieberum et al. 2024, arXiv 2408.05147): a row whose gradient is zero then does not move and its second
 * moment only decays, so that catching up with β₂^(steps missed) at its next firing *is* dense Adam.
 */

import { must } from "../core/index.ts";
import { type Active, slotsOfBatch, slotsOfRows } from "./active-slots.ts";
import {
  type AutoencoderAdam,
  type AutoencoderParameters,
  type AutoencoderRequest,
  type AutoencoderSizes,
  type AutoencoderStep,
  rowWidth,
} from "./autoencoder-request.ts";
import { byLatent } from "./by-latent.ts";
import type { HostTensor, Program } from "./program.ts";
import { RowSum } from "./row-sum.ts";
import type { Runtime } from "./runtime.ts";
import { type SimdLoops, simdLoops } from "./simd.ts";
import { Thresholds } from "./thresholds.ts";

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
  /** Floats and bytes of a row, padded with zeros, which every step leaves at zero. */
  readonly width: number;
  readonly bytes: number;
}

class Autoencoder {
  readonly #sizes: AutoencoderSizes;
  readonly #adam: AutoencoderAdam;
  readonly #loops: SimdLoops;
  /** Does it write what it reads? */
  readonly #tied: boolean;
  /** `[nLatents, width]` each: the two matrices and Adam's second moments of them. */
  readonly #encoder: Rows;
  readonly #decoder: Rows;
  readonly #encoderMoments: Rows;
  readonly #decoderMoments: Rows;
  /** `[batch, width]`: what is read, and what is to be written; the same for an autoencoder. */
  readonly #rows: Rows;
  readonly #targets: Rows;
  /** `[prefixes, batch, width]`: R_q, the last of which is r. */
  readonly #residual: Rows;
  /** Per latent: the first prefix that holds it. */
  readonly #prefixOf: Uint8Array;
  readonly #prefixes: number;
  /** One row each: b, its moments, the gradients of b and of the decoder's row in hand. */
  readonly #small: Rows;
  /** The gradient of the encoder's row in hand; of a transcoder a row of zeros besides, in place of the b that is taken off. */
  readonly #read: Rows;
  readonly #encoderBias: Float32Array;
  readonly #biasMoments: Float32Array;
  /** The step at which each latent's moments were last brought up to date. */
  readonly #updatedAt: Int32Array;
  readonly #thresholds: Thresholds | null;
  #t = 0;

  constructor({ sizes, parameters, adam, jumpRelu }: Extract<AutoencoderRequest, { act: "open" }>) {
    const { dModel, dOut = null, nLatents, batch, prefixes = [nLatents] } = sizes;
    this.#sizes = sizes;
    this.#prefixes = prefixes.length;
    this.#prefixOf = Uint8Array.from({ length: nLatents }, (_, latent) => prefixes.findIndex((end) => latent < end));
    this.#adam = adam;
    this.#tied = dOut === null;
    const [reads, writes] = [rowWidth(dModel), rowWidth(dOut ?? dModel)];
    const readRows = 2 * nLatents + batch + READ_ROWS;
    const writtenRows = 2 * nLatents + (prefixes.length + (this.#tied ? 0 : 1)) * batch + SMALL_ROWS;
    const { loops, buffer } = simdLoops(4 * (reads * readRows + writes * writtenRows));
    this.#loops = loops;
    let next = 0;
    const rows = (count: number, width: number): Rows => {
      const [start, bytes] = [next, 4 * width];
      next += count * bytes;
      return { data: new Float32Array(buffer, start, count * width), at: (row) => start + row * bytes, width, bytes };
    };
    this.#encoder = rows(nLatents, reads);
    this.#decoder = rows(nLatents, writes);
    this.#encoderMoments = rows(nLatents, reads);
    this.#decoderMoments = rows(nLatents, writes);
    this.#rows = rows(batch, reads);
    this.#targets = this.#tied ? this.#rows : rows(batch, writes);
    this.#residual = rows(prefixes.length * batch, writes);
    this.#small = rows(SMALL_ROWS, writes);
    this.#read = rows(READ_ROWS, reads);
    this.#fill(this.#encoder, parameters.encoder, { width: dModel });
    this.#fill(this.#decoder, parameters.decoder, { width: dOut ?? dModel });
    this.#fill(this.#small, parameters.decoderBias, { width: dOut ?? dModel });
    this.#encoderBias = parameters.encoderBias;
    this.#biasMoments = new Float32Array(nLatents);
    this.#updatedAt = new Int32Array(nLatents);
    const { logThreshold } = parameters;
    const written = { ...sizes, dOut: dOut ?? dModel };
    this.#thresholds =
      sizes.over === "threshold"
        ? new Thresholds(written, must(logThreshold, "log thresholds"), must(jumpRelu, "JumpReLU's settings"), adam)
        : null;
  }

  get parameters(): AutoencoderParameters {
    const { dModel, dOut = dModel, nLatents } = this.#sizes;
    return {
      encoder: this.#narrowed(this.#encoder, nLatents, dModel),
      encoderBias: this.#encoderBias,
      decoder: this.#narrowed(this.#decoder, nLatents, dOut),
      decoderBias: this.#small.data.slice(0, dOut),
      ...(this.#thresholds ? { logThreshold: this.#thresholds.logThreshold } : {}),
    };
  }

  async step(
    runtime: Pick<Runtime, "run">,
    { program, rows, learningRate, sparsity = 0 }: Extract<AutoencoderRequest, { act: "step" }>,
  ): Promise<AutoencoderStep> {
    const { dModel, dOut = 0, batch } = this.#sizes;
    const n = rows.length / (dModel + dOut);
    if (n > batch) throw new Error(`${n} rows for a batch of ${batch}`);
    this.#fill(this.#rows, rows, { width: dModel, every: dModel + dOut });
    if (!this.#tied) this.#fill(this.#targets, rows, { width: dOut, every: dModel + dOut, from: dModel });
    const active = await this.#encode(runtime, program, n);
    this.#t++;
    const { pre, squares } = this.#backward(active);
    const slope = (t: number, latent: number) => this.#slope(n, t, latent);
    this.#thresholds?.step(active, { pre, slope, t: this.#t, learningRate, sparsity });
    this.#update(active, pre, learningRate);
    const { latents, floor } = active;
    return { loss: squares.reduce((sum, value) => sum + value, 0) / n, latents, floor, squares };
  }

  revive(latents: Int32Array, tokens: Int32Array): void {
    for (const [i, latent] of latents.entries()) {
      const token = must(tokens[i], "a token for each latent");
      // The residual is ĥ − h: what is missing points the other way.
      const missing = unit(this.#rowOf(this.#residual, this.#residualRow(token)), -1);
      this.#rowOf(this.#encoder, latent).set(this.#tied ? missing : unit(this.#rowOf(this.#rows, token), 1));
      this.#rowOf(this.#decoder, latent).set(missing);
      this.#rowOf(this.#encoderMoments, latent).fill(0);
      this.#rowOf(this.#decoderMoments, latent).fill(0);
      this.#encoderBias[latent] = 0;
      this.#biasMoments[latent] = 0;
      this.#thresholds?.restart(latent);
    }
  }

  async #encode(runtime: Pick<Runtime, "run">, program: Program, n: number): Promise<Active> {
    const { nLatents } = this.#sizes;
    const { width } = this.#rows;
    const takenOff = this.#tied ? this.#small.data : this.#rowOf(this.#read, NOTHING);
    const feed = (shape: readonly number[], data: Float32Array): HostTensor => ({ dtype: "float32", shape, data });
    const feeds = {
      rows: feed([n, width], this.#rows.data.subarray(0, n * width)),
      encoder: feed([nLatents, width], this.#encoder.data),
      encoderBias: feed([nLatents], this.#encoderBias),
      decoderBias: feed([width], takenOff.subarray(0, width)),
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

  /** Step 2: fills the residuals; gives ∂loss/∂pre by slot, and ‖r‖² by row. */
  #backward({ n, starts, values, latents }: Active): { pre: Float32Array; squares: Float32Array } {
    const [pre, squares] = [new Float32Array(latents.length), new Float32Array(n)];
    for (let t = 0; t < n; t++) {
      const [first, end] = [starts[t] as number, starts[t + 1] as number];
      this.#residuals(t, latents.subarray(first, end), values.subarray(first, end));
      const r = this.#residual.at(this.#residualRow(t));
      squares[t] = this.#loops.dot(r, r, this.#residual.bytes);
      for (let slot = first; slot < end; slot++)
        if ((latents[slot] as number) >= 0) pre[slot] = this.#slope(n, t, latents[slot] as number);
    }
    return { pre, squares };
  }

  /** R_q of row t for every prefix. */
  #residuals(t: number, latents: Int32Array, values: Float32Array): void {
    const residual = this.#residual;
    const sum = new RowSum(this.#loops, residual.bytes);
    const add = (target: number, terms: () => void) => {
      this.#rowOf(residual, target).fill(0);
      sum.begin(residual.at(target));
      terms();
      sum.end();
    };
    for (let q = 0; q < this.#prefixes; q++)
      add(this.#residualRow(t, q), () => {
        if (q > 0) sum.add(residual.at(this.#residualRow(t, q - 1)), 1);
        else {
          sum.add(this.#small.at(BIAS), 1);
          sum.add(this.#targets.at(t), -1);
        }
        for (const [slot, latent] of latents.entries())
          if (latent >= 0 && this.#prefixOf[latent] === q) sum.add(this.#decoder.at(latent), values[slot] as number);
      });
    for (let q = this.#prefixes - 2; q >= 0; q--) {
      sum.begin(residual.at(this.#residualRow(t, q)));
      sum.add(residual.at(this.#residualRow(t, q + 1)), 1);
      sum.end();
    }
  }

  /** Place of R_q of row t; without q of r. */
  #residualRow(t: number, q = this.#prefixes - 1): number {
    return q * this.#sizes.batch + t;
  }

  /** Of the n rows' loss, ∂/∂f of a latent on row t: ⟨2R_q/(n P), d⟩. */
  #slope(n: number, t: number, latent: number): number {
    const r = this.#residual.at(this.#residualRow(t, this.#prefixOf[latent]));
    return (2 / (n * this.#prefixes)) * this.#loops.dot(r, this.#decoder.at(latent), this.#decoder.bytes);
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
    this.#loops.adam(b, g, v, this.#small.bytes, beta2, 1 - beta2, learningRate, this.#correction(), eps);
  }

  /** The part through the decoder: Σ 2R_0/(n P). */
  #gradientOfBias(n: number): void {
    this.#rowOf(this.#small, BIAS_GRADIENT).fill(0);
    const sum = new RowSum(this.#loops, this.#small.bytes);
    sum.begin(this.#small.at(BIAS_GRADIENT));
    const factor = 2 / (n * this.#prefixes);
    for (let t = 0; t < n; t++) sum.add(this.#residual.at(this.#residualRow(t, 0)), factor);
    sum.end();
  }

  /** Fills the gradients of the latent's two rows, adds its part to that of b; gives Σ ∂pre, the gradient of e_i. */
  #gradientOfLatent(latent: number, slots: Int32Array, { n, rows, values }: Active, pre: Float32Array): number {
    const small = this.#small;
    let total = 0;
    for (const slot of slots) total += pre[slot] as number;
    this.#rowOf(small, DECODER_GRADIENT).fill(0);
    this.#rowOf(this.#read, ENCODER_GRADIENT).fill(0);
    const written = new RowSum(this.#loops, small.bytes);
    written.begin(small.at(DECODER_GRADIENT));
    const [factor, q] = [2 / (n * this.#prefixes), this.#prefixOf[latent]];
    for (const slot of slots) {
      const row = this.#residualRow(rows[slot] as number, q);
      written.add(this.#residual.at(row), factor * (values[slot] as number));
    }
    written.end();
    const read = new RowSum(this.#loops, this.#read.bytes);
    read.begin(this.#read.at(ENCODER_GRADIENT));
    for (const slot of slots) read.add(this.#rows.at(rows[slot] as number), pre[slot] as number);
    if (this.#tied) read.add(small.at(BIAS), -total);
    read.end();
    if (this.#tied) {
      written.begin(small.at(BIAS_GRADIENT));
      written.add(this.#encoder.at(latent), -total);
      written.end();
    }
    return total;
  }

  #updateLatent(latent: number, total: number, learningRate: number): void {
    const { beta2, eps } = this.#adam;
    const [loops, bytes] = [this.#loops, this.#decoder.bytes];
    const keep = beta2 ** (this.#t - (this.#updatedAt[latent] as number));
    this.#updatedAt[latent] = this.#t;
    const [fresh, correction] = [1 - beta2, this.#correction()];
    const [e, d] = [this.#encoder.at(latent), this.#decoder.at(latent)];
    const [gE, gD] = [this.#read.at(ENCODER_GRADIENT), this.#small.at(DECODER_GRADIENT)];
    const [vE, vD] = [this.#encoderMoments.at(latent), this.#decoderMoments.at(latent)];
    loops.adam(e, gE, vE, this.#encoder.bytes, keep, fresh, learningRate, correction, eps);
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

  #rowOf({ data, width }: Rows, row: number): Float32Array {
    return data.subarray(row * width, (row + 1) * width);
  }

  /** Puts rows of `width` into padded ones: those that stand `from` the start of every so many floats of the source. */
  #fill(target: Rows, source: Float32Array, { width, every = width, from = 0 }: Columns): void {
    for (let row = 0; row * every < source.length; row++)
      target.data.set(source.subarray(row * every + from, row * every + from + width), row * target.width);
  }

  #narrowed(source: Rows, count: number, width: number): Float32Array {
    const out = new Float32Array(count * width);
    for (let row = 0; row < count; row++) out.set(this.#rowOf(source, row).subarray(0, width), row * width);
    return out;
  }
}

interface Columns {
  readonly width: number;
  readonly every?: number;
  readonly from?: number;
}

/** Of unit length, in the row's direction or against it; a row of zeros as it is. */
function unit(row: Float32Array, sign: 1 | -1): Float32Array {
  const length = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0));
  return length > 0 ? row.map((value) => (sign * value) / length) : row;
}

/** Places in the rows of `#small` and of `#read`. */
const [BIAS, BIAS_MOMENTS, BIAS_GRADIENT, DECODER_GRADIENT, SMALL_ROWS] = [0, 1, 2, 3, 4];
const [ENCODER_GRADIENT, NOTHING, READ_ROWS] = [0, 1, 2];
