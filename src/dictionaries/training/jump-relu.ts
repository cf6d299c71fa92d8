/**
 * The two steps of a JumpReLU dictionary that have no derivative of their own, with the straight-through estimates of
 * Rajamanoharan et al. 2024 (arXiv 2407.14435, eqs. 11 and 12), K the rectangle 1[|z| < ½]:
 * ∂JumpReLU/∂θ = −(θ/ε) K((p − θ)/ε),  ∂H(p − θ)/∂θ = −(1/ε) K((p − θ)/ε).
 * θ = exp τ is what is learned, so that it stays positive; gradients to p pass where p > θ, and none through H.
 */
import {
  And,
  Cast,
  composite,
  Exp,
  Less,
  Mul,
  Neg,
  ReduceSum,
  Sub,
  scalar,
  type Tensor,
  Where,
} from "../../tensor/index.ts";

/** p where p > exp τ, else 0: p `[n, nLatents]`, τ `[nLatents]`. */
export function jumpRelu(p: Tensor, logThreshold: Tensor, bandwidth: number): Tensor {
  return composite([p, logThreshold], () => {
    const threshold = Exp(logThreshold);
    const open = Less(threshold, p);
    const zero = scalar(p, 0);
    const backward = (g: Tensor) => {
      const near = rectangle(p, threshold, bandwidth);
      // Through θ to τ: ∂θ/∂τ = θ.
      const pulled = ReduceSum(Mul(Where(near, g, zero), Mul(threshold, threshold)), [0]);
      return [Where(open, g, zero), Mul(pulled, scalar(p, -1 / bandwidth))];
    };
    return { output: Where(open, p, zero), backward };
  });
}

/** H(p − exp τ) summed over latents: how many speak, `[n]`. */
export function countAbove(p: Tensor, logThreshold: Tensor, bandwidth: number): Tensor {
  return composite([p, logThreshold], () => {
    const threshold = Exp(logThreshold);
    const count = ReduceSum(Cast(Less(threshold, p), p.dtype), [1]);
    const backward = (g: Tensor) => {
      const near = Cast(rectangle(p, threshold, bandwidth), p.dtype);
      const rows = ReduceSum(Mul(near, columnOf(g)), [0]);
      return [null, Mul(Mul(rows, threshold), scalar(p, -1 / bandwidth))];
    };
    return { output: count, backward };
  });
}

function rectangle(p: Tensor, threshold: Tensor, bandwidth: number): Tensor {
  const half = scalar(p, bandwidth / 2);
  const distance = Sub(p, threshold);
  return And(Less(distance, half), Less(Neg(half), distance));
}

function columnOf(g: Tensor): Tensor {
  const { graph, dtype, shape } = g;
  return graph.emit("Unsqueeze", [g, graph.constant("int64", [1])], dtype, [...shape, 1]);
}
