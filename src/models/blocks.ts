/** The parts that decoder families share. Rows are positions: `[rows, dModel]`, rows = batch × seq. */
import {
  Add,
  Concat,
  composite,
  Div,
  Gather,
  Mul,
  Neg,
  ReduceMean,
  Reshape,
  recomputedAfter,
  Sigmoid,
  Slice,
  Sqrt,
  Sub,
  scalar,
  staticDim,
  Tanh,
  type Tensor,
} from "../tensor/index.ts";

/** x / √(mean x² + ε) over the last axis (Zhang and Sennrich 2019, arXiv 1910.07467, eq. 4), before the gain. */
export function rmsNormalise(x: Tensor, eps: number): Tensor {
  return composite([x], () => {
    const inverse = Div(scalar(x, 1), Sqrt(Add(ReduceMean(Mul(x, x), [-1], true), scalar(x, eps))));
    const output = Mul(x, inverse);
    // d/dx: (g − x̂ · mean(g x̂)) / rms, with x̂ the normalised x.
    const backward = (g: Tensor) => [Mul(Sub(g, Mul(output, ReduceMean(Mul(g, output), [-1], true))), inverse)];
    return { output, backward };
  });
}

/** The two norms with what they divide by passed through `scale`, `[rows, 1]`: for whoever looks at it or holds it fixed. */
export function scaledRmsNormalise(x: Tensor, eps: number, scale: (s: Tensor) => Tensor): Tensor {
  return Div(x, scale(Sqrt(Add(ReduceMean(Mul(x, x), [-1], true), scalar(x, eps)))));
}

export function scaledLayerNormalise(x: Tensor, eps: number, scale: (s: Tensor) => Tensor): Tensor {
  const centred = Sub(x, ReduceMean(x, [-1], true));
  return Div(centred, scale(Sqrt(Add(ReduceMean(Mul(centred, centred), [-1], true), scalar(x, eps)))));
}

/** (x − mean) / √(variance + ε) over the last axis (Ba et al. 2016, arXiv 1607.06450), before gain and bias. */
export function layerNormalise(x: Tensor, eps: number): Tensor {
  return composite([x], () => {
    const centred = Sub(x, ReduceMean(x, [-1], true));
    const variance = ReduceMean(Mul(centred, centred), [-1], true);
    const inverse = Div(scalar(x, 1), Sqrt(Add(variance, scalar(x, eps))));
    const output = Mul(centred, inverse);
    // d/dx: (g − mean g − x̂ · mean(g x̂)) / σ, with x̂ the normalised x.
    const backward = (g: Tensor) => {
      const along = Mul(output, ReduceMean(Mul(g, output), [-1], true));
      return [Mul(Sub(Sub(g, ReduceMean(g, [-1], true)), along), inverse)];
    };
    return { output, backward };
  });
}

/** silu(gate) · up, shapes `[rows, dMlp]` (Shazeer 2020, arXiv 2002.05202). */
export function swiglu(gate: Tensor, up: Tensor): Tensor {
  return composite([gate, up], () => {
    const activated = (x: Tensor) => {
      const sigma = Sigmoid(x);
      return { sigma, silu: Mul(x, sigma) };
    };
    const backward = (g: Tensor) => {
      // σ is computed again: a product is cheaper than two more `[rows, dMlp]` a layer that wait for their gradient.
      const { sigma, silu } = activated(recomputedAfter(gate, g));
      // silu' = σ + silu (1 − σ)
      const slope = Add(sigma, Mul(silu, Sub(scalar(gate, 1), sigma)));
      return [Mul(Mul(g, up), slope), Mul(g, silu)];
    };
    return { output: Mul(activated(gate).silu, up), backward };
  });
}

/** GELU in its tanh form (Hendrycks and Gimpel 2016, arXiv 1606.08415): x/2 (1 + t), t = tanh(c (x + a x³)). */
export function geluTanh(x: Tensor): Tensor {
  return composite([x], () => {
    const c = scalar(x, Math.sqrt(2 / Math.PI));
    const a = 0.044715;
    const one = scalar(x, 1);
    const square = Mul(x, x);
    const t = Tanh(Mul(c, Mul(x, Add(one, Mul(scalar(x, a), square)))));
    const half = Mul(scalar(x, 0.5), Add(one, t));
    const backward = (g: Tensor) => {
      // (1 + t)/2 + x/2 (1 − t²) c (1 + 3a x²)
      const slope = Mul(c, Add(one, Mul(scalar(x, 3 * a), square)));
      const rest = Mul(Mul(scalar(x, 0.5), x), Mul(Sub(one, Mul(t, t)), slope));
      return [Mul(g, Add(half, rest))];
    };
    return { output: Mul(x, half), backward };
  });
}

/** Rows of the embedding table: tokens int64 `[batch, seq]`, table `[dVocab, dModel]` → `[rows, dModel]`. */
export function embed(table: Tensor, tokens: Tensor): Tensor {
  return Reshape(Gather(table, tokens), ["rows", staticDim(table, 1)]);
}

/** Cosines and sines of the rotation angles, each `[batch, seq, 1, dHead / 2]`. */
export interface Rotation {
  readonly cos: Tensor;
  readonly sin: Tensor;
}

/**
 * Rotary position embedding in the half-split form that Hugging Face checkpoints expect (Su et al. 2021,
 * arXiv 2104.09864): pairs are (i, i + dHead/2). `x` `[batch, seq, heads, dHead]`.
 */
export function rotate(x: Tensor, { cos, sin }: Rotation): Tensor {
  return composite([x], () => ({
    output: rotateHalves(x, cos, sin),
    backward: (g) => [rotateHalves(g, cos, Neg(sin))],
  }));
}

function rotateHalves(x: Tensor, cos: Tensor, sin: Tensor): Tensor {
  const half = staticDim(x, 3) / 2;
  const a = Slice(x, 3, 0, half);
  const b = Slice(x, 3, half, 2 * half);
  return Concat([Sub(Mul(a, cos), Mul(b, sin)), Add(Mul(b, cos), Mul(a, sin))], 3);
}
