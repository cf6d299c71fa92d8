/** The dense step against Adam as the textbook has it, in float64. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { must, rng } from "../../core/index.ts";
import { compile, type Engine, float32, type HostTensor, scalarTensor, startEngine } from "../../engine/index.ts";
import { Graph, gradients } from "../../tensor/index.ts";
import { normaliseRows } from "../baselines.ts";
import { lossGraph, parameterShapes } from "./loss-graph.ts";
import { type CoderPlaces, type CoderRecipe, coderDefaults } from "./recipe.ts";
import { adamNumbers, stepProgram } from "./step-program.ts";

let engine: Engine;
beforeAll(() => {
  engine = startEngine({ threads: 1 });
});
afterAll(() => engine.close());

const PLACES: CoderPlaces = {
  kind: "transcoder",
  inputs: [{ hook: "blocks.0.mlp.hook_in", width: 12 }],
  outputs: [{ hook: "blocks.0.hook_mlp_out", width: 8 }],
};

const widthOf = ({ inputs, outputs }: CoderPlaces) =>
  [...inputs, ...outputs].reduce((sum, { width }) => sum + width, 0);
const float64 = (shape: readonly number[], data: Float64Array): HostTensor => ({ dtype: "float64", shape, data });

/** Adam in float64 (Kingma and Ba 2014, algorithm 1); rows of `width` without their own part, and back to unit length. */
class Textbook {
  readonly values: Float64Array;
  readonly #m: Float64Array;
  readonly #v: Float64Array;

  constructor(values: Float32Array) {
    this.values = Float64Array.from(values);
    this.#m = new Float64Array(values.length);
    this.#v = new Float64Array(values.length);
  }

  step(
    gradient: Float64Array,
    rate: number,
    t: number,
    { beta1, beta2, eps }: CoderRecipe,
    width: number | null,
  ): void {
    const g = width === null ? gradient : this.#across(gradient, width);
    for (const [i, each] of g.entries()) {
      const m = beta1 * (this.#m[i] ?? 0) + (1 - beta1) * each;
      const v = beta2 * (this.#v[i] ?? 0) + (1 - beta2) * each * each;
      [this.#m[i], this.#v[i]] = [m, v];
      const corrected = Math.sqrt(v / (1 - beta2 ** t)) + eps;
      this.values[i] = (this.values[i] ?? 0) - (rate * m) / (1 - beta1 ** t) / corrected;
    }
    if (width === null) return;
    for (let row = 0; row < this.values.length; row += width) {
      const part = this.values.subarray(row, row + width);
      const length = Math.sqrt(part.reduce((sum, value) => sum + value * value, 0));
      for (const [j, value] of part.entries()) part[j] = value / length;
    }
  }

  #across(gradient: Float64Array, width: number): Float64Array {
    const out = gradient.slice();
    for (let row = 0; row < out.length; row += width) {
      let along = 0;
      for (let j = row; j < row + width; j++) along += (out[j] ?? 0) * (this.values[j] ?? 0);
      for (let j = row; j < row + width; j++) out[j] = (out[j] ?? 0) - along * (this.values[j] ?? 0);
    }
    return out;
  }
}

/** Of the loss, at the parameters as they are, in float64. */
async function gradientsAt(
  places: CoderPlaces,
  recipe: CoderRecipe,
  buffers: ReadonlyMap<string, Float32Array>,
  rows: Float32Array,
): Promise<Map<string, Float64Array>> {
  const graph = new Graph();
  const { loss, parameters } = lossGraph(graph, places, recipe, "float64");
  const found = gradients(loss, graph.constant("float64", [1], []), [...parameters.values()]);
  for (const [i, name] of [...parameters.keys()].entries()) graph.output(`d.${name}`, must(found[i], name));
  const feeds: Record<string, HostTensor> = {
    rows: float64([recipe.batchTokens, widthOf(places)], Float64Array.from(rows)),
  };
  for (const [name, shape] of parameterShapes(places, recipe))
    feeds[name] = float64(shape, Float64Array.from(must(buffers.get(name), name)));
  const fetches = [...parameters.keys()].map((name) => `d.${name}`);
  const out = await engine.run({ program: compile(graph), feeds, fetches });
  return new Map([...parameters.keys()].map((name) => [name, must(out[`d.${name}`], name).data as Float64Array]));
}

const worst = (ours: Float32Array, theirs: Float64Array) =>
  ours.reduce((most, value, i) => Math.max(most, Math.abs(value - (theirs[i] ?? Number.NaN))), 0);

test("is Adam as the textbook has it, decoder rows at unit length, over six steps", async () => {
  const places = PLACES;
  const adam: CoderRecipe = {
    ...coderDefaults,
    ...{ architecture: "topk", nLatents: 16, k: 4, tokens: 192, batchTokens: 32, learningRate: 0.02, seed: 1 },
  };
  const { program, parameters } = stepProgram(places, adam);
  const shapes = parameterShapes(places, adam);
  const draws = rng(5, "adam");
  const size = (name: string) => must(shapes.get(name), name).reduce((product, dim) => product * dim, 1);
  const buffers = new Map<string, Float32Array>();
  for (const name of parameters) {
    const values = Float32Array.from({ length: size(name) }, () => draws.normal());
    if (name.startsWith("decoder.")) normaliseRows(values, must(shapes.get(name)?.[1], "width"));
    for (const part of ["", ".m", ".v"]) buffers.set(name + part, part === "" ? values : new Float32Array(size(name)));
  }
  const reference = new Map(parameters.map((name) => [name, new Textbook(must(buffers.get(name), name))]));
  for (let t = 1; t <= 6; t++) {
    const rows = Float32Array.from({ length: 32 * widthOf(places) }, () => draws.normal());
    const gradients = await gradientsAt(places, adam, buffers, rows);
    const feeds: Record<string, HostTensor> = { rows: float32([32, widthOf(places)], rows) };
    for (const [name, data] of buffers)
      feeds[name] = float32(must(shapes.get(name.replace(/\.[mv]$/, "")), name), data);
    for (const [name, value] of Object.entries(adamNumbers(adam, 0.02, t))) feeds[name] = scalarTensor(value);
    const fetches = [...buffers.keys()].map((name) => `${name}.next`);
    const out = await engine.run({ program, feeds, fetches });
    for (const name of buffers.keys()) buffers.set(name, must(out[`${name}.next`], name).data as Float32Array);
    for (const [name, textbook] of reference) {
      const width = name.startsWith("decoder.") ? must(shapes.get(name)?.[1], "width") : null;
      textbook.step(must(gradients.get(name), name), 0.02, t, adam, width);
      // Where a gradient is a rounding error its sign is too, and Adam moves by the rate: none with this seed.
      expect(worst(must(buffers.get(name), name), textbook.values), `${name} after step ${t}`).toBeLessThan(1e-4);
    }
  }
});
