/**
 * λ · KL(base ‖ model) on text from elsewhere: what keeps a solution narrow (arXiv 2602.07852). The base's side is its
 * final hidden states, `[n, dModel]` and so small, asked once; its logits are made again where they are needed.
 *
 * 1. p₀ = softmax(h₀ Wᵀ), p = softmax(h Wᵀ), chunk by chunk of the positions.
 * 2. KL = Σ p₀ (z₀ − z) − log Z₀ + log Z.
 * 3. d/dh = (p − p₀) W.
 */
import {
  buildForward,
  compile,
  type Engine,
  float32,
  type ModelSource,
  type Program,
  scalarTensor,
  selectMultiple,
} from "../engine/index.ts";
import {
  Add,
  Concat,
  composite,
  Gather,
  Gemm,
  Graph,
  gradients,
  Log,
  Mul,
  ReduceMax,
  ReduceSum,
  Reshape,
  Slice,
  Softmax,
  Sub,
  type Tensor,
} from "../tensor/index.ts";
import { microBatches } from "./batches.ts";
import { batchFeeds, type TrainingRow } from "./step.ts";
import type { Trainable } from "./trainable.ts";

export interface DivergenceInputs {
  /** `[n, dModel]` of the model, and of the base at the same positions. */
  readonly hidden: Tensor;
  readonly reference: Tensor;
  /** `[dVocab, dModel]` */
  readonly unembedding: Tensor;
  /** `[n]` */
  readonly weights: Tensor;
  /** `n` must be a multiple. */
  readonly chunks: number;
}

/** Σ weight · KL(p₀ ‖ p), nats, scalar; differentiable in `hidden`. */
export function linearDivergence(inputs: DivergenceInputs): Tensor {
  const { hidden, chunks } = inputs;
  return composite([hidden], () => {
    const parts = Array.from({ length: chunks }, (_, chunk) => chunkPart(inputs, chunk));
    const dHidden = Concat(
      parts.map((part) => part.dHidden),
      0,
      "n",
    );
    return { output: parts.map(({ loss }) => loss).reduce(Add), backward: (g) => [Mul(dHidden, g)] };
  });
}

function chunkPart({ hidden, reference, unembedding, weights, chunks }: DivergenceInputs, chunk: number) {
  const dModel = hidden.shape[1] as number;
  const cut = (x: Tensor, shape: readonly (number | string)[]) =>
    Reshape(Slice(Reshape(x, [chunks, ...shape]), 0, chunk, chunk + 1), shape);
  const own = distribution(cut(hidden, ["n/chunks", dModel]), unembedding);
  const base = distribution(cut(reference, ["n/chunks", dModel]), unembedding);
  const w = cut(weights, ["n/chunks"]);
  const cross = ReduceSum(Mul(base.softmax, Sub(base.logits, own.logits)), [1]);
  const divergence = Add(cross, Sub(own.normaliser, base.normaliser));
  const pull = Gemm(Sub(own.softmax, base.softmax), unembedding);
  return { loss: ReduceSum(Mul(w, divergence), [0]), dHidden: Mul(pull, Reshape(w, ["n/chunks", 1])) };
}

/** log Z = max logit − log max p, which never underflows. */
function distribution(h: Tensor, unembedding: Tensor) {
  const logits = Gemm(h, unembedding, { transB: true });
  const softmax = Softmax(logits);
  return { logits, softmax, normaliser: Sub(ReduceMax(logits, [1]), Log(ReduceMax(softmax, [1]))) };
}

export interface Divergence {
  /** Adds λ · the mean KL a position of step `step`'s rows to the gradient in the engine's buffer; returns the mean KL. */
  readonly addTo: (step: number) => Promise<number>;
  /** The mean KL a position over all rows, of the parameters in the engine's buffer. */
  readonly measure: () => Promise<number>;
}

export interface DivergenceRequest {
  readonly engine: Engine;
  readonly source: ModelSource;
  readonly trainable: Trainable;
  readonly rows: readonly Int32Array[];
  readonly weight: number;
  readonly rowsPerStep: number;
  readonly scale: number;
  readonly microBatchTokens: number;
  readonly signal?: AbortSignal;
}

/** Every position of a row but its last counts: what follows it is predicted there. */
const asRow = (ids: Int32Array): TrainingRow => ({ ids, weights: Float32Array.from(ids, (_, t) => (t === 0 ? 0 : 1)) });

export function divergenceFromBase(request: DivergenceRequest): Divergence {
  const { engine, trainable, scale, signal } = request;
  const { training, reference, chunks } = programs(request);
  const rows = request.rows.filter(({ length }) => length > 1).map(asRow);
  const known = new Map<string, Float32Array>();
  const run = async (chosen: readonly TrainingRow[], weight: number, keep: boolean) => {
    const positions = chosen.reduce((sum, { ids }) => sum + ids.length - 1, 0);
    let sum = 0;
    for (const batch of microBatches(chosen, request.microBatchTokens)) {
      const { targets: _, ...feeds } = batchFeeds(batch.rows, batch.paddedLength, positions, chunks);
      const key = batch.rows.map((row) => rows.indexOf(row)).join();
      const hidden = known.get(key) ?? (await hiddenOf(engine, reference, feeds, signal));
      known.set(key, hidden);
      const n = feeds.weights.data.length;
      const vector = (buffer: string) => ({ buffer, shape: [trainable.size] });
      const out = await engine.run(
        {
          program: training,
          feeds: {
            ...feeds,
            reference: float32([n, hidden.length / n], hidden),
            [trainable.input]: vector("parameters"),
            adapter_scale: scalarTensor(scale),
            "divergence.weight": scalarTensor(weight),
            "gradient.sum": vector("gradient"),
          },
          fetches: ["divergence"],
          ...(keep ? { keep: { gradient: vector("gradient") } } : {}),
        },
        signal,
      );
      sum += out.divergence?.data[0] as number;
    }
    return sum;
  };
  const ofStep = (step: number) =>
    Array.from(
      { length: Math.min(request.rowsPerStep, rows.length) },
      (_, i) => rows[(step * request.rowsPerStep + i) % rows.length] as TrainingRow,
    );
  return { addTo: (step) => run(ofStep(step), request.weight, true), measure: () => run(rows, 0, false) };
}

async function hiddenOf(
  engine: Engine,
  program: Program,
  { weights: _, ...feeds }: Omit<ReturnType<typeof batchFeeds>, "targets">,
  signal?: AbortSignal,
) {
  const out = await engine.run({ program, feeds, fetches: ["hidden"] }, signal);
  return Float32Array.from(out.hidden?.data as Float32Array);
}

function programs({ source, trainable, microBatchTokens }: DivergenceRequest) {
  const chunks = selectMultiple(source.definition, microBatchTokens);
  const frozen = new Graph();
  const base = buildForward(frozen, source, {});
  frozen.output("hidden", Gather(base.outputs.hidden, frozen.input("select", "int64", ["n"])));
  const graph = new Graph();
  const { outputs, context, parts } = trainable.build(graph, source);
  const divergence = linearDivergence({
    hidden: Gather(outputs.hidden, graph.input("select", "int64", ["n"])),
    reference: graph.input("reference", "float32", ["n", source.definition.dimensions.dModel]),
    unembedding: context.weight(source.definition.unembedding),
    weights: graph.input("weights", "float32", ["n"]),
    chunks,
  });
  const found = gradients(divergence, graph.input("divergence.weight", "float32", []), parts);
  const flat = found.map((gradient) =>
    Reshape(gradient, [gradient.shape.reduce<number>((n, dim) => n * Number(dim), 1)]),
  );
  graph.output("divergence", divergence);
  graph.output("gradient", Add(Concat(flat, 0), graph.input("gradient.sum", "float32", [trainable.size])));
  return { training: compile(graph), reference: compile(frozen), chunks };
}
