/** Encoding of many rows in the engine: one matrix product and the TopK op, for as long as that pays. */
import { compile, type Engine, float32, type Program } from "../engine/index.ts";
import { Gemm, Graph, Less, Reshape, Sub, scalar, type Tensor, TopK, Where } from "../tensor/index.ts";
import type { Dictionary, SparseActivations } from "./dictionary.ts";
import { encode } from "./encode.ts";
import { narrowed } from "./top-k.ts";

/** Multiply-adds below which plain loops are done before the engine has been asked. */
const SMALL = 5e7;
/** Elements of pre-activations that are alive at once. */
const PRE_ELEMENTS = 2 ** 23;

/** As `encode`, in the engine where the work is worth the way there; equal up to float32 rounding. */
export async function encodeLarge(
  engine: Engine,
  dictionary: Dictionary,
  rows: Float32Array,
  signal?: AbortSignal,
): Promise<SparseActivations> {
  if (rows.length * dictionary.nLatents < SMALL) return encode(dictionary, rows);
  if (dictionary.k !== null) return encodeSlots(engine, dictionary, dictionary.k, rows, signal);
  // Without k: as many slots as suffice, that is until every row has a free one.
  for (let slots = FIRST_SLOTS; ; slots *= 4) {
    const wide = Math.min(slots, dictionary.nLatents);
    const out = await encodeSlots(engine, dictionary, wide, rows, signal);
    const full = out.latents.some((latent, slot) => slot % wide === wide - 1 && latent >= 0);
    if (!full || wide === dictionary.nLatents) return narrowed(out);
  }
}

/** Slots to begin with where no k says how many. */
const FIRST_SLOTS = 128;

async function encodeSlots(
  engine: Engine,
  dictionary: Dictionary,
  k: number,
  rows: Float32Array,
  signal: AbortSignal | undefined,
): Promise<SparseActivations> {
  const { dModel, nLatents, threshold } = dictionary;
  const tokens = rows.length / dModel;
  const latents = new Int32Array(tokens * k);
  const values = new Float32Array(tokens * k);
  const feeds = await provided(engine, dictionary);
  const program = threshold ? thresholdProgram(dModel, nLatents, k) : encodeProgram(dModel, nLatents, k);
  const step = Math.max(1, Math.floor(PRE_ELEMENTS / nLatents));
  for (let start = 0; start < tokens; start += step) {
    const end = Math.min(tokens, start + step);
    const part = rows.subarray(start * dModel, end * dModel);
    const out = await engine.run(
      { program, feeds: { ...feeds, rows: float32([end - start, dModel], part) }, fetches: ["values", "latents"] },
      signal,
    );
    const [found, indices] = [out.values?.data as Float32Array, out.latents?.data as BigInt64Array];
    for (const [i, value] of found.entries()) {
      // What is not positive is not active.
      latents[start * k + i] = value > 0 ? Number(indices[i]) : -1;
      values[start * k + i] = Math.max(0, value);
    }
  }
  return { tokens, k, latents, values };
}

const programs = new Map<string, Program>();

/**
 * Inputs `rows [n, dModel]`, `encoder [nLatents, dModel]`, `encoderBias`, `decoderBias`; outputs `values [n, k]`, largest
 * first, and `latents` int64 `[n, k]`. Values that are not positive are left to the caller.
 */
export function encodeProgram(dModel: number, nLatents: number, k: number): Program {
  return cached([dModel, nLatents, k].join(), () => built(dModel, nLatents, k, false));
}

/** The same with the input `threshold [nLatents]`: what is not above it counts as 0. */
function thresholdProgram(dModel: number, nLatents: number, k: number): Program {
  return cached([dModel, nLatents, k, "threshold"].join(), () => built(dModel, nLatents, k, true));
}

/** For training: the `k n` largest of a whole batch of `n` rows, `values` and `latents` `[1, k n]` of its pre-activations. */
export function batchEncodeProgram(dModel: number, nLatents: number, k: number, n: number): Program {
  return cached([dModel, nLatents, k, n, "batch"].join(), () => {
    const graph = new Graph();
    const pre = Reshape(preActivations(graph, dModel, nLatents, n), [1, n * nLatents]);
    const { values, indices } = TopK(pre, k * n);
    graph.output("values", values);
    graph.output("latents", indices);
    return compile(graph);
  });
}

/** For training with thresholds: all pre-activations of a batch, `pre [n, nLatents]`. */
export function preActivationProgram(dModel: number, nLatents: number): Program {
  return cached([dModel, nLatents, "pre"].join(), () => {
    const graph = new Graph();
    graph.output("pre", preActivations(graph, dModel, nLatents, "n"));
    return compile(graph);
  });
}

function cached(key: string, make: () => Program): Program {
  const known = programs.get(key) ?? make();
  programs.set(key, known);
  return known;
}

function built(dModel: number, nLatents: number, k: number, thresholded: boolean): Program {
  const graph = new Graph();
  const pre = preActivations(graph, dModel, nLatents, "n");
  const { values, indices } = TopK(thresholded ? above(pre, graph.input("threshold", "float32", [nLatents])) : pre, k);
  graph.output("values", values);
  graph.output("latents", indices);
  return compile(graph);
}

function preActivations(graph: Graph, dModel: number, nLatents: number, n: number | "n"): Tensor {
  const rows = graph.input("rows", "float32", [n, dModel]);
  const centred = Sub(rows, graph.input("decoderBias", "float32", [dModel]));
  const encoder = graph.input("encoder", "float32", [nLatents, dModel]);
  return Gemm(centred, encoder, { transB: true, c: graph.input("encoderBias", "float32", [nLatents]) });
}

function above(pre: Tensor, threshold: Tensor): Tensor {
  return Where(Less(threshold, pre), pre, scalar(pre, 0));
}

const names = new WeakMap<Dictionary, string>();
let made = 0;

/** Takes the dictionary's arrays out of the engine: for who reads many large ones, one after the other. */
export async function releaseDictionary(engine: Engine, dictionary: Dictionary): Promise<void> {
  const name = names.get(dictionary);
  if (name === undefined) return;
  for (const part of ["encoder", "encoderBias", "decoderBias", "threshold"]) await engine.free(`${name}:${part}`);
  names.delete(dictionary);
}

/** The dictionary's arrays in the engine, sent once. */
async function provided(engine: Engine, dictionary: Dictionary) {
  const name = names.get(dictionary) ?? `dictionary:${made++}`;
  names.set(dictionary, name);
  const { dModel, nLatents, encoder, encoderBias, decoderBias, threshold } = dictionary;
  await engine.provide(`${name}:encoder`, encoder);
  await engine.provide(`${name}:encoderBias`, encoderBias);
  await engine.provide(`${name}:decoderBias`, decoderBias);
  if (threshold) await engine.provide(`${name}:threshold`, threshold);
  return {
    ...(threshold ? { threshold: { buffer: `${name}:threshold`, shape: [nLatents] } } : {}),
    encoder: { buffer: `${name}:encoder`, shape: [nLatents, dModel] },
    encoderBias: { buffer: `${name}:encoderBias`, shape: [nLatents] },
    decoderBias: { buffer: `${name}:decoderBias`, shape: [dModel] },
  };
}
