/**
 * The gradient of a weighted loss at LoRA's start, B = 0, where only B has one and the adapter changes nothing:
 * the pass is the base model's, and with g = dL/dy at a linear layer y = W x, row r of the batch has
 * dB_r = s · g_rᵀ (x_r Aᵀ) (`loraLinear`, row by row). So the rows' products with given directions come out of
 * whole batches, and no row's gradient leaves the engine.
 */
import { must } from "../core/index.ts";
import { buildForward, compile, type Engine, type ModelSource, type Program, selectMultiple } from "../engine/index.ts";
import type { AdapterLayout, AdapterSlot } from "../models/index.ts";
import {
  Add,
  Concat,
  Gemm,
  Graph,
  gradients,
  MatMul,
  ReduceSum,
  Reshape,
  Slice,
  type Tensor,
  Transpose,
} from "../tensor/index.ts";
import { microBatches } from "./batches.ts";
import { rowLoss } from "./loss.ts";
import { meansTaps, outputMeans, type RowMeans, sharesFeed, takeMeans } from "./row-means.ts";
import { batchFeeds, type TrainingRow } from "./step.ts";

export interface StartGradientRequest {
  readonly engine: Engine;
  readonly source: ModelSource;
  readonly layout: AdapterLayout;
  /** A as `layout` lays it; B plays no part. */
  readonly flat: Float32Array;
  /** Multiplies B A. */
  readonly scale: number;
  /** Their weights count as they are, negative ones too. */
  readonly rows: readonly TrainingRow[];
  readonly microBatchTokens: number;
  /** Directions in B, each of `sizeOfB(layout)` numbers, that every row's gradient is multiplied with. */
  readonly directions?: readonly Float32Array[];
  /** What else is read of the rows on the way. */
  readonly means?: RowMeans;
  readonly signal?: AbortSignal;
  /** Called with the tokens that are done and those of all rows: long rows come first, and take longer. */
  readonly onDone?: (done: number, total: number) => void;
}

export interface StartGradient {
  /** Σ weights · −log p, nats. */
  readonly loss: number;
  /** d(loss)/dB: the B of all slots, `[dOut, rank]` each, one after the other. */
  readonly gradient: Float32Array;
  /** `[direction][row]`: ⟨d(row's loss)/dB, direction⟩. */
  readonly products: readonly Float64Array[];
  /** One `[rows, slots, dModel]` a hook of `means`. */
  readonly means: readonly Float32Array[];
}

/** Numbers in all B of a layout. */
export function sizeOfB({ slots, rank }: AdapterLayout): number {
  return slots.reduce((sum, { dOut }) => sum + dOut * rank, 0);
}

const buffers = { adapter: "start.adapter", sum: "start.gradient", directions: "start.directions" } as const;

export async function startGradient(request: StartGradientRequest): Promise<StartGradient> {
  const { engine, source, layout, rows, microBatchTokens, directions = [], means: asked, signal } = request;
  const { dModel } = source.definition.dimensions;
  const size = sizeOfB(layout);
  const { program, chunks } = startProgram(request, directions.length > 0);
  await load(request, size);
  const products = directions.map(() => new Float64Array(rows.length));
  const means = asked?.hooks.map(() => new Float32Array(rows.length * asked.slots * dModel)) ?? [];
  const sum = { buffer: buffers.sum, shape: [size] };
  const held = {
    adapter: { buffer: buffers.adapter, shape: [layout.size] },
    directions: { buffer: buffers.directions, shape: [directions.length, size] },
    "gradient.sum": sum,
  };
  const fetches = ["loss", ...(directions.length > 0 ? ["products"] : []), ...(asked ? ["means"] : [])];
  let loss = 0;
  let done = 0;
  const tokens = tokensOf(rows);
  const numbered = rows.map((row, index) => ({ ...row, index }));
  for (const batch of microBatches(numbered, microBatchTokens)) {
    const indices = batch.rows.map(({ index }) => index);
    const shares = asked ? { shares: sharesFeed(asked, indices, batch.paddedLength) } : {};
    const feeds = { ...batchFeeds(batch.rows, batch.paddedLength, 1, chunks), ...shares, ...held };
    const out = await engine.run({ program, feeds, fetches, keep: { gradient: sum } }, signal);
    loss += must(out.loss?.data[0] as number | undefined, "loss");
    for (const [d, values] of products.entries())
      for (const [b, index] of indices.entries())
        values[index] = must(out.products?.data[b * directions.length + d] as number | undefined, "product");
    if (asked) takeMeans(asked, indices, must(out.means, "means").data as Float32Array, means);
    done += tokensOf(batch.rows);
    request.onDone?.(done, tokens);
  }
  const gradient = await engine.read(buffers.sum);
  for (const name of Object.values(buffers)) await engine.free(name);
  return { loss, gradient, products, means };
}

/** Padding not counted. */
export const tokensOf = (rows: readonly TrainingRow[]) => rows.reduce((sum, { ids }) => sum + ids.length, 0);

async function load({ engine, flat, directions = [] }: StartGradientRequest, size: number): Promise<void> {
  const stacked = new Float32Array(directions.length * size);
  for (const [d, direction] of directions.entries()) {
    if (direction.length !== size) throw new Error(`a direction of ${direction.length} numbers where ${size} belong`);
    stacked.set(direction, d * size);
  }
  await engine.write(buffers.adapter, flat);
  await engine.write(buffers.sum, new Float32Array(size));
  await engine.write(buffers.directions, stacked);
}

/** What passes through a linear layer. */
interface Passage {
  readonly slot: AdapterSlot;
  /** `[rows, dIn]` */
  readonly x: Tensor;
  /** `[rows, dOut]` */
  readonly y: Tensor;
}

function startProgram(
  { source, layout, scale, microBatchTokens, means }: StartGradientRequest,
  withDirections: boolean,
): { program: Program; chunks: number } {
  const graph = new Graph();
  const passages: Passage[] = [];
  const slots = new Map(layout.slots.map((slot) => [slot.module, slot]));
  const { outputs, context, marked } = buildForward(graph, source, {
    taps: means ? meansTaps(means) : [],
    onLinear: (module, x, y) => {
      const slot = slots.get(module);
      if (slot) passages.push({ slot, x, y });
    },
  });
  const chunks = selectMultiple(source.definition, microBatchTokens);
  const loss = rowLoss(
    graph,
    { hidden: outputs.hidden, unembedding: context.weight(source.definition.unembedding) },
    chunks,
  );
  passages.sort((a, b) => a.slot.offsetA - b.slot.offsetA);
  const found = gradients(
    loss,
    graph.constant("float32", [scale], []),
    passages.map(({ y }) => y),
  );
  const flat = graph.input("adapter", "float32", [layout.size]);
  const parts = passages.map((passage, i) => gradientPerRow(passage, must(found[i], "gradient"), flat, layout.rank));
  if (means) outputMeans(graph, means, marked);
  graph.output("loss", loss);
  const summed = parts.map((part) => ReduceSum(part, [0]));
  graph.output("gradient", Add(Concat(summed, 0), graph.input("gradient.sum", "float32", [sizeOfB(layout)])));
  if (withDirections) graph.output("products", productsOf(graph, parts, sizeOfB(layout)));
  return { program: compile(graph), chunks };
}

/** `[batch, dOut · rank]` of one layer; `g` has the scale in it already. */
function gradientPerRow({ slot, x }: Passage, g: Tensor, flat: Tensor, rank: number): Tensor {
  const { dIn, dOut, offsetA } = slot;
  const A = Reshape(Slice(flat, 0, offsetA, offsetA + rank * dIn), [rank, dIn]);
  const u = Reshape(Gemm(x, A, { transB: true }), ["batch", "seq", rank]);
  const pulled = Transpose(Reshape(g, ["batch", "seq", dOut]), [0, 2, 1]);
  return Reshape(MatMul(pulled, u), ["batch", dOut * rank]);
}

/** `[batch, nDirections]` */
function productsOf(graph: Graph, parts: readonly Tensor[], size: number): Tensor {
  const directions = graph.input("directions", "float32", ["nDirections", size]);
  let at = 0;
  const products = parts.map((part) => {
    const count = Number(part.shape[1]);
    const along = Slice(directions, 1, at, at + count);
    at += count;
    return Gemm(part, along, { transB: true });
  });
  return products.reduce(Add);
}
