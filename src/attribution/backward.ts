/**
 * Exact edges of the local replacement model, many targets at a time: what one unit of each source adds to a target is
 * ⟨gradient of the target at the source's place, the source's vector⟩, because everything between the two is linear.
 *
 * 1. The forward graph is built with its fixed parts as inputs: queries, keys and norm scales with a batch of one, and a
 *    leaf of zeros in place of the embedding and of each MLP's output (behind the skip connection, where there is one).
 *    No value of a forward pass is needed, so what remains of the graph after its unused nodes are dropped is the
 *    backward pass alone; `batch` is the number of targets.
 * 2. Each target injects its vector (an encoder row, or a logit's) at its position and level: level l < nLayers is what
 *    the transcoder of layer l reads, level nLayers the final norm's output.
 * 3. At each leaf the gradient `[batch, seq, dModel]` meets the sources that stand there, grouped by position:
 *    `[seq, batch, dModel] × [seq, dModel, sources]`.
 */
import { must } from "../core/index.ts";
import {
  type BufferFeed,
  buildForward,
  compile,
  float32,
  type HostTensor,
  int64,
  type ModelSource,
  type Program,
} from "../engine/index.ts";
import type { AdapterLayout, HookName } from "../models/index.ts";
import {
  Add,
  Expand,
  Gather,
  Gemm,
  Graph,
  gradients,
  MatMul,
  Mul,
  ReduceSum,
  Reshape,
  Slice,
  type Tensor,
  Transpose,
} from "../tensor/index.ts";
import { type Pass, passWork, planPasses, type Target } from "./passes.ts";
import { frozenHooks, type LocalReplacement, promptFeeds, valueFeed } from "./replacement.ts";
import { addEdges, EMBEDDING, type SourcePlace, sourcePlace, sourceVectors } from "./sources.ts";
import type { TranscoderSet } from "./transcoders.ts";

/** Called with one target's edges: `row[s]` is that of source s (features, errors by layer and position, tokens). */
export type VisitRow = (target: number, row: Float32Array) => void;

export interface EdgeEngine {
  readonly sources: number;
  /** Incoming edges of all targets, in their order. */
  rows(targets: readonly Target[], visit: VisitRow, signal?: AbortSignal): Promise<void>;
  /** Frees what lies in the engine's process. */
  close(): Promise<void>;
}

/** Programs reach to a quarter, half, three quarters and all of the layers: a target of a low layer needs no more. */
const DEPTHS = 4;
/** Tokens of one backward pass, at most. */
const PASS_TOKENS = 8192;
const LARGEST_BATCH = 256;

let made = 0;

function usualBatch({ ids }: LocalReplacement): number {
  return Math.max(1, Math.min(LARGEST_BATCH, Math.floor(PASS_TOKENS / ids.length)));
}

/** `batch`: targets of one pass. */
export async function edgeEngine(replacement: LocalReplacement, batch = usualBatch(replacement)): Promise<EdgeEngine> {
  const engine = new BackwardPasses(replacement, batch);
  await engine.provide();
  return engine;
}

class BackwardPasses implements EdgeEngine {
  readonly sources: number;
  readonly #replacement: LocalReplacement;
  readonly #places: SourcePlace[] = [];
  readonly #nLayers: number;
  readonly #fixed: Readonly<Record<string, HostTensor>>;
  /** Of the sources, `[seq, dModel, width]` by place. */
  readonly #vectors = new Map<string, BufferFeed>();
  /** Of the skip connections, `[dModel, dModel]`. */
  readonly #skips = new Map<string, BufferFeed>();
  readonly #programs = new Map<number, Program>();

  readonly #batch: number;

  constructor(replacement: LocalReplacement, batch: number) {
    this.#batch = batch;
    const { transcoders, ids, features } = replacement;
    this.#replacement = replacement;
    this.#nLayers = transcoders.layers.length;
    this.#fixed = fixedFeeds(replacement);
    this.sources = features.length + ids.length * (this.#nLayers + 1);
  }

  /** Lays what every pass needs into the engine's process, without a copy of what is largest kept here. */
  async provide(): Promise<void> {
    const { model, transcoders, ids } = this.#replacement;
    const { dModel, layers } = transcoders;
    const name = `attribution:${made++}`;
    const write = async (feeds: Map<string, BufferFeed>, key: string, data: Float32Array, shape: readonly number[]) => {
      await model.engine.write(`${name}:${key}`, data);
      feeds.set(key, { buffer: `${name}:${key}`, shape });
    };
    for (const layer of [...layers.keys(), EMBEDDING]) {
      const place = sourcePlace(this.#replacement, layer);
      this.#places.push({ owner: place.owner, width: place.width });
      const shape = [ids.length, dModel, place.width];
      await write(this.#vectors, sourcesName(this.#places.length - 1), sourceVectors(place, dModel), shape);
    }
    for (const [layer, { skip }] of layers.entries())
      if (skip) await write(this.#skips, skipName(layer), skip, [dModel, dModel]);
  }

  async rows(targets: readonly Target[], visit: VisitRow, signal?: AbortSignal): Promise<void> {
    const nLayers = this.#nLayers;
    const depthStep = Math.max(1, Math.ceil(nLayers / DEPTHS));
    const work = passWork(this.#replacement.model.source.definition);
    for (const pass of planPasses(targets, { nLayers, depthStep, batch: this.#batch, work })) {
      const chosen = pass.targets.map((t) => must(targets[t], "target"));
      const rows = await this.#pass(chosen, pass, signal);
      for (const [i, t] of pass.targets.entries()) visit(t, must(rows[i], "row"));
    }
  }

  async close(): Promise<void> {
    for (const { buffer } of [...this.#vectors.values(), ...this.#skips.values()])
      await this.#replacement.model.engine.free(buffer);
  }

  /** Over the first `length` positions: what is fixed and the sources' vectors are the beginnings of those of the prompt. */
  async #pass(
    targets: readonly Target[],
    { depth, length }: Pick<Pass, "depth" | "length">,
    signal?: AbortSignal,
  ): Promise<Float32Array[]> {
    const { model, ids, transcoders } = this.#replacement;
    const reached = [...Array(depth).keys(), this.#nLayers];
    const feeds = {
      ...model.binding.feeds,
      ...Object.fromEntries(this.#skips),
      ...Object.fromEntries([...this.#vectors].map(([name, feed]) => [name, firstRows(feed, length)])),
      ...Object.fromEntries(Object.entries(this.#fixed).map(([hook, value]) => [hook, upTo(value, length)])),
      ...promptFeeds(ids.slice(0, length), targets.length),
      ...injection(targets, length, depth, transcoders.dModel),
    };
    const program = this.#program(depth);
    const out = await model.engine.run({ program, feeds, fetches: reached.map(edgesName) }, signal);
    const rows = targets.map(() => new Float32Array(this.sources));
    for (const p of reached)
      addEdges(rows, must(out[edgesName(p)], "edges").data as Float32Array, must(this.#places[p], "place"));
    return rows;
  }

  #program(depth: number): Program {
    const { model, transcoders } = this.#replacement;
    const known = this.#programs.get(depth);
    const program = known ?? backwardProgram(model.source, model.binding.layout, transcoders, depth);
    this.#programs.set(depth, program);
    return program;
  }
}

/** The first positions of `[seq, …]`. */
function firstRows(feed: BufferFeed, length: number): BufferFeed {
  return { ...feed, shape: [length, ...feed.shape.slice(1)], prefix: true };
}

/** The first positions of `[1, seq, …]`. */
function upTo({ shape, data }: HostTensor, length: number): HostTensor {
  const [, seq = 1, ...rest] = shape;
  return float32([1, length, ...rest], (data as Float32Array).subarray(0, (data.length / seq) * length));
}

const sourcesName = (place: number) => `sources.${place}`;
const edgesName = (place: number) => `edges.${place}`;
const skipName = (layer: number) => `skip.${layer}`;

function injection(targets: readonly Target[], seq: number, depth: number, dModel: number): Record<string, HostTensor> {
  const levels = depth + 1;
  const vectors = new Float32Array(targets.length * dModel);
  const at = new Float32Array(targets.length * levels);
  const rows = new Int32Array(targets.length);
  for (const [b, { level, position, vector }] of targets.entries()) {
    vectors.set(vector, b * dModel);
    at[b * levels + level] = 1;
    rows[b] = b * seq + position;
  }
  return {
    vectors: float32([targets.length, dModel], vectors),
    level: float32([targets.length, levels], at),
    rows: int64([targets.length], rows),
  };
}

function fixedFeeds({ model, values }: LocalReplacement): Record<string, HostTensor> {
  const { queries, scales } = frozenHooks(model.source.definition);
  return Object.fromEntries([...queries, ...scales].map((hook) => [hook, valueFeed(values, hook)]));
}

/** `vectors`, `level`, `rows` of the targets and what is fixed → edges by place, over the layers below `depth`. */
export function backwardProgram(
  source: ModelSource,
  adapter: AdapterLayout | null,
  transcoders: TranscoderSet,
  depth: number,
): Program {
  const graph = new Graph();
  const { hook, hooked, leaves, sites } = linearHooks(graph, source, transcoders);
  // Where the shape of what a layer reads had to be looked at, the forward pass would run to that layer.
  for (const name of ["tokens", "positions"]) graph.input(name, "int64", ["batch", "seq"]);
  graph.productDim("rows", ["batch", "seq"]);
  const { outputs } = buildForward(graph, source, { adapter, onHook: { hook, hooked } });
  const { dModel, nLayers } = source.definition.dimensions;
  const levels = depth + 1;
  const vectors = graph.input("vectors", "float32", ["batch", dModel]);
  const level = graph.input("level", "float32", ["batch", levels]);
  const rows = graph.input("rows", "int64", ["batch"]);
  const read = Array.from({ length: levels }, (_, l) =>
    l === nLayers ? outputs.hidden : must(sites.get(l), `what layer ${l} reads`),
  );
  const score = read
    .map((x, l) => {
      const products = ReduceSum(Mul(Gather(x, rows), vectors), [1]);
      return ReduceSum(Mul(products, Reshape(Slice(level, 1, l, l + 1), ["batch"])), [0]);
    })
    .reduce(Add);
  const places = [...Array(depth).keys(), nLayers];
  const wanted = places.map((place) => must(leaves.get(place), `the leaf of place ${place}`));
  const found = gradients(score, graph.constant("float32", [1], []), wanted);
  for (const [i, place] of places.entries()) {
    const gradient = Transpose(must(found[i], "gradient"), [1, 0, 2]);
    const sources = graph.input(sourcesName(place), "float32", ["seq", dModel, `width.${place}`]);
    graph.output(edgesName(place), MatMul(gradient, sources));
  }
  return compile(graph);
}

/** The hook points of the linear graph; leaves by layer, the embedding's under nLayers; sites `[rows, dModel]` by layer. */
function linearHooks(graph: Graph, { definition }: ModelSource, { layers, dModel }: TranscoderSet) {
  const { queries, scales } = frozenHooks(definition);
  const { nHeads, nKvHeads, dHead } = definition.dimensions;
  const leaves = new Map<number, Tensor>();
  const sites = new Map<number, Tensor>();
  const leaf = (place: number) => {
    const zeros = Expand(graph.constant("float32", [0], [1, 1, 1]), ["batch", "seq", dModel]);
    leaves.set(place, zeros);
    return zeros;
  };
  const acts = new Map<HookName, (x: Tensor) => Tensor>([["hook_embed", () => leaf(layers.length)]]);
  for (const hook of queries) {
    const heads = /[qk]$/.exec(hook)?.[0] === "q" ? nHeads : nKvHeads;
    acts.set(hook, () => graph.input(hook, "float32", [1, "seq", heads, dHead]));
  }
  for (const hook of scales)
    acts.set(hook, () => Expand(graph.input(hook, "float32", [1, "seq", 1]), ["batch", "seq", 1]));
  for (const [layer, { input, output, skip }] of layers.entries()) {
    acts.set(input, (x) => {
      sites.set(layer, Reshape(x, ["rows", dModel]));
      return x;
    });
    acts.set(output, () => {
      if (!skip) return leaf(layer);
      const S = graph.input(skipName(layer), "float32", [dModel, dModel]);
      const skipped = Gemm(must(sites.get(layer), "what the skip connection reads"), S, { transB: true });
      return Add(leaf(layer), Reshape(skipped, ["batch", "seq", dModel]));
    });
  }
  return {
    hook: (name: HookName, x: Tensor) => acts.get(name)?.(x) ?? x,
    hooked: (name: HookName) => acts.has(name),
    leaves,
    sites,
  };
}
