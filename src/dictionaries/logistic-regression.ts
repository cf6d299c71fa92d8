/**
 * Logistic regression with a ridge: the w `[width]` and b that make
 * L(w, b) = Σ_i c_i log(1 + exp(−y_i (⟨x_i, w⟩ + b))) + ½ λ ‖w‖² least (y_i = ±1; b has no ridge).
 *
 * Newton's method with steps from conjugate gradients, which need no matrix: for as many columns as a residual stream has, a
 * step costs a few passes over the examples (Lin, Weng and Keerthi 2008, JMLR 9:627; a line search in place of their trust
 * region). However strongly the columns are correlated, the loss falls with every step.
 * 1. p_i = σ(y_i m_i), m_i = ⟨x_i, w⟩ + b; gradient g = Σ c_i y_i (p_i − 1) x_i + λ w.
 * 2. H s = −g with H = Σ c_i p_i (1 − p_i) x_i x_iᵀ + λ I, solved to a tenth of ‖g‖ and to less as g falls.
 * 3. The step is halved until L falls by a share of what its slope promises (Armijo 1966).
 * 4. L is λ-strongly convex in w: where ‖g‖² ≤ 2 λ `GAP`, L is within `GAP` of its least value, and the work is done.
 */
import { must } from "../core/index.ts";

export interface LogisticExamples {
  /** x_i, each `[width]`. */
  readonly rows: readonly Float64Array[];
  /** Is y_i = 1? */
  readonly labels: readonly boolean[];
  /** c_i, which sum to 1. */
  readonly weights: readonly number[];
  /** λ > 0 */
  readonly ridge: number;
}

export interface LogisticFit {
  /** `[width]` */
  readonly w: Float64Array;
  readonly bias: number;
}

const GAP = 1e-5;
/** Each multiplies the distance to the optimum by a tenth at the least once the step is whole; a dozen are usual. */
const MOST_STEPS = 200;
const MOST_PRODUCTS = 500;
/** Share of the promised fall that a step must bring. */
const ARMIJO = 1e-4;

/** Throws where the optimum is not reached, which only numbers that are not finite make happen. */
export function logisticRegression(examples: LogisticExamples): LogisticFit {
  const width = must(examples.rows[0], "an example").length;
  // w, and b behind it.
  let at = new Float64Array(width + 1);
  let margins = marginsOf(examples, at);
  for (let step = 0; step < MOST_STEPS; step++) {
    const gradient = gradientOf(examples, at, margins);
    const square = dot(gradient, gradient);
    if (square <= 2 * examples.ridge * GAP) return { w: at.slice(0, width), bias: must(at[width], "bias") };
    const direction = newtonStep(examples, margins, gradient, Math.min(0.1, square ** 0.25) * Math.sqrt(square));
    ({ at, margins } = searched(examples, { at, margins, direction, slope: dot(gradient, direction) }));
  }
  throw new Error(`a logistic regression on ${width} columns did not reach its optimum`);
}

interface Searched {
  readonly at: Float64Array<ArrayBuffer>;
  readonly margins: Float64Array;
}

/** Along the direction, as far as the loss falls as it should. Margins are linear: no new pass over the examples. */
function searched(
  examples: LogisticExamples,
  from: Searched & { readonly direction: Float64Array; readonly slope: number },
): Searched {
  const { direction, slope } = from;
  const along = marginsOf(examples, direction);
  const before = lossOf(examples, from.at, from.margins);
  for (let length = 1; length > 1e-12; length /= 2) {
    const at = from.at.map((value, j) => value + length * (direction[j] as number));
    const margins = from.margins.map((value, i) => value + length * (along[i] as number));
    if (lossOf(examples, at, margins) <= before + ARMIJO * length * slope) return { at, margins };
  }
  throw new Error("the loss of a logistic regression does not fall along its Newton step");
}

/** s of H s = −g, as near as ‖H s + g‖ ≤ `within`. */
function newtonStep(
  examples: LogisticExamples,
  margins: Float64Array,
  gradient: Float64Array,
  within: number,
): Float64Array {
  const curvatures = margins.map((m, i) => (examples.weights[i] as number) * sigmoid(m) * sigmoid(-m));
  const step = new Float64Array(gradient.length);
  const residual = gradient.map((g) => -g);
  const direction = residual.slice();
  let square = dot(residual, residual);
  for (let product = 0; product < MOST_PRODUCTS && Math.sqrt(square) > within; product++) {
    const turned = curved(examples, curvatures, direction);
    const length = square / dot(direction, turned);
    add(step, length, direction);
    add(residual, -length, turned);
    const next = dot(residual, residual);
    for (let j = 0; j < direction.length; j++)
      direction[j] = (residual[j] as number) + (next / square) * (direction[j] as number);
    square = next;
  }
  return step;
}

/** H v */
function curved({ rows, ridge }: LogisticExamples, curvatures: Float64Array, v: Float64Array): Float64Array {
  const width = v.length - 1;
  const out = new Float64Array(v.length);
  for (const [i, row] of rows.entries())
    addRow(out, (curvatures[i] as number) * (dot(row, v) + (v[width] as number)), row);
  for (let j = 0; j < width; j++) out[j] = (out[j] as number) + ridge * (v[j] as number);
  return out;
}

function gradientOf(
  { rows, labels, weights, ridge }: LogisticExamples,
  at: Float64Array,
  margins: Float64Array,
): Float64Array {
  const gradient = at.map((value, j) => (j < at.length - 1 ? ridge * value : 0));
  for (const [i, row] of rows.entries()) {
    const m = margins[i] as number;
    addRow(gradient, (weights[i] as number) * (labels[i] ? -sigmoid(-m) : sigmoid(m)), row);
  }
  return gradient;
}

/** ⟨x_i, w⟩ + b of every example. */
function marginsOf({ rows }: LogisticExamples, at: Float64Array): Float64Array {
  const bias = must(at.at(-1), "bias");
  return Float64Array.from(rows, (row) => dot(row, at) + bias);
}

function lossOf({ labels, weights, ridge }: LogisticExamples, at: Float64Array, margins: Float64Array): number {
  let loss = 0;
  for (let j = 0; j < at.length - 1; j++) loss += 0.5 * ridge * (at[j] as number) ** 2;
  for (const [i, m] of margins.entries()) loss += (weights[i] as number) * softplus(labels[i] ? -m : m);
  return loss;
}

const sigmoid = (m: number) => 1 / (1 + Math.exp(-m));

/** log(1 + eᵐ), without overflow. */
const softplus = (m: number) => Math.max(m, 0) + Math.log1p(Math.exp(-Math.abs(m)));

/** out += scale (x, 1) */
function addRow(out: Float64Array, scale: number, row: Float64Array): void {
  add(out, scale, row);
  out[row.length] = (out[row.length] as number) + scale;
}

function add(out: Float64Array, scale: number, values: Float64Array): void {
  for (let j = 0; j < values.length; j++) out[j] = (out[j] as number) + scale * (values[j] as number);
}

/** Over the length of `a`. */
function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < a.length; j++) sum += (a[j] as number) * (b[j] as number);
  return sum;
}
