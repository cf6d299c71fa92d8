/**
 * Forward passes of a model on the prompt with vectors added where MLPs write or to the embedding, while as much as is
 * asked for is held at its value on the prompt. With all of it held, this is the linear model whose edges the backward
 * passes compute, built the other way round.
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
import type { HookName } from "../models/index.ts";
import { Add, Expand, Gather, Gemm, Graph, Reshape, Sub, type Tensor } from "../tensor/index.ts";
import { frozenHooks, type LocalReplacement, promptFeeds, valueFeed } from "./replacement.ts";
import type { TranscoderSet } from "./transcoders.ts";

export interface Held {
  /** Attention patterns. */
  readonly attention: boolean;
  readonly norms: boolean;
  /** Layers whose MLPs write what they wrote on the prompt (and what a skip connection makes of a changed input). */
  readonly mlps: ReadonlySet<number>;
}

export interface Addition {
  /** Null: the embedding. */
  readonly layer: number | null;
  readonly position: number;
  /** `[dModel]` */
  readonly vector: Float32Array;
}

export interface Perturbed {
  /** What the transcoder of each layer reads, `[seq, dModel]`. */
  readonly inputs: readonly Float32Array[];
  /** `[dVocab]` after the last token */
  readonly logits: Float32Array;
}

/** Passes of at most this many tokens. */
const PASS_TOKENS = 4096;

/** One pass for each list of additions. */
export async function perturbed(
  replacement: LocalReplacement,
  held: Held,
  passes: readonly (readonly Addition[])[],
  signal?: AbortSignal,
): Promise<Perturbed[]> {
  const program = programFor(replacement, held);
  const batch = Math.max(1, Math.floor(PASS_TOKENS / replacement.ids.length));
  const found: Perturbed[] = [];
  for (let start = 0; start < passes.length; start += batch)
    found.push(...(await run(replacement, held, program, passes.slice(start, start + batch), signal)));
  return found;
}

const deltaName = (layer: number | null) => `delta.${layer ?? "embed"}`;
const inputName = (layer: number) => `input.${layer}`;
const skipName = (layer: number) => `skip.${layer}`;

async function run(
  replacement: LocalReplacement,
  held: Held,
  program: Program,
  passes: readonly (readonly Addition[])[],
  signal?: AbortSignal,
): Promise<Perturbed[]> {
  const { model, transcoders, ids } = replacement;
  const { layers, dModel } = transcoders;
  const seq = ids.length;
  const feeds: Record<string, HostTensor | BufferFeed> = {
    ...model.binding.feeds,
    ...promptFeeds(ids, passes.length),
    ...heldFeeds(replacement, held),
    select: int64(
      [passes.length],
      Int32Array.from(passes, (_, b) => b * seq + seq - 1),
    ),
  };
  for (const layer of [null, ...layers.keys()]) {
    const delta = new Float32Array(passes.length * seq * dModel);
    for (const [b, additions] of passes.entries())
      for (const { position, vector } of additions.filter((each) => each.layer === layer)) {
        const at = (b * seq + position) * dModel;
        for (let i = 0; i < dModel; i++) delta[at + i] = (delta[at + i] as number) + (vector[i] as number);
      }
    feeds[deltaName(layer)] = float32([passes.length, seq, dModel], delta);
  }
  const fetches = ["logits", ...layers.map((_, layer) => inputName(layer))];
  const out = await model.engine.run({ program, feeds, fetches }, signal);
  const part = (name: string, b: number) => {
    const all = must(out[name], name).data as Float32Array;
    const width = all.length / passes.length;
    return all.slice(b * width, (b + 1) * width);
  };
  return passes.map((_, b) => ({
    inputs: layers.map((_, layer) => part(inputName(layer), b)),
    logits: part("logits", b),
  }));
}

function heldFeeds({ model, transcoders, values }: LocalReplacement, held: Held): Record<string, HostTensor> {
  const { queries, scales } = frozenHooks(model.source.definition);
  const feeds: Record<string, HostTensor> = {};
  for (const hook of [...(held.attention ? queries : []), ...(held.norms ? scales : [])])
    feeds[hook] = valueFeed(values, hook);
  for (const layer of held.mlps) {
    const { input, output, skip } = must(transcoders.layers[layer], "layer");
    feeds[output] = valueFeed(values, output);
    if (!skip) continue;
    feeds[input] = valueFeed(values, input);
    feeds[skipName(layer)] = float32([transcoders.dModel, transcoders.dModel], skip);
  }
  return feeds;
}

/** Many interventions ask for the same pass; by set and model, then by what is held and how the adapter lies. */
const programs = new WeakMap<TranscoderSet, WeakMap<ModelSource, Map<string, Program>>>();

function programFor(replacement: LocalReplacement, held: Held): Program {
  const { transcoders, model } = replacement;
  const bySource = programs.get(transcoders) ?? new WeakMap<ModelSource, Map<string, Program>>();
  programs.set(transcoders, bySource);
  const known = bySource.get(model.source) ?? new Map<string, Program>();
  bySource.set(model.source, known);
  const key = JSON.stringify([held.attention, held.norms, [...held.mlps].sort(), model.binding.layout]);
  const program = known.get(key) ?? perturbedProgram(replacement, held);
  known.set(key, program);
  return program;
}

function perturbedProgram({ model, transcoders }: LocalReplacement, held: Held): Program {
  const graph = new Graph();
  const { source, binding } = model;
  const acts = perturbingHooks(graph, { model, transcoders }, held);
  const onHook = {
    hook: (name: HookName, x: Tensor) => acts.get(name)?.(x) ?? x,
    hooked: (name: HookName) => acts.has(name),
  };
  const { outputs, context } = buildForward(graph, source, { adapter: binding.layout, onHook });
  const rows = Gather(outputs.hidden, graph.input("select", "int64", ["n"]));
  graph.output("logits", Gemm(rows, context.weight(source.definition.unembedding), { transB: true }));
  return compile(graph);
}

function perturbingHooks(
  graph: Graph,
  { model, transcoders }: Pick<LocalReplacement, "model" | "transcoders">,
  held: Held,
): Map<HookName, (x: Tensor) => Tensor> {
  const { layers, dModel } = transcoders;
  const { definition } = model.source;
  const { nHeads, nKvHeads, dHead } = definition.dimensions;
  const { queries, scales } = frozenHooks(definition);
  const delta = (layer: number | null) => graph.input(deltaName(layer), "float32", ["batch", "seq", dModel]);
  const acts = new Map<HookName, (x: Tensor) => Tensor>([["hook_embed", (x) => Add(x, delta(null))]]);
  for (const hook of held.attention ? queries : []) {
    const heads = hook.endsWith("q") ? nHeads : nKvHeads;
    acts.set(hook, () => graph.input(hook, "float32", [1, "seq", heads, dHead]));
  }
  for (const hook of held.norms ? scales : [])
    acts.set(hook, () => Expand(graph.input(hook, "float32", [1, "seq", 1]), ["batch", "seq", 1]));
  for (const [layer, { input, output, skip }] of layers.entries()) {
    let read: Tensor | null = null;
    acts.set(input, (x) => {
      read = x;
      graph.output(inputName(layer), x);
      return x;
    });
    acts.set(output, (x) => {
      if (!held.mlps.has(layer)) return Add(x, delta(layer));
      const written = Add(graph.input(output, "float32", [1, "seq", dModel]), delta(layer));
      if (!skip) return written;
      const moved = Sub(must(read, "what the transcoder reads"), graph.input(input, "float32", [1, "seq", dModel]));
      const S = graph.input(skipName(layer), "float32", [dModel, dModel]);
      const skipped = Gemm(Reshape(moved, ["rows", dModel]), S, { transB: true });
      return Add(written, Reshape(skipped, ["batch", "seq", dModel]));
    });
  }
  return acts;
}

/** Everything held: the linear model of the graph. */
export function allHeld({ transcoders }: Pick<LocalReplacement, "transcoders">): Held {
  return { attention: true, norms: true, mlps: new Set(transcoders.layers.keys()) };
}
