/**
 * The thresholds θ = exp τ of a JumpReLU autoencoder in training, by the straight-through estimates of Rajamanoharan et al.
 * 2024 (arXiv 2407.14435, eqs. 11 and 12), K the rectangle 1[|z| < ½]. With loss = mean ‖r‖²/dOut + λ (L0/k − 1)²,
 *
 * ∂loss/∂τ_i = −(θ_i/ε) Σ_t K((p_ti − θ_i)/ε) (θ_i ⟨2r_t/n, d_i⟩/dOut + 2λ (L0/k − 1)/(k n)).
 *
 * Only latents within ε/2 of their threshold enter: those above speak anyway, those below are looked at besides. A latent
 * without any has no gradient, and with β₁ = 0 does not move, as the other parameters (autoencoder.ts).
 */
import { must } from "../core/index.ts";
import { type Active, Growing } from "./active-slots.ts";

export interface JumpRelu {
  /** ε */
  readonly bandwidth: number;
  /** τ moves so many times as far as the other parameters at a learning rate. */
  readonly rate: number;
}

interface Sizes {
  /** What is written, over whose elements the loss is a mean. */
  readonly dOut: number;
  readonly nLatents: number;
  /** What L0 is drawn to. */
  readonly k: number;
}

interface Adam {
  readonly beta2: number;
  readonly eps: number;
}

export interface ThresholdStep {
  /** By slot: ⟨2r/n, d⟩ of who speaks. */
  readonly pre: Float32Array;
  /** ⟨2r_t/n, d_latent⟩ of any. */
  readonly slope: (t: number, latent: number) => number;
  /** Of the autoencoder, from 1. */
  readonly t: number;
  readonly learningRate: number;
  /** λ */
  readonly sparsity: number;
}

export class Thresholds {
  readonly logThreshold: Float32Array;
  readonly #start: Float32Array;
  readonly #sizes: Sizes;
  readonly #settings: JumpRelu;
  readonly #adam: Adam;
  readonly #moments: Float32Array;
  readonly #updatedAt: Int32Array;
  /** Of the last rows: `[n + 1]` starts, and who lies within ε/2 below the threshold. */
  #below: { readonly starts: Int32Array; readonly latents: Int32Array } | null = null;

  constructor(sizes: Sizes, logThreshold: Float32Array, settings: JumpRelu, adam: Adam) {
    this.logThreshold = logThreshold;
    this.#start = logThreshold.slice();
    this.#sizes = sizes;
    this.#settings = settings;
    this.#adam = adam;
    this.#moments = new Float32Array(sizes.nLatents);
    this.#updatedAt = new Int32Array(sizes.nLatents);
  }

  /** Who speaks, from pre-activations `[n, nLatents]`; notes who nearly does. */
  slots(n: number, pre: Float32Array): Active {
    const { nLatents } = this.#sizes;
    const theta = this.logThreshold.map(Math.exp);
    const low = theta.map((value) => value - this.#settings.bandwidth / 2);
    const [open, near] = [new Growing(), new Growing()];
    const [starts, nearStarts] = [new Int32Array(n + 1), new Int32Array(n + 1)];
    for (let t = 0, at = 0; t < n; t++) {
      for (let i = 0; i < nLatents; i++, at++) {
        const p = pre[at] as number;
        if (p <= (low[i] as number)) continue;
        if (p > (theta[i] as number)) open.push(i);
        else near.push(i);
      }
      starts[t + 1] = open.count;
      nearStarts[t + 1] = near.count;
    }
    this.#below = { starts: nearStarts, latents: near.numbers };
    const latents = open.numbers;
    const [rows, values] = [new Int32Array(latents.length), new Float32Array(latents.length)];
    for (let t = 0; t < n; t++)
      for (let slot = starts[t] as number; slot < (starts[t + 1] as number); slot++) {
        rows[slot] = t;
        values[slot] = pre[t * nLatents + (latents[slot] as number)] as number;
      }
    return { n, starts, rows, latents, values, floor: 0 };
  }

  /** One step of Adam on the thresholds of who was near. */
  step({ n, latents, values }: Active, { pre, slope, t, learningRate, sparsity }: ThresholdStep): void {
    const { dOut, nLatents, k } = this.#sizes;
    const { bandwidth } = this.#settings;
    const [slopes, counts] = [new Float64Array(nLatents), new Int32Array(nLatents)];
    const note = (latent: number, value: number) => {
      slopes[latent] = (slopes[latent] as number) + value;
      counts[latent] = (counts[latent] as number) + 1;
    };
    for (const [slot, latent] of latents.entries()) {
      const above = (values[slot] as number) - Math.exp(this.logThreshold[latent] as number);
      if (above < bandwidth / 2) note(latent, pre[slot] as number);
    }
    const { starts, latents: near } = must(this.#below, "the rows of this step");
    for (let row = 0; row < n; row++)
      for (let at = starts[row] as number; at < (starts[row + 1] as number); at++)
        note(near[at] as number, slope(row, near[at] as number));
    const pull = (2 * sparsity * (latents.length / n / k - 1)) / (k * n);
    for (const [latent, count] of counts.entries()) {
      if (count === 0) continue;
      const theta = Math.exp(this.logThreshold[latent] as number);
      const gradient = (-theta / bandwidth) * ((theta * (slopes[latent] as number)) / dOut + pull * count);
      this.#move(latent, gradient, t, learningRate);
    }
  }

  /** As at the start: the latent reads and writes something else now. */
  restart(latent: number): void {
    this.logThreshold[latent] = this.#start[latent] as number;
    this.#moments[latent] = 0;
  }

  #move(latent: number, gradient: number, t: number, learningRate: number): void {
    const { beta2, eps } = this.#adam;
    const keep = beta2 ** (t - (this.#updatedAt[latent] as number));
    this.#updatedAt[latent] = t;
    const v = keep * (this.#moments[latent] as number) + (1 - beta2) * gradient * gradient;
    this.#moments[latent] = v;
    const corrected = Math.sqrt(v / (1 - beta2 ** t));
    const rate = learningRate * this.#settings.rate;
    this.logThreshold[latent] = (this.logThreshold[latent] as number) - (rate * gradient) / (corrected + eps);
  }
}
