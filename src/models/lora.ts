import { composite, Gemm, Mul, type Tensor } from "../tensor/index.ts";

/** The frozen part of a linear layer, read in place in both directions. */
export interface FrozenLayer {
  /** `[dOut, dIn]`; `[dIn, dOut]` where `transposed`. */
  readonly weight: Tensor;
  readonly transposed: boolean;
  /** `[dOut]` */
  readonly bias: Tensor | null;
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
function forward(x: Tensor, { weight, transposed, bias }: FrozenLayer): Tensor {
  return Gemm(x, weight, { transB: !transposed, ...(bias ? { c: bias } : {}) });
}

/** `x [rows, dIn]` through a frozen layer. */
export function frozenLinear(x: Tensor, layer: FrozenLayer): Tensor {
  return composite([x], () => ({
    output: forward(x, layer),
    backward: (g) => [Gemm(g, layer.weight, { transB: layer.transposed })],
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
      const dx = Gemm(v, A, { c: Gemm(g, layer.weight, { transB: layer.transposed }) });
      return [dx, Gemm(v, x, { transA: true }), Gemm(g, u, { transA: true })];
    };
    return { output, backward };
  });
}
