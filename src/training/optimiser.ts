/**
 * AdamW as a graph over flat vectors, so that parameters, gradient and moments never leave the engine.
 *
 * Decoupled weight decay (Loshchilov and Hutter 2019, arXiv 1711.05101, algorithm 2), in PyTorch's order:
 * 1. g ← g · min(1, maxNorm / (‖g‖ + 1e-6))          (clip_grad_norm_)
 * 2. θ ← θ − lr · λ · θ                              (not where `undecayed`)
 * 3. m ← β₁ m + (1 − β₁) g;  v ← β₂ v + (1 − β₂) g²
 * 4. θ ← θ − (lr / (1 − β₁ᵗ)) · m / (√v / √(1 − β₂ᵗ) + ε)
 */
import { compile, type Engine, type HostTensor, type Program, scalarTensor } from "../engine/index.ts";
import {
  Add,
  Concat,
  Div,
  Graph,
  Min,
  Mul,
  ReduceSum,
  Slice,
  Sqrt,
  Sub,
  scalar,
  staticDim,
  type Tensor,
} from "../tensor/index.ts";

export interface AdamWOptions {
  readonly beta1: number;
  readonly beta2: number;
  readonly eps: number;
  readonly weightDecay: number;
  /** Gradients longer than this are scaled down to it; Infinity: never. */
  readonly maxGradNorm: number;
}

export const adamWDefaults: AdamWOptions = { beta1: 0.9, beta2: 0.999, eps: 1e-8, weightDecay: 0.01, maxGradNorm: 1 };

/** Elements `start` to `end` of the flat vector. */
export interface Run {
  readonly start: number;
  readonly end: number;
}

/** `undecayed`: in rising order, without overlap. */
export function adamWProgram(size: number, options: AdamWOptions, undecayed: readonly Run[] = []): Program {
  const graph = new Graph();
  const vector = (name: string) => graph.input(name, "float32", [size]);
  const number = (name: string) => graph.input(name, "float32", []);
  const { beta1, beta2 } = options;
  const theta = vector("parameters");
  const gradient = vector("gradient");
  const norm = Sqrt(ReduceSum(Mul(gradient, gradient), [0]));
  const g = Number.isFinite(options.maxGradNorm) ? Mul(gradient, clipFactor(norm, options.maxGradNorm)) : gradient;
  const m = blend(vector("m"), g, beta1);
  const v = blend(vector("v"), Mul(g, g), beta2);
  const denominator = Add(Div(Sqrt(v), number("sqrtCorrection2")), scalar(theta, options.eps));
  const decayed = decay(theta, number("keep"), options.weightDecay === 0 ? [] : undecayed);
  graph.output("parameters.next", Sub(decayed, Mul(Div(m, denominator), number("stepSize"))));
  graph.output("m.next", m);
  graph.output("v.next", v);
  graph.output("gradNorm", norm);
  return compile(graph);
}

/** θ · keep, and θ itself in the runs that decay leaves alone. */
function decay(theta: Tensor, keep: Tensor, undecayed: readonly Run[]): Tensor {
  const size = staticDim(theta, 0);
  const parts: Tensor[] = [];
  let at = 0;
  const add = (end: number, of: (part: Tensor) => Tensor) => {
    if (end > at) parts.push(of(at === 0 && end === size ? theta : Slice(theta, 0, at, end)));
    at = end;
  };
  for (const { start, end } of undecayed) {
    add(start, (part) => Mul(part, keep));
    add(end, (part) => part);
  }
  add(size, (part) => Mul(part, keep));
  return parts.length === 1 ? (parts[0] as Tensor) : Concat(parts, 0);
}

function clipFactor(norm: Tensor, maxNorm: number): Tensor {
  const factor = Div(scalar(norm, maxNorm), Add(norm, scalar(norm, 1e-6)));
  return Min(factor, scalar(norm, 1));
}

function blend(old: Tensor, fresh: Tensor, beta: number): Tensor {
  return Add(Mul(old, scalar(old, beta)), Mul(fresh, scalar(fresh, 1 - beta)));
}

/** The scalars of step `t` (from 1) at learning rate `lr`; computed here in double precision. */
export function adamWScalars(
  t: number,
  lr: number,
  { beta1, beta2, weightDecay }: AdamWOptions,
): Record<string, HostTensor> {
  return {
    keep: scalarTensor(1 - lr * weightDecay),
    stepSize: scalarTensor(lr / (1 - beta1 ** t)),
    sqrtCorrection2: scalarTensor(Math.sqrt(1 - beta2 ** t)),
  };
}

export interface OptimiserStep {
  readonly engine: Engine;
  readonly program: Program;
  readonly size: number;
  readonly options: AdamWOptions;
  /** From 1. */
  readonly t: number;
  readonly learningRate: number;
  readonly signal?: AbortSignal;
}

/** One step over the buffers `parameters`, `m`, `v`, `gradient`; returns the gradient's norm before clipping. */
export async function optimiserStep({
  engine,
  program,
  size,
  options,
  t,
  learningRate,
  signal,
}: OptimiserStep): Promise<number> {
  const at = (buffer: string) => ({ buffer, shape: [size] });
  const { gradNorm } = await engine.run(
    {
      program,
      feeds: {
        parameters: at("parameters"),
        m: at("m"),
        v: at("v"),
        gradient: at("gradient"),
        ...adamWScalars(t, learningRate, options),
      },
      fetches: ["gradNorm"],
      keep: { "parameters.next": at("parameters"), "m.next": at("m"), "v.next": at("v") },
    },
    signal,
  );
  return gradNorm?.data[0] as number;
}
