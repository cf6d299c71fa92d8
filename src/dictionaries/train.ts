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
import { rng } from "../core/index.ts";
import type { Engine } from "../engine/index.ts";
import type { HookName } from "../models/index.ts";
import { normaliseRows } from "./baselines.ts";
import type { Dictionary } from "./dictionary.ts";
import type { DictionaryRecipe } from "./dictionary-recipe.ts";
import {
  type BatchSource,
  type BatchTraining,
  checkFinite,
  overBatches,
  type TrainedSize,
  type TrainingStep,
} from "./over-batches.ts";
import { latentsAToken, SparseTraining, type Speaking } from "./sparse-training.ts";

export interface DictionaryStep extends TrainingStep {
  /** Σ‖h − ĥ‖² over Σ‖h − h̄‖² of this batch, before the step. */
  readonly unexplained: number;
}

export interface TrainDictionaryRequest extends Speaking, BatchSource {
  readonly engine: Engine;
  readonly hook: HookName;
  readonly dModel: number;
  readonly recipe: DictionaryRecipe;
  readonly onStep?: (report: DictionaryStep) => void;
}

export interface TrainedDictionary extends TrainedSize {
  readonly dictionary: Dictionary;
}

/** Batches are `[batchTokens, dModel]`. */
export async function trainDictionary(request: TrainDictionaryRequest): Promise<TrainedDictionary> {
  return overBatches(new Training(request), request);
}

class Training implements BatchTraining<TrainedDictionary> {
  readonly #request: TrainDictionaryRequest;
  readonly #coder: SparseTraining;
  #scale = 1;

  constructor(request: TrainDictionaryRequest) {
    this.#request = request;
    this.#coder = new SparseTraining({ ...request, randomName: "revival" });
  }

  get steps(): number {
    return this.#coder.steps;
  }

  get finished(): boolean {
    return this.steps >= this.#coder.total;
  }

  close(): Promise<void> {
    return this.#coder.close();
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
