/**
 * One training step as one graph: loss, gradients and Adam over every parameter, each in an engine buffer of its own.
 *
 * 1. Gradients of the loss (loss-graph.ts).
 * 2. Decoder rows lose the part of their gradient along themselves (Bricken et al. 2023): their length is not for learning.
 * 3. Adam (Kingma and Ba 2014, arXiv 1412.6980); log θ moves `THRESHOLD_RATE` times as far. The graph keeps m/(1 − β₁) and
 *    v/(1 − β₂), for which m ← β₁ m + g and v ← β₂ v + g²: the factors go into two numbers a step (`adamNumbers`), and ten passes
 *    over each matrix do instead of thirteen.
 * 4. Decoder rows back to unit length (over all that the latent writes).
 */
import { compile, type Program } from "../../engine/index.ts";
import { Add, Div, Graph, gradients, Mul, ReduceSum, Sqrt, Sub, scalar, type Tensor } from "../../tensor/index.ts";
import { THRESHOLD_RATE } from "../jump-relu-recipe.ts";
import { lossGraph } from "./loss-graph.ts";
import type { CoderPlaces, CoderRecipe } from "./recipe.ts";

export interface StepProgram {
  readonly program: Program;
  /** Names of the parameters; each has the outputs `<name>.next`, `<name>.m.next`, `<name>.v.next`. */
  readonly parameters: readonly string[];
}

export function stepProgram(places: CoderPlaces, recipe: CoderRecipe): StepProgram {
  const graph = new Graph();
  const { parameters, loss, errors, residuals, fired, floors } = lossGraph(graph, places, recipe);
  const names = [...parameters.keys()];
  const found = gradients(loss, graph.constant("float32", [1], []), [...parameters.values()]);
  const adam = adamInputs(graph);
  for (const [i, name] of names.entries())
    update(graph, name, parameters.get(name) as Tensor, found[i] as Tensor, adam, recipe);
  graph.output("loss", loss);
  for (const [o, error] of errors.entries()) graph.output(`error.${o}`, error);
  for (const [o, residual] of residuals.entries()) graph.output(`residual.${o}`, residual);
  for (const [g, count] of fired.entries()) graph.output(`fired.${g}`, count);
  for (const [g, floor] of floors.entries()) if (floor) graph.output(`floor.${g}`, floor);
  return { program: compile(graph), parameters: names };
}

interface AdamInputs {
  readonly stepSize: Tensor;
  readonly eps: Tensor;
}

function adamInputs(graph: Graph): AdamInputs {
  const number = (name: string) => graph.input(name, "float32", []);
  return { stepSize: number("stepSize"), eps: number("eps") };
}

/** The graph's `stepSize` and `eps` at step t (from 1): η m̂/(√v̂ + ε), m̂ and v̂ corrected, in the moments that it keeps. */
export function adamNumbers(
  { beta1, beta2, eps }: Pick<CoderRecipe, "beta1" | "beta2" | "eps">,
  rate: number,
  t: number,
): { readonly stepSize: number; readonly eps: number } {
  const root = Math.sqrt((1 - beta2 ** t) / (1 - beta2));
  return { stepSize: ((rate * (1 - beta1)) / (1 - beta1 ** t)) * root, eps: eps * root };
}

function update(
  graph: Graph,
  name: string,
  parameter: Tensor,
  gradient: Tensor,
  { stepSize, eps }: AdamInputs,
  { beta1, beta2 }: CoderRecipe,
): void {
  graph.untaped(() => {
    const isDecoder = name.startsWith("decoder.");
    const g = isDecoder ? withoutOwn(gradient, parameter) : gradient;
    const decayed = (moment: "m" | "v", beta: number) => {
      const old = graph.input(`${name}.${moment}`, "float32", parameter.shape);
      return Mul(old, scalar(old, beta));
    };
    const m = Add(decayed("m", beta1), g);
    const v = Add(decayed("v", beta2), Mul(g, g));
    const rate = name.startsWith("logThreshold.") ? Mul(stepSize, scalar(stepSize, THRESHOLD_RATE)) : stepSize;
    const moved = Sub(parameter, Mul(Div(m, Add(Sqrt(v), eps)), rate));
    graph.output(`${name}.next`, isDecoder ? unitRows(moved) : moved);
    graph.output(`${name}.m.next`, m);
    graph.output(`${name}.v.next`, v);
  });
}

/** g − ⟨g, d⟩ d, row by row; rows d are of unit length. */
function withoutOwn(g: Tensor, d: Tensor): Tensor {
  return Sub(g, Mul(ReduceSum(Mul(g, d), [1], true), d));
}

function unitRows(d: Tensor): Tensor {
  return Div(d, Sqrt(Add(ReduceSum(Mul(d, d), [1], true), scalar(d, 1e-30))));
}
