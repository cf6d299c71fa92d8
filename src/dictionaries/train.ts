/**
 * Trains a TopK, BatchTopK or JumpReLU dictionary on a stream of activations. The step itself runs in the engine's process
 * (engine/autoencoder.ts); here are the start, the learning rate, and latents that died.
 *
 * 1. First batch: b = its mean; scale = √dModel / mean ‖h − b‖, so that one learning rate suits every model.
 * 2. Decoder rows uniform on the unit sphere, encoder = the same rows (Gao et al. 2024, arXiv 2406.04093, A.1), e = 0.
 * 3. Steps at a learning rate that warms up, stays, and falls to zero at the end.
 * 4. Now and then latents that have not fired for long start again from what tokens were left with, drawn in proportion to
 *    ‖h − ĥ‖² (Bricken et al. 2023, "Towards monosemanticity", resampling; AuxK of Gao et al. would cost a dense second pass).
 * 5. The scale is folded back: e/scale and b/scale, E and d as they are.
 * 6. JumpReLU: thresholds start where k latents speak (start-threshold.ts), and L0 is drawn to k.
 *    BatchTopK: the threshold by which it is used later is a running mean of the least value let speak (Bussmann et al. 2024, arXiv
 *    2412.06410), quick enough (`FLOOR_RATE`) to be that of the last steps, when the learning rate has fallen.
 */
import { CancelledError, must, type Rng, rng, UserError } from "../core/index.ts";
import {
  type AutoencoderParameters,
  type AutoencoderStep,
  type Engine,
  type Program,
  rowWidth,
} from "../engine/index.ts";
import type { HookName } from "../models/index.ts";
import { normaliseRows } from "./baselines.ts";
import type { Dictionary } from "./dictionary.ts";
import { batchEncodeProgram, encodeProgram, preActivationProgram } from "./encode-large.ts";
import { type JumpReluRecipe, sparsityAt, startThreshold, THRESHOLD_RATE } from "./jump-relu-recipe.ts";

export interface DictionaryRecipe {
  /** Of each group, where there are several. */
  readonly nLatents: number;
  readonly k: number;
  /** Tokens to learn from; the last partial batch is left out. */
  readonly tokens: number;
  readonly batchTokens: number;
  /** At its peak, for activations of unit mean square. */
  readonly learningRate: number;
  /** Shares of the steps in which the learning rate rises, and falls to zero. */
  readonly warmup: number;
  readonly decay: number;
  readonly beta2: number;
  readonly eps: number;
  /** A latent that has not fired for so many tokens starts again, looked after every `reviveEvery` steps; 0: never. */
  readonly deadAfterTokens: number;
  readonly reviveEvery: number;
  readonly seed: number;
}

export const dictionaryDefaults: Omit<DictionaryRecipe, "nLatents" | "k" | "tokens" | "seed"> = {
  batchTokens: 1024,
  learningRate: 1e-3,
  warmup: 0.05,
  decay: 0.2,
  beta2: 0.999,
  eps: 1e-8,
  deadAfterTokens: 20_000,
  reviveEvery: 10,
};

export interface DictionaryStep {
  /** From 1. */
  readonly step: number;
  readonly steps: number;
  /** Σ‖h − ĥ‖² over Σ‖h − h̄‖² of this batch, before the step. */
  readonly unexplained: number;
  /** Active latents a token. */
  readonly l0: number;
  /** Latents that have not fired within the last `deadAfterTokens`, and those started again so far. */
  readonly dead: number;
  readonly revived: number;
}

export interface TrainDictionaryRequest {
  readonly engine: Engine;
  readonly hook: HookName;
  readonly dModel: number;
  readonly recipe: DictionaryRecipe;
  /** Among whom the largest are let speak: k of each row (default), or k n of a batch of n, which is written with a threshold. */
  readonly over?: "row" | "batch";
  /** Latents speak above a threshold of their own instead. */
  readonly jumpRelu?: JumpReluRecipe;
  /** Shares of the latents that must do alone, rising, the last 1 (matryoshka); default: 1 only. */
  readonly prefixes?: readonly number[];
  /** Batches `[batchTokens, dModel]`, mixed; more than needed are not asked for. */
  readonly batches: AsyncIterable<Float32Array>;
  readonly onStep?: (report: DictionaryStep) => void;
  readonly signal?: AbortSignal;
}

export interface TrainedDictionary {
  readonly dictionary: Dictionary;
  readonly steps: number;
  readonly tokens: number;
  readonly dead: number;
  readonly revived: number;
}

export const FLOOR_RATE = 0.05;

let trained = 0;

export async function trainDictionary(request: TrainDictionaryRequest): Promise<TrainedDictionary> {
  const { engine, recipe, signal } = request;
  const training = new Training(request, `autoencoder:${trained++}`);
  try {
    for await (const batch of request.batches) {
      if (signal?.aborted) throw new CancelledError("dictionary training");
      await training.step(batch);
      if (training.finished) break;
    }
    if (training.steps === 0)
      throw new UserError("dictionary training", {
        expected: `at least ${recipe.batchTokens} tokens of text`,
        got: "fewer",
        fix: "give more text, or a smaller batch",
      });
    return await training.result();
  } finally {
    // A dead engine holds nothing that could be closed.
    if (training.opened && !signal?.aborted) await engine.autoencoder({ act: "close", name: training.name });
  }
}

class Training {
  readonly name: string;
  opened = false;
  steps = 0;
  readonly #request: TrainDictionaryRequest;
  readonly #total: number;
  readonly #random: Rng;
  /** Tokens seen when each latent last fired. */
  readonly #lastFired: Float64Array;
  #scale = 1;
  #revived = 0;
  #floor: number | null = null;

  constructor(request: TrainDictionaryRequest, name: string) {
    const { recipe } = request;
    this.name = name;
    this.#request = request;
    this.#total = Math.max(1, Math.floor(recipe.tokens / recipe.batchTokens));
    this.#random = rng(recipe.seed, "revival");
    this.#lastFired = new Float64Array(recipe.nLatents);
  }

  get finished(): boolean {
    return this.steps >= this.#total;
  }

  async step(batch: Float32Array): Promise<void> {
    const { engine, recipe, signal, onStep, dModel } = this.#request;
    const statistics = batchStatistics(batch, dModel);
    if (!this.opened) await this.#open(statistics, batch);
    const learningRate = recipe.learningRate * rateAt(this.steps, this.#total, recipe);
    const rows = batch.map((value) => value * this.#scale);
    const program = this.#program();
    const { jumpRelu } = this.#request;
    const sparsity = jumpRelu ? sparsityAt(this.steps, this.#total, jumpRelu) : 0;
    const step = { act: "step", name: this.name, program, rows, learningRate, sparsity } as const;
    const reply = await engine.autoencoder(step, signal);
    const report = reply as AutoencoderStep;
    this.steps++;
    const unexplained = report.loss / (this.#scale ** 2 * statistics.variance);
    if (!Number.isFinite(unexplained))
      throw new UserError("dictionary training", {
        expected: "a finite loss",
        got: String(unexplained),
        fix: "lower the learning rate",
      });
    this.#floor = blended(this.#floor, report.floor);
    const l0 = report.latents.reduce((count, latent) => count + Number(latent >= 0), 0) / recipe.batchTokens;
    const dead = await this.#revive(report);
    onStep?.({ step: this.steps, steps: this.#total, unexplained, l0, dead, revived: this.#revived });
  }

  #program(): Program {
    const { recipe, dModel, over = "row", jumpRelu } = this.#request;
    const { nLatents, k, batchTokens } = recipe;
    const width = rowWidth(dModel);
    if (jumpRelu) return preActivationProgram(width, nLatents);
    return over === "row" ? encodeProgram(width, nLatents, k) : batchEncodeProgram(width, nLatents, k, batchTokens);
  }

  async result(): Promise<TrainedDictionary> {
    const { engine, recipe, hook, dModel, over = "row" } = this.#request;
    const read = (await engine.autoencoder({ act: "read", name: this.name })) as AutoencoderParameters;
    const { nLatents, k } = recipe;
    const learned = read.logThreshold?.map(Math.exp) ?? new Float32Array(nLatents).fill(this.#floor ?? 0);
    const threshold = learned.map((value) => value / this.#scale);
    const dictionary: Dictionary = {
      hook,
      dModel,
      nLatents,
      ...(over === "row" && !read.logThreshold ? { k } : { k: null, threshold }),
      encoder: read.encoder,
      encoderBias: read.encoderBias.map((value) => value / this.#scale),
      decoder: read.decoder,
      decoderBias: read.decoderBias.map((value) => value / this.#scale),
    };
    const tokens = this.steps * recipe.batchTokens;
    return { dictionary, steps: this.steps, tokens, dead: this.#dead().length, revived: this.#revived };
  }

  async #open({ mean, variance }: BatchStatistics, batch: Float32Array): Promise<void> {
    const { engine, recipe, dModel, over = "row", jumpRelu, prefixes: shares = [1] } = this.#request;
    const { nLatents, k, beta2, eps, seed } = recipe;
    const prefixes = shares.map((share) => Math.max(1, Math.round(share * nLatents)));
    this.#scale = variance > 0 ? Math.sqrt(dModel / variance) : 1;
    const random = rng(seed, "decoder");
    const decoder = Float32Array.from({ length: nLatents * dModel }, () => random.normal());
    normaliseRows(decoder, dModel);
    const parameters = {
      encoder: decoder.slice(),
      encoderBias: new Float32Array(nLatents),
      decoder,
      decoderBias: Float32Array.from(mean, (value) => value * this.#scale),
    };
    const among = jumpRelu ? ("threshold" as const) : over;
    const sizes = { dModel, nLatents, k, over: among, prefixes, batch: recipe.batchTokens };
    const opening = { act: "open", name: this.name, sizes, adam: { beta2, eps } } as const;
    if (jumpRelu) {
      const centred = batch.map((value, i) => (value - (mean[i % dModel] as number)) * this.#scale);
      const start = jumpRelu.threshold ?? startThreshold(centred, decoder, dModel, k);
      const logThreshold = new Float32Array(nLatents).fill(Math.log(start));
      const settings = { bandwidth: jumpRelu.bandwidth, rate: THRESHOLD_RATE };
      await engine.autoencoder({ ...opening, parameters: { ...parameters, logThreshold }, jumpRelu: settings });
    } else await engine.autoencoder({ ...opening, parameters });
    this.opened = true;
  }

  /** Notes who fired; starts dead latents again where it is time, but not once the learning rate falls. */
  async #revive({ latents, squares }: AutoencoderStep): Promise<number> {
    const { engine, recipe } = this.#request;
    const seen = this.steps * recipe.batchTokens;
    for (const latent of latents) if (latent >= 0) this.#lastFired[latent] = seen;
    const dead = this.#dead();
    const late = this.steps > this.#total * (1 - recipe.decay);
    if (recipe.reviveEvery === 0 || this.steps % recipe.reviveEvery !== 0 || late) return dead.length;
    // No token for two latents, or they would be the same latent.
    const chosen = this.#random.shuffle(dead).slice(0, Math.floor(squares.length / 4));
    if (chosen.length === 0) return dead.length;
    const tokens = drawWithout(this.#random, squares, chosen.length);
    const [from, to] = [Int32Array.from(tokens), Int32Array.from(chosen)];
    await engine.autoencoder({ act: "revive", name: this.name, latents: to, tokens: from });
    for (const latent of chosen) this.#lastFired[latent] = seen;
    this.#revived += chosen.length;
    return dead.length;
  }

  #dead(): number[] {
    const since = this.steps * this.#request.recipe.batchTokens - this.#request.recipe.deadAfterTokens;
    return [...this.#lastFired.keys()].filter((latent) => must(this.#lastFired[latent], "latent") < since);
  }
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

interface BatchStatistics {
  /** `[dModel]` */
  readonly mean: Float64Array;
  /** Mean of ‖h − h̄‖². */
  readonly variance: number;
}

function batchStatistics(batch: Float32Array, dModel: number): BatchStatistics {
  const n = batch.length / dModel;
  const mean = new Float64Array(dModel);
  for (let i = 0; i < batch.length; i++) mean[i % dModel] = (mean[i % dModel] as number) + (batch[i] as number) / n;
  let squares = 0;
  for (let i = 0; i < batch.length; i++) squares += ((batch[i] as number) - (mean[i % dModel] as number)) ** 2;
  return { mean, variance: squares / n };
}
