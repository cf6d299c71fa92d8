/**
 * One autoencoder or transcoder that the engine holds in training (engine/autoencoder.ts): who speaks, with which learning rate,
 * who died and starts again, and above which threshold its latents speak afterwards.
 */
import { must, type Rng, rng } from "../core/index.ts";
import {
  type AutoencoderParameters,
  type AutoencoderSizes,
  type AutoencoderStep,
  type Engine,
  type Program,
  rowWidth,
} from "../engine/index.ts";
import type { DictionaryRecipe } from "./dictionary-recipe.ts";
import { batchEncodeProgram, encodeProgram, preActivationProgram } from "./encode-large.ts";
import { type JumpReluRecipe, sparsityAt, startThreshold, THRESHOLD_RATE } from "./jump-relu-recipe.ts";

export interface Speaking {
  /** Among whom the largest are let speak: k of each row (default), or k n of a batch of n, which is written with a threshold. */
  readonly over?: "row" | "batch";
  /** Latents speak above a threshold of their own instead. */
  readonly jumpRelu?: JumpReluRecipe;
  /** Shares of the latents that must do alone, rising, the last 1 (matryoshka); default: 1 only. */
  readonly prefixes?: readonly number[];
}

export interface SparseTrainingRequest extends Speaking {
  readonly engine: Engine;
  readonly recipe: DictionaryRecipe;
  /** What it reads, and what it writes where that is another place. */
  readonly dModel: number;
  readonly dOut?: number;
  /** Of the stream from which dead latents are drawn. */
  readonly randomName: string;
  readonly signal?: AbortSignal;
}

export const FLOOR_RATE = 0.05;

let made = 0;

export class SparseTraining {
  steps = 0;
  revived = 0;
  readonly total: number;
  readonly #request: SparseTrainingRequest;
  readonly #name = `autoencoder:${made++}`;
  readonly #random: Rng;
  /** Tokens seen when each latent last fired. */
  readonly #lastFired: Float64Array;
  #opened = false;
  #floor: number | null = null;

  constructor(request: SparseTrainingRequest) {
    const { recipe, randomName } = request;
    this.#request = request;
    this.total = Math.max(1, Math.floor(recipe.tokens / recipe.batchTokens));
    this.#random = rng(recipe.seed, randomName);
    this.#lastFired = new Float64Array(recipe.nLatents);
  }

  /** `read`: what it reads of the first batch, `[n, dModel]`, as the encoder sees it; only thresholds ask for it. */
  async open(parameters: AutoencoderParameters, read: () => Float32Array): Promise<void> {
    const { engine, recipe, dModel, dOut, over = "row", jumpRelu, prefixes: shares = [1] } = this.#request;
    const { nLatents, k, batchTokens, beta2, eps } = recipe;
    const prefixes = shares.map((share) => Math.max(1, Math.round(share * nLatents)));
    const among = jumpRelu ? ("threshold" as const) : over;
    const reads = { dModel, ...(dOut === undefined ? {} : { dOut }) };
    const sizes: AutoencoderSizes = { ...reads, nLatents, k, over: among, prefixes, batch: batchTokens };
    const opening = { act: "open", name: this.#name, sizes, adam: { beta2, eps } } as const;
    this.#opened = true;
    if (!jumpRelu) {
      await engine.autoencoder({ ...opening, parameters });
      return;
    }
    const start = jumpRelu.threshold ?? startThreshold(read(), parameters.encoder, dModel, k);
    const logThreshold = new Float32Array(nLatents).fill(Math.log(start));
    const settings = { bandwidth: jumpRelu.bandwidth, rate: THRESHOLD_RATE };
    await engine.autoencoder({ ...opening, parameters: { ...parameters, logThreshold }, jumpRelu: settings });
  }

  /** Rows `[n, dModel (+ dOut)]`. Latents that died may start again from them. */
  async step(rows: Float32Array): Promise<AutoencoderStep> {
    const { engine, recipe, signal, jumpRelu } = this.#request;
    const learningRate = recipe.learningRate * rateAt(this.steps, this.total, recipe);
    const sparsity = jumpRelu ? sparsityAt(this.steps, this.total, jumpRelu) : 0;
    const asked = { act: "step", name: this.#name, program: this.#program(), rows, learningRate, sparsity } as const;
    const report = (await engine.autoencoder(asked, signal)) as AutoencoderStep;
    this.steps++;
    this.#floor = blended(this.#floor, report.floor);
    if (Number.isFinite(report.loss)) await this.#revive(report);
    return report;
  }

  async read(): Promise<AutoencoderParameters> {
    return (await this.#request.engine.autoencoder({ act: "read", name: this.#name })) as AutoencoderParameters;
  }

  /** θ of every latent; null where k of each row speak. */
  thresholds({ logThreshold }: AutoencoderParameters): Float32Array | null {
    if (logThreshold) return logThreshold.map(Math.exp);
    const { recipe, over = "row" } = this.#request;
    return over === "row" ? null : new Float32Array(recipe.nLatents).fill(this.#floor ?? 0);
  }

  /** Latents that have not fired for long. */
  get dead(): number[] {
    const since = this.steps * this.#request.recipe.batchTokens - this.#request.recipe.deadAfterTokens;
    return [...this.#lastFired.keys()].filter((latent) => must(this.#lastFired[latent], "latent") < since);
  }

  async close(): Promise<void> {
    // A dead engine holds nothing that could be closed.
    if (this.#opened && !this.#request.signal?.aborted)
      await this.#request.engine.autoencoder({ act: "close", name: this.#name });
  }

  #program(): Program {
    const { recipe, dModel, over = "row", jumpRelu } = this.#request;
    const { nLatents, k, batchTokens } = recipe;
    const width = rowWidth(dModel);
    if (jumpRelu) return preActivationProgram(width, nLatents);
    return over === "row" ? encodeProgram(width, nLatents, k) : batchEncodeProgram(width, nLatents, k, batchTokens);
  }

  /** Notes who fired; starts dead latents again where it is time, but not once the learning rate falls. */
  async #revive({ latents, squares }: AutoencoderStep): Promise<void> {
    const { engine, recipe } = this.#request;
    const seen = this.steps * recipe.batchTokens;
    for (const latent of latents) if (latent >= 0) this.#lastFired[latent] = seen;
    const late = this.steps > this.total * (1 - recipe.decay);
    if (recipe.reviveEvery === 0 || this.steps % recipe.reviveEvery !== 0 || late) return;
    // No token for two latents, or they would be the same latent.
    const chosen = this.#random.shuffle(this.dead).slice(0, Math.floor(squares.length / 4));
    if (chosen.length === 0) return;
    const tokens = drawWithout(this.#random, squares, chosen.length);
    const [from, to] = [Int32Array.from(tokens), Int32Array.from(chosen)];
    await engine.autoencoder({ act: "revive", name: this.#name, latents: to, tokens: from });
    for (const latent of chosen) this.#lastFired[latent] = seen;
    this.revived += chosen.length;
  }
}

/** Latents that spoke, a token. */
export function latentsAToken({ latents, squares }: AutoencoderStep): number {
  return latents.reduce((count, latent) => count + Number(latent >= 0), 0) / squares.length;
}

/** A running mean of the floors. */
export function blended(old: number | null, fresh: number): number {
  return old === null ? fresh : old + FLOOR_RATE * (fresh - old);
}

/** Of the peak: rises over the first `warmup` of the steps, falls to zero over the last `decay`. `step` from 0. */
export function rateAt(
  step: number,
  steps: number,
  { warmup, decay }: Pick<DictionaryRecipe, "warmup" | "decay">,
): number {
  const rise = warmup * steps;
  const fall = decay * steps;
  const rising = rise > 0 ? (step + 1) / rise : 1;
  const falling = fall > 0 ? (steps - step) / fall : 1;
  return Math.min(1, rising, falling);
}

/** `count` indices without repetition, each draw in proportion to the weights that are left (Efraimidis, Spirakis 2006). */
export function drawWithout(random: Rng, weights: Float32Array, count: number): number[] {
  const keys = [...weights].map((weight, index) => ({
    index,
    key: Math.log(1 - random.next()) / Math.max(weight, 1e-30),
  }));
  return keys
    .sort((a, b) => b.key - a.key)
    .slice(0, count)
    .map(({ index }) => index);
}
