import { targetLogProbabilities } from "../engine/index.ts";
import {
  Add,
  Concat,
  composite,
  ExpandLike,
  Gather,
  Gemm,
  type Graph,
  Mul,
  Neg,
  ReduceSum,
  Reshape,
  ScatterElements,
  Slice,
  Sub,
  scalar,
  type Tensor,
} from "../tensor/index.ts";

export interface CrossEntropyInputs {
  /** Final hidden states of the predicting positions, `[n, dModel]`. */
  readonly hidden: Tensor;
  /** `[dVocab, dModel]` */
  readonly unembedding: Tensor;
  /** int64 `[n]` */
  readonly targets: Tensor;
  /** `[n]`; 0 leaves a position out. The caller divides by the total, so that accumulation adds up. */
  readonly weights: Tensor;
  /** `n` must be a multiple; logits of one chunk only are alive at once. */
  readonly chunks: number;
  readonly trainUnembedding: boolean;
}

/**
 * Σ weight · −log p(target), nats, scalar. The derivative needs the softmax, which is at hand in the forward pass, so
 * each chunk's part of it is computed there and its logits are dropped: d/dh = w (softmax · W − W[target]).
 * (The idea of a fused linear cross-entropy: Hsu et al. 2024, arXiv 2410.10989, §3.2.)
 */
export function linearCrossEntropy(inputs: CrossEntropyInputs): Tensor {
  const { hidden, unembedding, trainUnembedding } = inputs;
  return composite(trainUnembedding ? [hidden, unembedding] : [hidden], () => {
    const parts = Array.from({ length: inputs.chunks }, (_, chunk) => chunkPart(inputs, chunk));
    const dHidden = Concat(
      parts.map((part) => part.dHidden),
      0,
      "n",
    );
    const dUnembedding = trainUnembedding ? parts.map((part) => unembeddingPart(inputs, part)).reduce(Add) : null;
    return {
      output: parts.map((part) => part.loss).reduce(Add),
      backward: (g) => [Mul(dHidden, g), ...(dUnembedding ? [Mul(dUnembedding, g)] : [])],
    };
  });
}

/** What a model says of a batch, and how it says it in tokens. */
interface Predictions extends Pick<CrossEntropyInputs, "unembedding"> {
  /** `[rows, dModel]` */
  readonly hidden: Tensor;
  readonly trainUnembedding?: boolean;
}

/** The loss of a batch that is fed as `select`, `targets` and `weights`, each `[n]` (`batchFeeds`). */
export function rowLoss(
  graph: Graph,
  { hidden, unembedding, trainUnembedding = false }: Predictions,
  chunks: number,
): Tensor {
  return linearCrossEntropy({
    hidden: Gather(hidden, graph.input("select", "int64", ["n"])),
    unembedding,
    targets: graph.input("targets", "int64", ["n"]),
    weights: graph.input("weights", "float32", ["n"]),
    chunks,
    trainUnembedding,
  });
}

interface ChunkPart {
  readonly loss: Tensor;
  /** `[n/chunks, dModel]` */
  readonly dHidden: Tensor;
  readonly softmax: Tensor;
  /** weight · h, `[n/chunks, dModel]` */
  readonly weighted: Tensor;
  /** int64 `[n/chunks]` */
  readonly targets: Tensor;
}

function chunkPart({ hidden, unembedding, targets, weights, chunks }: CrossEntropyInputs, chunk: number): ChunkPart {
  const dModel = hidden.shape[1] as number;
  const cut = (x: Tensor, shape: readonly (number | string)[]) =>
    Reshape(Slice(Reshape(x, [chunks, ...shape]), 0, chunk, chunk + 1), shape);
  const h = cut(hidden, ["n/chunks", dModel]);
  const t = cut(targets, ["n/chunks"]);
  const w = cut(weights, ["n/chunks"]);
  const column = Reshape(w, ["n/chunks", 1]);
  const { logprobs, softmax, targetRows } = targetLogProbabilities(h, unembedding, t);
  return {
    loss: Neg(ReduceSum(Mul(w, logprobs), [0])),
    dHidden: Mul(Sub(Gemm(softmax, unembedding), targetRows), column),
    softmax,
    weighted: Mul(h, column),
    targets: t,
  };
}

/** d/dW = softmaxᵀ (w h), with w h taken off at the targets' rows. */
function unembeddingPart({ unembedding }: CrossEntropyInputs, { softmax, weighted, targets }: ChunkPart): Tensor {
  const pushed = Gemm(softmax, weighted, { transA: true });
  const rows = ExpandLike(Reshape(targets, ["n/chunks", 1]), weighted);
  const taken = ScatterElements(ExpandLike(scalar(weighted, 0), unembedding), rows, weighted, 0);
  return Sub(pushed, taken);
}
