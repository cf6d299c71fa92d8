import {
  Add,
  composite,
  Div,
  Gemm,
  MatMul,
  Mul,
  ReduceSum,
  Reshape,
  Sign,
  Sqrt,
  Sub,
  scalar,
  staticDim,
  type Tensor,
  Transpose,
} from "../tensor/index.ts";

/** The frozen part of a linear layer, read in place in both directions. */
export interface FrozenLayer {
  /**
   * `[dOut, dIn]`; `[dIn, dOut]` where `transposed`. Asked for what it is to be multiplied with: a weight that has to be
   * made from fewer bits is made then, and anew in the backward pass, so that only one layer's stands in memory.
   */
  readonly weight: (operand: Tensor) => Tensor;
  readonly transposed: boolean;
  /** `[dOut]` */
  readonly bias: Tensor | null;
  /** Are the rows of x fewer than would be worth a copy of W? */
  readonly fewRows?: boolean;
}

export interface LoraInputs {
  /** `[rank, dIn]` */
  readonly A: Tensor;
  /** `[dOut, rank]` */
  readonly B: Tensor;
  /** Scalar. */
  readonly scale: Tensor;
}

/** y = x Wᵀ + b, shapes `[rows, dIn]` → `[rows, dOut]`. */
function forward(x: Tensor, { weight, transposed, bias, fewRows = false }: FrozenLayer): Tensor {
  if (fewRows && !transposed) {
    const y = weightFirst(x, weight(x));
    return bias ? Add(y, bias) : y;
  }
  return Gemm(x, weight(x), { transB: !transposed, ...(bias ? { c: bias } : {}) });
}

/**
 * x Wᵀ as (W xᵀ)ᵀ, shapes `[rows, dIn]`, W `[dOut, dIn]` → `[rows, dOut]`. A product's right operand is rearranged before
 * use: for few rows that costs more than the product, and here it is x that is rearranged.
 */
export function weightFirst(x: Tensor, weight: Tensor): Tensor {
  return Transpose(MatMul(weight, Transpose(x, [1, 0])), [1, 0]);
}

/** `x [rows, dIn]` through a frozen layer. */
export function frozenLinear(x: Tensor, layer: FrozenLayer): Tensor {
  return composite([x], () => ({
    output: forward(x, layer),
    backward: (g) => [Gemm(g, layer.weight(g), { transB: layer.transposed })],
  }));
}

/**
 * y = x Wᵀ + b + s (x Aᵀ) Bᵀ with W and b frozen (Hu et al. 2021, arXiv 2106.09685, eq. 3).
 * With u = x Aᵀ and v = s (g B): dx = g W + v A, dA = vᵀ x, dB = s gᵀ u. Each sum is one Gemm with an addend.
 */
export function loraLinear(x: Tensor, layer: FrozenLayer, { A, B, scale }: LoraInputs): Tensor {
  return composite([x, A, B], () => {
    const u = Mul(Gemm(x, A, { transB: true }), scale);
    const output = Gemm(u, B, { transB: true, c: forward(x, layer) });
    const backward = (g: Tensor) => {
      const v = Mul(Gemm(g, B), scale);
      const dx = Gemm(v, A, { c: Gemm(g, layer.weight(g), { transB: layer.transposed }) });
      return [dx, Gemm(v, x, { transA: true }), Gemm(g, u, { transA: true })];
    };
    return { output, backward };
  });
}

export interface DoraInputs extends LoraInputs {
  /** `[dOut]`; rows where it is 0 keep the length that they have. */
  readonly magnitude: Tensor;
}

/**
 * y = c ⊙ z + b with z = x (W + s B A)ᵀ and c = m / ‖W + s B A‖ per output row (Liu et al. 2024, arXiv 2402.09353,
 * eq. 5). The norm counts as a constant in the derivative (§4.3): with e = g ⊙ c, dm = Σ_rows g ⊙ z / ‖·‖, and A and B
 * have LoRA's derivatives of e.
 *
 * At scale 0, or where m is 0 (no magnitude), c is exactly 1: then any vector is the base model, as with LoRA.
 */
export function doraLinear(x: Tensor, layer: FrozenLayer, { A, B, scale, magnitude }: DoraInputs): Tensor {
  return composite([x, A, B, magnitude], () => {
    const { weight, transposed, bias } = layer;
    const u = Mul(Gemm(x, A, { transB: true }), scale);
    const z = Gemm(u, B, { transB: true, c: forward(x, { ...layer, bias: null }) });
    const norm = rowNorms(weight(x), transposed, { A, B, scale });
    const on = Mul(Sign(magnitude), Sign(scale));
    const c = Add(scalar(x, 1), Mul(Mul(on, on), Sub(Div(magnitude, norm), scalar(x, 1))));
    const scaled = Mul(z, c);
    const backward = (g: Tensor) => {
      const e = Mul(g, c);
      const v = Mul(Gemm(e, B), scale);
      const dx = Gemm(v, A, { c: Gemm(e, weight(e), { transB: transposed }) });
      const dm = Div(ReduceSum(Mul(g, z), [0]), norm);
      return [dx, Gemm(v, x, { transA: true }), Gemm(e, u, { transA: true }), dm];
    };
    return { output: bias ? Add(scaled, bias) : scaled, backward };
  });
}

/**
 * ‖W + s B A‖ per output row, `[dOut]`, without making the sum: ‖W‖² + 2 s ⟨B, W Aᵀ⟩ + s² ⟨B, B A Aᵀ⟩ row by row. The
 * last norm of a row of zeros would be 0, so a hair is added under the root.
 */
function rowNorms(weight: Tensor, transposed: boolean, { A, B, scale }: LoraInputs): Tensor {
  const onA = Gemm(weight, A, { transA: transposed, transB: true });
  const cross = Mul(scale, rowSum(Mul(B, onA)));
  const own = Mul(Mul(scale, scale), rowSum(Mul(B, Gemm(B, Gemm(A, A, { transB: true })))));
  const base = Reshape(ReduceSum(Mul(weight, weight), [transposed ? 0 : 1]), [staticDim(B, 0)]);
  const square = Add(base, Add(Add(cross, cross), own));
  return Sqrt(Add(square, scalar(square, 1e-30)));
}

const rowSum = (x: Tensor) => ReduceSum(x, [1]);
