import { composite, Gemm, Mul, type Tensor } from "../tensor/index.ts";

export interface LoraInputs {
  /** `[rank, dIn]` */
  readonly A: Tensor;
  /** `[dOut, rank]` */
  readonly B: Tensor;
  /** Scalar. */
  readonly scale: Tensor;
}

/** `x [rows, dIn]` times a frozen weight `[dOut, dIn]`, read in place in both directions. */
export function frozenLinear(x: Tensor, weight: Tensor): Tensor {
  return composite([x], () => ({
    output: Gemm(x, weight, { transB: true }),
    backward: (g) => [Gemm(g, weight)],
  }));
}

/**
 * y = x Wᵀ + s (x Aᵀ) Bᵀ with W frozen (Hu et al. 2021, arXiv 2106.09685, eq. 3).
 * With u = x Aᵀ and v = s (g B): dx = g W + v A, dA = vᵀ x, dB = s gᵀ u. Each sum is one Gemm with an addend.
 */
export function loraLinear(x: Tensor, weight: Tensor, { A, B, scale }: LoraInputs): Tensor {
  return composite([x, A, B], () => {
    const u = Mul(Gemm(x, A, { transB: true }), scale);
    const output = Gemm(u, B, { transB: true, c: Gemm(x, weight, { transB: true }) });
    const backward = (g: Tensor) => {
      const v = Mul(Gemm(g, B), scale);
      return [Gemm(v, A, { c: Gemm(g, weight) }), Gemm(v, x, { transA: true }), Gemm(g, u, { transA: true })];
    };
    return { output, backward };
  });
}
