/**
 * Trains a dictionary of any kind on a stream of activations (recipe.ts says which): the step is one graph in the engine,
 * and its weights stay there. Autoencoders and transcoders without a skip, whose steps touch only the rows that fired, are
 * handed on (../train.ts, sparse-transcoders.ts). Here are the start, the schedules, and latents that died.
 *
 * 1. First batch: each place's mean and scale (scaling.ts).
 * 2. Decoder rows uniform on the unit sphere; an autoencoder's encoder the same rows, a transcoder's other ones.
 * 3. Steps at a learning rate that warms up, stays, and falls to zero at the end.
 * 4. Now and then latents that have not fired for long start again from what tokens were left with, drawn in proportion to
 *    their squared error (Bricken et al. 2023): they write the residual; an autoencoder's read it too, a transcoder's read
 *    the token's input.
 * 5. `batchtopk`: the threshold by which it is used later is a running mean of the least value let speak (Bussmann et al.
 *    2024), quick enough to be that of the last steps, when the learning rate has fallen.
 */
import { must, type Rng, rng, UserError } from "../../core/index.ts";
import { float32, type HostTensor, int64, scalarTensor } from "../../engine/index.ts";
import { coderOf } from "../as-dictionary.ts";
import { normaliseRows } from "../baselines.ts";
import { sparsityAt, startThreshold } from "../jump-relu-recipe.ts";
import { type BatchTraining, checkFinite, overBatches } from "../over-batches.ts";
import { concatRows } from "../read.ts";
import { blended, drawWithout, rateAt } from "../sparse-training.ts";
import { trainDictionary } from "../train.ts";
import { speakingOf, startValues, type TrainCoderRequest, type TrainedCoder } from "./coder-request.ts";
import { parameterShapes } from "./loss-graph.ts";
import { writtenBy } from "./recipe.ts";
import { reviveProgram } from "./revive-program.ts";
import { type Scaling, scaledRows, scalingsOf, unscaledCoder } from "./scaling.ts";
import { trainTranscoders } from "./sparse-transcoders.ts";
import { adamNumbers, type StepProgram, stepProgram } from "./step-program.ts";

export async function trainCoder(request: TrainCoderRequest): Promise<TrainedCoder> {
  checkRecipe(request);
  // Only what spoke is touched (docs/decisions/0006-sparse-dictionary-steps.md); skips and shared writing take the dense step.
  if (request.places.kind === "sae") return trainAutoencoder(request);
  if (request.places.kind === "transcoder") return trainTranscoders(request);
  return overBatches(new CoderTraining(request), request);
}

async function trainAutoencoder(request: TrainCoderRequest): Promise<TrainedCoder> {
  const { engine, places, recipe, modelName, batches, onStep, signal } = request;
  const { hook, width } = must(places.inputs[0], "a place");
  const { dictionary, ...made } = await trainDictionary({
    engine,
    hook,
    dModel: width,
    recipe,
    ...speakingOf(recipe),
    batches,
    onStep: ({ unexplained, ...report }) => onStep?.({ ...report, unexplained: [unexplained] }),
    ...(signal ? { signal } : {}),
  });
  return { coder: coderOf(dictionary, modelName), ...made };
}

function checkRecipe({ places, recipe }: TrainCoderRequest): void {
  const { architecture, k, nLatents } = recipe;
  const refuse = (expected: string, got: string, fix: string) =>
    new UserError("dictionary training", { expected, got, fix });
  if (places.kind === "clt" && architecture === "topk")
    throw refuse("a threshold per latent for a cross-layer transcoder", "topk", "choose batchtopk or jumprelu");
  if (!(k > 0 && k < nLatents)) throw refuse(`k from 1 to ${nLatents - 1}`, String(k), "choose fewer, or more latents");
}

let made = 0;

class CoderTraining implements BatchTraining<TrainedCoder> {
  steps = 0;
  readonly #request: TrainCoderRequest;
  readonly #program: StepProgram;
  readonly #shapes: Map<string, number[]>;
  readonly #prefix = `coder:${made++}:`;
  readonly #total: number;
  readonly #random: Rng;
  /** Per group: tokens seen when each latent last fired. */
  readonly #lastFired: readonly Float64Array[];
  readonly #floors: (number | null)[];
  #scalings: readonly Scaling[] = [];
  /** `jumprelu`: θ of each group at the start. */
  #thresholdAtStart: readonly number[] = [];
  #revived = 0;

  constructor(request: TrainCoderRequest) {
    const { places, recipe } = request;
    this.#request = request;
    this.#program = stepProgram(places, recipe);
    this.#shapes = parameterShapes(places, recipe);
    this.#total = Math.max(1, Math.floor(recipe.tokens / recipe.batchTokens));
    this.#random = rng(recipe.seed, "coder revival");
    this.#lastFired = places.inputs.map(() => new Float64Array(recipe.nLatents));
    this.#floors = places.inputs.map(() => null);
  }

  get finished(): boolean {
    return this.steps >= this.#total;
  }

  async step(batch: Float32Array): Promise<void> {
    const { places, recipe, onStep } = this.#request;
    if (this.#scalings.length === 0) await this.#start(batch);
    const rows = scaledRows(batch, this.#scalings);
    const looks = recipe.reviveEvery > 0 && (this.steps + 1) % recipe.reviveEvery === 0 && !this.#late();
    const out = await this.#run(rows, looks);
    this.steps++;
    const unexplained = places.outputs.map((_, o) => numberOf(out[`error.${o}`]));
    checkFinite(unexplained);
    const l0 = this.#note(out) / recipe.batchTokens;
    if (looks) await this.#revive(rows, out);
    const dead = this.#lastFired.reduce((sum, _, g) => sum + this.#dead(g).length, 0);
    onStep?.({ step: this.steps, steps: this.#total, unexplained, l0, dead, revived: this.#revived });
  }

  async result(): Promise<TrainedCoder> {
    const { engine, places, recipe, modelName } = this.#request;
    const values = new Map<string, Float32Array>();
    for (const name of this.#shapes.keys()) values.set(name, await engine.read(this.#prefix + name));
    const value = (name: string) => must(values.get(name), name);
    const thresholds = places.inputs.map((_, g) => this.#thresholds(g, values.get(`logThreshold.${g}`)));
    const { nLatents, k, batchTokens } = recipe;
    const count = places.inputs.length;
    const inputs = this.#scalings.slice(0, count);
    const scalings = { inputs, outputs: this.#scalings.slice(count) };
    return {
      coder: unscaledCoder(places, scalings, { value, thresholds, nLatents, k }, modelName),
      steps: this.steps,
      tokens: this.steps * batchTokens,
      dead: this.#lastFired.reduce((sum, _, g) => sum + this.#dead(g).length, 0),
      revived: this.#revived,
    };
  }

  async close(): Promise<void> {
    const { engine, signal } = this.#request;
    if (this.#scalings.length === 0 || signal?.aborted) return;
    for (const buffer of this.#buffers()) await engine.free(buffer);
  }

  #logThreshold(g: number, count: number): Float32Array {
    return new Float32Array(count).fill(Math.log(must(this.#thresholdAtStart[g], "threshold at the start")));
  }

  #thresholds(g: number, logThreshold: Float32Array | undefined): Float32Array | null {
    if (logThreshold) return logThreshold.map(Math.exp);
    const floor = this.#floors[g] ?? null;
    return floor === null ? null : new Float32Array(this.#request.recipe.nLatents).fill(floor);
  }

  *#buffers(): Generator<string> {
    for (const name of this.#shapes.keys()) for (const part of ["", ".m", ".v"]) yield `${this.#prefix}${name}${part}`;
  }

  async #start(batch: Float32Array): Promise<void> {
    const { engine, places, recipe } = this.#request;
    this.#scalings = scalingsOf(batch, [...places.inputs, ...places.outputs]);
    const start = (name: string) => startValues(name, must(this.#shapes.get(name), name), recipe.seed);
    const rows = scaledRows(batch, this.#scalings);
    if (recipe.architecture === "jumprelu")
      this.#thresholdAtStart = places.inputs.map(({ width }, g) => {
        const read = Array.from({ length: recipe.batchTokens }, (_, t) => this.#inputRow(g, rows, t));
        return recipe.threshold ?? startThreshold(concatRows(read), start(`encoder.${g}`), width, recipe.k);
      });
    for (const [name, shape] of this.#shapes) {
      const count = shape.reduce((product, dim) => product * dim, 1);
      const [kind, group] = name.split(".");
      const values = kind === "logThreshold" ? this.#logThreshold(Number(group), count) : start(name);
      await engine.write(this.#prefix + name, values);
      for (const moment of [".m", ".v"]) await engine.write(this.#prefix + name + moment, new Float32Array(count));
    }
  }

  #run(rows: Float32Array, withResiduals: boolean): Promise<Record<string, HostTensor>> {
    const { engine, places, recipe, signal } = this.#request;
    const { batchTokens } = recipe;
    const t = this.steps + 1;
    const rate = recipe.learningRate * rateAt(this.steps, this.#total, recipe);
    const at = (name: string, shape: readonly number[]) => ({ buffer: this.#prefix + name, shape });
    const [feeds, keep]: [Record<string, HostTensor | ReturnType<typeof at>>, Record<string, ReturnType<typeof at>>] = [
      {},
      {},
    ];
    for (const [name, shape] of this.#shapes)
      for (const part of ["", ".m", ".v"]) {
        feeds[name + part] = at(name + part, shape);
        keep[`${name}${part}.next`] = at(name + part, shape);
      }
    feeds.rows = float32([batchTokens, rows.length / batchTokens], rows);
    for (const [name, value] of Object.entries(adamNumbers(recipe, rate, t))) feeds[name] = scalarTensor(value);
    feeds.sparsity = scalarTensor(sparsityAt(this.steps, this.#total, recipe));
    const fetches = [
      ...places.outputs.flatMap((_, o) => [`error.${o}`, ...(withResiduals ? [`residual.${o}`] : [])]),
      ...places.inputs.map((_, g) => `fired.${g}`),
      ...(recipe.architecture.endsWith("batchtopk") ? places.inputs.map((_, g) => `floor.${g}`) : []),
    ];
    return engine.run({ program: this.#program.program, feeds, fetches, keep }, signal);
  }

  /** Notes who fired, and the floors; gives the number of activations. */
  #note(out: Record<string, HostTensor>): number {
    const seen = this.steps * this.#request.recipe.batchTokens;
    let active = 0;
    for (const [g, last] of this.#lastFired.entries()) {
      const fired = must(out[`fired.${g}`], "fired").data as Float32Array;
      for (const [latent, count] of fired.entries()) {
        active += count;
        if (count > 0) last[latent] = seen;
      }
      const floor = out[`floor.${g}`];
      // Where fewer than k n are positive the least is not; then nothing holds anyone back.
      if (floor) this.#floors[g] = blended(this.#floors[g] ?? null, Math.max(0, numberOf(floor)));
    }
    return active;
  }

  #late(): boolean {
    return this.steps > this.#total * (1 - this.#request.recipe.decay);
  }

  #dead(g: number): number[] {
    const { batchTokens, deadAfterTokens } = this.#request.recipe;
    const since = this.steps * batchTokens - deadAfterTokens;
    const last = must(this.#lastFired[g], "group");
    return [...last.keys()].filter((latent) => must(last[latent], "latent") < since);
  }

  async #revive(rows: Float32Array, out: Record<string, HostTensor>): Promise<void> {
    const { places, recipe } = this.#request;
    for (const g of places.inputs.keys()) {
      const dead = this.#dead(g);
      // No token for two latents, or they would be the same latent.
      const chosen = this.#random.shuffle(dead).slice(0, Math.floor(recipe.batchTokens / 4));
      if (chosen.length === 0) continue;
      const decoder = this.#residualRows(g, out);
      const squares = Float32Array.from({ length: recipe.batchTokens }, (_, t) => squareOf(decoder(t)));
      const tokens = drawWithout(this.#random, squares, chosen.length);
      const writes = concatRows(tokens.map(decoder));
      const reads = concatRows(tokens.map((t) => this.#inputRow(g, rows, t)));
      for (const [values, width] of [
        [writes, writes.length / chosen.length],
        [reads, reads.length / chosen.length],
      ] as const)
        normaliseRows(values, width);
      await this.#put(g, chosen, reads, writes);
      for (const latent of chosen) must(this.#lastFired[g], "group")[latent] = this.steps * recipe.batchTokens;
      this.#revived += chosen.length;
    }
  }

  /** Of a token: the residuals of all that the group writes, one behind the other. */
  #residualRows(g: number, out: Record<string, HostTensor>): (t: number) => Float32Array {
    const { places } = this.#request;
    const [first, count] = writtenBy(places, g);
    const parts = places.outputs.slice(first, first + count).map(({ width }, i) => {
      return { width, data: must(out[`residual.${first + i}`], "residual").data as Float32Array };
    });
    return (t) => concatRows(parts.map(({ width, data }) => data.subarray(t * width, (t + 1) * width)));
  }

  #inputRow(g: number, rows: Float32Array, t: number): Float32Array {
    const total = this.#scalings.reduce((sum, { width }) => sum + width, 0);
    const start = this.#scalings.slice(0, g).reduce((sum, { width }) => sum + width, 0);
    return rows.subarray(t * total + start, t * total + start + must(this.#scalings[g], "input").width);
  }

  async #put(g: number, latents: readonly number[], reads: Float32Array, writes: Float32Array): Promise<void> {
    const { engine, recipe, signal } = this.#request;
    const names = ["encoder", "encoderBias", "decoder", "logThreshold"].filter((name) =>
      this.#shapes.has(`${name}.${g}`),
    );
    const shapes = new Map(names.map((name) => [name, must(this.#shapes.get(`${name}.${g}`), name)]));
    const r = latents.length;
    const rows: Record<string, Float32Array> = {
      encoder: reads,
      decoder: writes,
      encoderBias: new Float32Array(r),
      logThreshold: recipe.architecture === "jumprelu" ? this.#logThreshold(g, r) : new Float32Array(r),
    };
    const [feeds, keep]: [
      Record<string, HostTensor | { buffer: string; shape: number[] }>,
      Record<string, { buffer: string; shape: number[] }>,
    ] = [{}, {}];
    feeds.index = int64([r], Int32Array.from(latents));
    for (const [name, shape] of shapes) {
      feeds[`${name}.rows`] = float32([r, ...shape.slice(1)], must(rows[name], name));
      for (const part of ["", ".m", ".v"]) {
        feeds[name + part] = { buffer: `${this.#prefix}${name}.${g}${part}`, shape };
        keep[`${name}${part}.next`] = { buffer: `${this.#prefix}${name}.${g}${part}`, shape };
      }
    }
    await engine.run({ program: reviveProgram(shapes), feeds, fetches: [], keep }, signal);
  }
}

const numberOf = (tensor: HostTensor | undefined) => Number(must(tensor, "an output").data[0]);

function squareOf(row: Float32Array): number {
  return row.reduce((sum, value) => sum + value * value, 0);
}
