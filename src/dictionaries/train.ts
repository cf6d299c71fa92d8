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
import { CancelledError, rng, UserError } from "../core/index.ts";
import type { Engine } from "../engine/index.ts";
import type { HookName } from "../models/index.ts";
import { normaliseRows } from "./baselines.ts";
import type { Dictionary } from "./dictionary.ts";
import type { DictionaryRecipe } from "./dictionary-recipe.ts";
import { latentsAToken, SparseTraining, type Speaking } from "./sparse-training.ts";

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

export interface TrainDictionaryRequest extends Speaking {
  readonly engine: Engine;
  readonly hook: HookName;
  readonly dModel: number;
  readonly recipe: DictionaryRecipe;
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

export async function trainDictionary(request: TrainDictionaryRequest): Promise<TrainedDictionary> {
  const { recipe, signal } = request;
  const coder = new SparseTraining({ ...request, randomName: "revival" });
  const training = new Training(request, coder);
  try {
    for await (const batch of request.batches) {
      if (signal?.aborted) throw new CancelledError("dictionary training");
      await training.step(batch);
      if (coder.steps >= coder.total) break;
    }
    if (coder.steps === 0) throw tooLittleText(recipe.batchTokens);
    return await training.result();
  } finally {
    await coder.close();
  }
}

export function tooLittleText(batchTokens: number): UserError {
  return new UserError("dictionary training", {
    expected: `at least ${batchTokens} tokens of text`,
    got: "fewer",
    fix: "give more text, or a smaller batch",
  });
}

/** Throws where a loss is not a number any more. */
export function checkFinite(unexplained: readonly number[]): void {
  const broken = unexplained.find((value) => !Number.isFinite(value));
  if (broken !== undefined)
    throw new UserError("dictionary training", {
      expected: "a finite loss",
      got: String(broken),
      fix: "lower the learning rate",
    });
}

class Training {
  readonly #request: TrainDictionaryRequest;
  readonly #coder: SparseTraining;
  #scale = 1;

  constructor(request: TrainDictionaryRequest, coder: SparseTraining) {
    this.#request = request;
    this.#coder = coder;
  }

  async step(batch: Float32Array): Promise<void> {
    const { onStep, dModel } = this.#request;
    const coder = this.#coder;
    const statistics = batchStatistics(batch, dModel);
    if (coder.steps === 0) await this.#open(statistics, batch);
    const report = await coder.step(batch.map((value) => value * this.#scale));
    const unexplained = report.loss / (this.#scale ** 2 * statistics.variance);
    checkFinite([unexplained]);
    const l0 = latentsAToken(report);
    const { steps, total, dead, revived } = coder;
    onStep?.({ step: steps, steps: total, unexplained, l0, dead: dead.length, revived });
  }

  async result(): Promise<TrainedDictionary> {
    const { recipe, hook, dModel } = this.#request;
    const { steps, dead, revived } = this.#coder;
    const read = await this.#coder.read();
    const { nLatents, k } = recipe;
    const threshold = this.#coder.thresholds(read)?.map((value) => value / this.#scale);
    const dictionary: Dictionary = {
      hook,
      dModel,
      nLatents,
      ...(threshold ? { k: null, threshold } : { k }),
      encoder: read.encoder,
      encoderBias: read.encoderBias.map((value) => value / this.#scale),
      decoder: read.decoder,
      decoderBias: read.decoderBias.map((value) => value / this.#scale),
    };
    return { dictionary, steps, tokens: steps * recipe.batchTokens, dead: dead.length, revived };
  }

  async #open({ mean, variance }: BatchStatistics, batch: Float32Array): Promise<void> {
    const { recipe, dModel } = this.#request;
    const { nLatents, seed } = recipe;
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
    const centred = () => batch.map((value, i) => (value - (mean[i % dModel] as number)) * this.#scale);
    await this.#coder.open(parameters, centred);
  }
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
