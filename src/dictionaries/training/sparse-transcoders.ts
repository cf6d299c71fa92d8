/**
 * Transcoders, one a layer, each trained by steps that touch only the latents that spoke (sparse-training.ts): they share
 * batches and nothing else. Rows are centred and scaled, and that is folded into the weights afterwards (scaling.ts).
 */
import { must } from "../../core/index.ts";
import type { AutoencoderParameters } from "../../engine/index.ts";
import { type BatchTraining, checkFinite, overBatches } from "../over-batches.ts";
import { latentsAToken, SparseTraining } from "../sparse-training.ts";
import { speakingOf, startValues, type TrainCoderRequest, type TrainedCoder } from "./coder-request.ts";
import { parameterShapes } from "./loss-graph.ts";
import { type Scaling, scaledRows, scalingsOf, unscaledCoder } from "./scaling.ts";

/** `places.kind` is `transcoder`: group g reads input g and writes output g. */
export async function trainTranscoders(request: TrainCoderRequest): Promise<TrainedCoder> {
  return overBatches(new TranscoderTraining(request), request);
}

class TranscoderTraining implements BatchTraining<TrainedCoder> {
  readonly #request: TrainCoderRequest;
  readonly #layers: readonly SparseTraining[];
  #scalings: readonly Scaling[] = [];

  constructor(request: TrainCoderRequest) {
    const { engine, places, recipe, signal } = request;
    this.#request = request;
    this.#layers = places.inputs.map(({ width }, g) => {
      const reads = { dModel: width, dOut: must(places.outputs[g], "output").width };
      const about = { engine, recipe, ...reads, randomName: `revival ${g}`, ...speakingOf(recipe) };
      return new SparseTraining({ ...about, ...(signal ? { signal } : {}) });
    });
  }

  get steps(): number {
    return must(this.#layers[0], "a layer").steps;
  }

  get finished(): boolean {
    return this.steps >= must(this.#layers[0], "a layer").total;
  }

  async step(batch: Float32Array): Promise<void> {
    const { places, onStep } = this.#request;
    if (this.#scalings.length === 0) this.#scalings = scalingsOf(batch, [...places.inputs, ...places.outputs]);
    const rows = scaledRows(batch, this.#scalings);
    const unexplained: number[] = [];
    let l0 = 0;
    for (const [g, layer] of this.#layers.entries()) {
      const own = this.#columns(rows, [g, places.inputs.length + g]);
      if (layer.steps === 0) await layer.open(this.#start(g), () => this.#columns(rows, [g]));
      const report = await layer.step(own);
      unexplained.push(report.loss / must(places.outputs[g], "output").width);
      l0 += latentsAToken(report);
    }
    checkFinite(unexplained);
    const sum = (of: (layer: SparseTraining) => number) => this.#layers.reduce((all, layer) => all + of(layer), 0);
    const { steps, total } = must(this.#layers[0], "a layer");
    const [dead, revived] = [sum((layer) => layer.dead.length), sum((layer) => layer.revived)];
    onStep?.({ step: steps, steps: total, unexplained, l0, dead, revived });
  }

  async result(): Promise<TrainedCoder> {
    const { places, recipe, modelName } = this.#request;
    const { nLatents, k, batchTokens } = recipe;
    const read: AutoencoderParameters[] = [];
    for (const layer of this.#layers) read.push(await layer.read());
    const value = (name: string) => {
      const [kind, g] = name.split(".");
      const { encoder, encoderBias, decoder, decoderBias } = must(read[Number(g)], name);
      return must({ encoder, encoderBias, decoder, bias: decoderBias }[kind ?? ""], name);
    };
    const thresholds = this.#layers.map((layer, g) => layer.thresholds(must(read[g], "parameters")));
    const count = places.inputs.length;
    const scalings = { inputs: this.#scalings.slice(0, count), outputs: this.#scalings.slice(count) };
    return {
      coder: unscaledCoder(places, scalings, { value, thresholds, nLatents, k }, modelName),
      steps: this.steps,
      tokens: this.steps * batchTokens,
      dead: this.#layers.reduce((all, layer) => all + layer.dead.length, 0),
      revived: this.#layers.reduce((all, layer) => all + layer.revived, 0),
    };
  }

  async close(): Promise<void> {
    for (const layer of this.#layers) await layer.close();
  }

  #start(g: number): AutoencoderParameters {
    const { places, recipe } = this.#request;
    const shapes = parameterShapes(places, recipe);
    const start = (name: string) => startValues(name, must(shapes.get(name), name), recipe.seed);
    const [encoder, encoderBias] = [start(`encoder.${g}`), start(`encoderBias.${g}`)];
    return { encoder, encoderBias, decoder: start(`decoder.${g}`), decoderBias: start(`bias.${g}`) };
  }

  /** The columns of some places, side by side. */
  #columns(rows: Float32Array, places: readonly number[]): Float32Array {
    const starts = this.#scalings.map((_, p) => this.#scalings.slice(0, p).reduce((sum, { width }) => sum + width, 0));
    const total = this.#scalings.reduce((sum, { width }) => sum + width, 0);
    const widths = places.map((p) => must(this.#scalings[p], "place").width);
    const own = widths.reduce((sum, width) => sum + width, 0);
    const n = rows.length / total;
    const out = new Float32Array(n * own);
    for (let t = 0; t < n; t++) {
      let at = t * own;
      for (const [i, p] of places.entries()) {
        const start = t * total + must(starts[p], "start");
        out.set(rows.subarray(start, start + must(widths[i], "width")), at);
        at += must(widths[i], "width");
      }
    }
    return out;
  }
}
