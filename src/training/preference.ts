/**
 * Direct preference optimisation (Rafailov et al. 2023, arXiv 2305.18290, eq. 7), as TRL computes it:
 *
 *   margin = (log π(chosen) − log π(rejected)) − (log π₀(chosen) − log π₀(rejected));  loss = −log σ(β · margin)
 *
 * with sums over the answer's tokens. The reference π₀ is the model without the adapter: the same graph at scale 0.
 *
 * 1. The chosen rows of a micro-batch come first, then the rejected ones in the same order.
 * 2. log p of every answer token, chunk by chunk of the vocabulary's logits, and d log p / dh beside it.
 * 3. `sides [pairs, n]` has 1 where a token belongs to the pair's chosen answer, −1 at the rejected one: the margins are
 *    one product with it, and the tokens' gradients another.
 */
import { must } from "../core/index.ts";
import {
  compile,
  type Engine,
  float32,
  groupsByLength,
  type ModelSource,
  type Program,
  scalarTensor,
  targetLogProbabilities,
} from "../engine/index.ts";
import {
  Add,
  Concat,
  composite,
  Exp,
  Gather,
  Gemm,
  Graph,
  gradients,
  Log,
  Min,
  Mul,
  Neg,
  ReduceSum,
  Reshape,
  Sigmoid,
  Slice,
  Sub,
  scalar,
  type Tensor,
} from "../tensor/index.ts";
import { batchFeeds, lossChunks, type TrainingRow } from "./step.ts";
import type { Trainable } from "./trainable.ts";

/** One prompt with the answer that is preferred and one that is not. Weights are 1 at answer tokens. */
export interface PreferencePair {
  readonly chosen: TrainingRow;
  readonly rejected: TrainingRow;
}

export interface PreferenceProgram {
  readonly program: Program;
  readonly trainable: Trainable;
  readonly chunks: number;
}

/**
 * Inputs: those of a training step, `sides [pairs, n]`, `reference [pairs]` (margins of the reference), `pair.weights
 * [pairs]`, `beta`. Outputs: `loss` (Σ weight · loss), `margins [pairs, 1]`, `gradient`.
 */
export function preferenceProgram(
  source: ModelSource,
  trainable: Trainable,
  microBatchTokens: number,
): PreferenceProgram {
  if (trainable.trainsUnembedding) throw new Error("preference training is written for a frozen unembedding");
  const graph = new Graph();
  const { outputs, context, parts } = trainable.build(graph, source);
  const chunks = lossChunks(source, trainable, microBatchTokens);
  const hidden = Gather(outputs.hidden, graph.input("select", "int64", ["n"]));
  const { loss, margins } = preferenceLoss(hidden, {
    unembedding: context.weight(source.definition.unembedding),
    targets: graph.input("targets", "int64", ["n"]),
    sides: graph.input("sides", "float32", ["pairs", "n"]),
    reference: Reshape(graph.input("reference", "float32", ["pairs"]), ["pairs", 1]),
    weights: Reshape(graph.input("pair.weights", "float32", ["pairs"]), ["pairs", 1]),
    beta: graph.input("beta", "float32", []),
    chunks,
  });
  const flat = gradients(loss, graph.constant("float32", [1], []), parts).map((gradient) =>
    Reshape(gradient, [gradient.shape.reduce<number>((product, dim) => product * Number(dim), 1)]),
  );
  graph.output("loss", loss);
  graph.output("margins", margins);
  graph.output("gradient", Add(Concat(flat, 0), graph.input("gradient.sum", "float32", [trainable.size])));
  return { program: compile(graph), trainable, chunks };
}

interface LossInputs {
  /** `[dVocab, dModel]` */
  readonly unembedding: Tensor;
  /** int64 `[n]` */
  readonly targets: Tensor;
  /** `[pairs, n]` */
  readonly sides: Tensor;
  /** `[pairs, 1]` */
  readonly reference: Tensor;
  /** `[pairs, 1]` */
  readonly weights: Tensor;
  /** Scalar. */
  readonly beta: Tensor;
  readonly chunks: number;
}

/** `hidden [n, dModel]`; with x = β · margin: dloss/dmargin = −β σ(−x), and d log p / dh = W[target] − softmax W. */
function preferenceLoss(hidden: Tensor, inputs: LossInputs): { loss: Tensor; margins: Tensor } {
  const { sides, reference, weights, beta } = inputs;
  let margins: Tensor | null = null;
  const loss = composite([hidden], () => {
    const { logprobs, slopes } = answerLogProbabilities(hidden, inputs);
    margins = Sub(Gemm(sides, logprobs), reference);
    const x = Mul(margins, beta);
    const dMargin = Mul(Mul(Neg(Sigmoid(Neg(x))), beta), weights);
    const dHidden = Mul(slopes, Gemm(sides, dMargin, { transA: true }));
    const output = ReduceSum(Mul(weights, softplus(Neg(x))), [0, 1]);
    return { output, backward: (g) => [Mul(dHidden, g)] };
  });
  if (!margins) throw new Error("no margins");
  return { loss, margins };
}

/** log(1 + eˣ) = max(x, 0) + log(1 + e^−|x|), which neither overflows nor loses small values. */
function softplus(x: Tensor): Tensor {
  const negative = Min(Neg(x), scalar(x, 0));
  const minusAbsolute = Add(Add(negative, negative), x);
  return Sub(Log(Add(scalar(x, 1), Exp(minusAbsolute))), negative);
}

/** log p of each target `[n, 1]`, and its derivative in h `[n, dModel]`. */
function answerLogProbabilities(
  hidden: Tensor,
  { unembedding, targets, chunks }: LossInputs,
): { logprobs: Tensor; slopes: Tensor } {
  const dModel = hidden.shape[1] as number;
  const cut = (x: Tensor, chunk: number, shape: readonly (number | string)[]) =>
    Reshape(Slice(Reshape(x, [chunks, ...shape]), 0, chunk, chunk + 1), shape);
  const parts = Array.from({ length: chunks }, (_, chunk) => {
    const h = cut(hidden, chunk, ["n/chunks", dModel]);
    const found = targetLogProbabilities(h, unembedding, cut(targets, chunk, ["n/chunks"]));
    return { logprobs: found.logprobs, slopes: Sub(found.targetRows, Gemm(found.softmax, unembedding)) };
  });
  const joined = (key: "logprobs" | "slopes") =>
    Concat(
      parts.map((part) => part[key]),
      0,
      "n",
    );
  return { logprobs: Reshape(joined("logprobs"), ["n", 1]), slopes: joined("slopes") };
}

/** Pairs that run together, padded to one length. */
export function pairBatches<Pair extends PreferencePair>(
  pairs: readonly Pair[],
  tokenBudget: number,
): { pairs: readonly Pair[]; paddedLength: number }[] {
  const lengths = pairs.map(({ chosen, rejected }) => Math.max(chosen.ids.length, rejected.ids.length));
  return groupsByLength(lengths, tokenBudget / 2).map(({ members, seq }) => ({
    pairs: members.map((pair) => must(pairs[pair], "pair")),
    paddedLength: seq,
  }));
}

export interface PreferenceRequest {
  readonly engine: Engine;
  readonly training: PreferenceProgram;
  readonly pairs: readonly PreferencePair[];
  readonly paddedLength: number;
  /** Margins of the reference, one per pair. */
  readonly reference: Float32Array;
  readonly beta: number;
  /** Losses are divided by this: the pairs of the whole batch. */
  readonly totalPairs: number;
  readonly scale: number;
  /** Is this the first micro-batch of a step? Then the gradient starts from zero. */
  readonly first: boolean;
  readonly signal?: AbortSignal;
}

/** Adds a micro-batch's gradient to the buffer `gradient`; its part of the loss, and margins over the reference's. */
export async function addPreferenceGradient(
  request: PreferenceRequest,
): Promise<{ loss: number; margins: Float32Array }> {
  const { engine, training, first, signal } = request;
  const vector = (buffer: string) => ({ buffer, shape: [training.trainable.size] });
  const out = await engine.run(
    {
      program: training.program,
      feeds: { ...pairFeeds(request), "gradient.sum": vector(first ? "zero" : "gradient") },
      fetches: ["loss", "margins"],
      keep: { gradient: vector("gradient") },
    },
    signal,
  );
  return { loss: out.loss?.data[0] as number, margins: out.margins?.data as Float32Array };
}

/** A micro-batch's part of the loss, the gradient left as it is. */
export async function preferenceLossOf(request: Omit<PreferenceRequest, "first">): Promise<number> {
  const { engine, training, signal } = request;
  const zero = { buffer: "zero", shape: [training.trainable.size] };
  const feeds = { ...pairFeeds(request), "gradient.sum": zero };
  const out = await engine.run({ program: training.program, feeds, fetches: ["loss"] }, signal);
  return out.loss?.data[0] as number;
}

/** log π₀(chosen) − log π₀(rejected) of each pair: the graph at scale 0, whatever the parameters are. */
export async function referenceMargins(
  request: Omit<PreferenceRequest, "reference" | "scale" | "first" | "totalPairs">,
): Promise<Float32Array> {
  const { engine, training, pairs, signal } = request;
  const reference = new Float32Array(pairs.length);
  const zero = { buffer: "zero", shape: [training.trainable.size] };
  const feeds = pairFeeds({ ...request, reference, scale: 0, totalPairs: 1 });
  const out = await engine.run(
    { program: training.program, feeds: { ...feeds, "gradient.sum": zero }, fetches: ["margins"] },
    signal,
  );
  return out.margins?.data as Float32Array;
}

function pairFeeds(request: Omit<PreferenceRequest, "first" | "engine">) {
  const { training, pairs, paddedLength, reference, beta, totalPairs, scale } = request;
  const rows = [...pairs.map(({ chosen }) => chosen), ...pairs.map(({ rejected }) => rejected)];
  const { weights, ...tokens } = batchFeeds(rows, paddedLength, 1, training.chunks);
  const n = weights.shape[0] as number;
  const sides = new Float32Array(pairs.length * n);
  let at = 0;
  for (const [r, row] of rows.entries()) {
    const pair = r % pairs.length;
    const sign = r < pairs.length ? 1 : -1;
    for (const weight of row.weights.subarray(1)) if (weight !== 0) sides[pair * n + at++] = sign * weight;
  }
  return {
    ...tokens,
    sides: float32([pairs.length, n], sides),
    reference: float32([pairs.length], reference),
    "pair.weights": float32([pairs.length], new Float32Array(pairs.length).fill(1 / totalPairs)),
    beta: scalarTensor(beta),
    [training.trainable.input]: { buffer: "parameters", shape: [training.trainable.size] },
    adapter_scale: scalarTensor(scale),
  };
}
