/** What is trained: one flat vector that the graph cuts into matrices. LoRA's A and B, or all weights. */
import { must, rng } from "../core/index.ts";
import { readTensor } from "../data/index.ts";
import { buildForward, frozenLayers, type ModelSource, queryChunks, type Tap } from "../engine/index.ts";
import type { AdapterLayout, ForwardContext, ForwardOutputs, ModelDefinition } from "../models/index.ts";
import { Gemm, type Graph, Reshape, Slice, type Tensor } from "../tensor/index.ts";
import type { Run } from "./optimiser.ts";

export interface Trainable {
  readonly size: number;
  /**
   * Builds the forward pass over the vector; returns it with the vector's parts in their order. `tree`: the input
   * `visible` says which tokens see which.
   */
  readonly build: (
    graph: Graph,
    source: ModelSource,
    within?: TrainedWithin,
  ) => { outputs: ForwardOutputs; context: ForwardContext; parts: Tensor[] };
  /** The name under which the vector is fed. */
  readonly input: string;
  readonly trainsUnembedding: boolean;
  /** Where weight decay is left out; absent: nowhere. */
  readonly undecayed?: readonly Run[];
  /** Tokens of the longest row, where that is known: one row at least runs at once. */
  readonly longest?: number;
}

/** What stands in a training's graph and not in the model that comes of it. */
export interface TrainedWithin {
  readonly taps?: readonly Tap[];
  readonly ofB?: (module: string, B: Tensor) => Tensor;
  /** Who sees whom is fed: rows side by side in one sequence. */
  readonly tree?: boolean;
}

/** What a training's graph is built for. */
export interface MemoryNeeds {
  /** Compute blocks again in the backward pass: of each, only the stream before it is kept. */
  readonly recompute?: boolean;
  /** Tokens of the longest row. */
  readonly longest?: number;
}

/** A and B of `layout`; the base stays where it is. */
export function loraTrainable(layout: AdapterLayout, { recompute = false, longest = 0 }: MemoryNeeds = {}): Trainable {
  return {
    size: layout.size,
    input: "adapter",
    trainsUnembedding: false,
    longest,
    build: (graph, source, within = {}) => {
      const spec = { adapter: layout, ...within, recompute, queryChunks: queryChunks(longest) };
      const { outputs, context, adapterParameters } = buildForward(graph, source, spec);
      const parts = [...adapterParameters].sort(([a], [b]) => a - b).map(([, tensor]) => tensor);
      return { outputs, context, parts };
    },
  };
}

/**
 * Every weight of the model, in the order of its definition. Norms and biases do not decay, as in transformers' Trainer
 * (`get_decay_parameter_names`); they are the weights of one dimension.
 */
export function fullTrainable(definition: ModelDefinition, { longest = 0 }: MemoryNeeds = {}): Trainable {
  const offsets = weightOffsets(definition);
  return {
    size: offsets.size,
    input: "parameters",
    trainsUnembedding: true,
    undecayed: vectorsIn(definition, offsets.at),
    longest,
    build: (graph, source, { tree = false } = {}) => {
      const flat = graph.input("parameters", "float32", [offsets.size]);
      const weights = new Map(
        definition.weights.map(({ name, shape }) => {
          const start = must(offsets.at.get(name), name);
          const count = shape.reduce((product, dim) => product * dim, 1);
          return [name, Reshape(Slice(flat, 0, start, start + count), shape)];
        }),
      );
      const weight = (name: string) => must(weights.get(name), `weight ${name}`);
      const layerOf = frozenLayers(definition, weight);
      const linear = (module: string, x: Tensor) => {
        const { weight: matrix, transposed, bias } = layerOf(module);
        return Gemm(x, matrix(x), { transB: !transposed, ...(bias ? { c: bias } : {}) });
      };
      const { outputs, context } = buildForward(graph, source, {
        override: { weight, linear },
        tree,
        queryChunks: queryChunks(longest),
      });
      return { outputs, context, parts: definition.weights.map(({ name }) => weight(name)) };
    },
  };
}

/** Where the weights of one dimension lie. */
function vectorsIn({ weights }: ModelDefinition, at: ReadonlyMap<string, number>): Run[] {
  return weights.flatMap(({ name, shape: [length, ...others] }) => {
    if (length === undefined || others.length > 0) return [];
    const start = must(at.get(name), name);
    return [{ start, end: start + length }];
  });
}

/** Where each weight lies in the flat vector of all weights, in elements. */
export function weightOffsets(definition: ModelDefinition): { at: ReadonlyMap<string, number>; size: number } {
  const at = new Map<string, number>();
  let size = 0;
  for (const { name, shape } of definition.weights) {
    at.set(name, size);
    size += shape.reduce((product, dim) => product * dim, 1);
  }
  return { at, size };
}

/** All weights of a checkpoint as one vector. */
export async function readAllWeights({ definition, tensors }: ModelSource): Promise<Float32Array> {
  const { at, size } = weightOffsets(definition);
  const flat = new Float32Array(size);
  for (const [name, offset] of at) flat.set(await readTensor(must(tensors.get(name), `weight ${name}`)), offset);
  return flat;
}

/**
 * PEFT's default start: A uniform in ±1/√dIn (Kaiming with a = √5), B = 0, so that the first step changes nothing. Rows
 * of A beyond a slot's own rank are zero, and with B's zeros beside them have no gradient. Magnitudes (DoRA) are left at
 * zero: `initialMagnitudes` knows them.
 */
export function initialLora(layout: AdapterLayout, seed: number | string): Float32Array {
  const flat = new Float32Array(layout.size);
  for (const { module, dIn, offsetA, own } of layout.slots) {
    const random = rng(seed, "lora", module);
    const bound = 1 / Math.sqrt(dIn);
    for (let i = 0; i < (own?.rank ?? layout.rank) * dIn; i++) flat[offsetA + i] = (2 * random.next() - 1) * bound;
  }
  return flat;
}

/** DoRA's start: the norms of W's rows, so that the first step changes nothing; written into `flat`. */
export async function initialMagnitudes(layout: AdapterLayout, { tensors }: ModelSource, flat: Float32Array) {
  for (const { module, dOut, dIn, transposed, offsetM } of layout.slots) {
    if (offsetM === null) continue;
    const weight = await readTensor(must(tensors.get(`${module}.weight`), `weight of ${module}`));
    for (let o = 0; o < dOut; o++) {
      let square = 0;
      for (let i = 0; i < dIn; i++) square += (weight[transposed ? i * dOut + o : o * dIn + i] as number) ** 2;
      flat[offsetM + o] = Math.sqrt(square);
    }
  }
}
