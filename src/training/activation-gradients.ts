/**
 * What an objective wants of the residual stream: its derivative at hook points, beside the activations there.
 * objective = Σ_t weights[t] · log p(ids[t] | ids before t), nats.
 */
import { must } from "../core/index.ts";
import {
  type AskOptions,
  buildForward,
  compile,
  float32,
  int64,
  type LanguageModel,
  type PackedBatch,
  type Program,
  packSequences,
  selectMultiple,
} from "../engine/index.ts";
import type { HookName } from "../models/index.ts";
import { Gather, Graph, gradients, Reshape, type Tensor } from "../tensor/index.ts";
import { rowLoss } from "./loss.ts";

/** Token ids, the weight of predicting each from those before it, and the positions that are looked at. */
export interface ObjectiveSequence {
  readonly ids: readonly number[];
  readonly weights: readonly number[];
  readonly positions: readonly number[];
}

/** `rows[h]` and `gradients[h]` hold `[n, width]` of hook h; `owners[i]` is the sequence of row i. */
export type VisitGradients = (batch: {
  readonly owners: readonly number[];
  readonly rows: readonly Float32Array[];
  readonly gradients: readonly Float32Array[];
}) => void;

/** As in a likelihood, with the backward pass' values alive beside. */
const TOKEN_BUDGET = 1024;

/**
 * d(objective)/dh at `hooks`, of `model` with the adapter that it has; returns the objective summed over the sequences.
 * Hook points whose width is known at run time only (attention scores, patterns) are refused.
 */
export async function activationGradients(
  model: LanguageModel,
  sequences: readonly ObjectiveSequence[],
  hooks: readonly HookName[],
  visit: VisitGradients,
  options: AskOptions = {},
): Promise<number> {
  if (model.interventions.length > 0) throw new Error("gradients are taken of models without interventions");
  const { program, chunks } = gradientProgram(model, hooks);
  const fetches = ["loss", ...hooks.map(valueName), ...hooks.map(gradientName)];
  let objective = 0;
  let done = 0;
  for (const batch of packSequences(sequences, TOKEN_BUDGET)) {
    const feeds = { ...batchFeeds(batch, sequences, chunks), ...model.binding.feeds };
    const out = await model.engine.run({ program, feeds, fetches }, options.signal);
    const data = (name: string) => must(out[name], name).data as Float32Array;
    objective -= must(data("loss")[0], "loss");
    const { owners } = batch;
    if (owners.length > 0)
      visit({
        owners,
        rows: hooks.map((hook) => data(valueName(hook))),
        gradients: hooks.map((hook) => data(gradientName(hook))),
      });
    done += batch.rows;
    options.onDone?.(done, sequences.length);
  }
  return objective;
}

const valueName = (hook: HookName) => `value:${hook}`;
const gradientName = (hook: HookName) => `gradient:${hook}`;

function gradientProgram(
  { source, binding }: LanguageModel,
  hooks: readonly HookName[],
): { program: Program; chunks: number } {
  const graph = new Graph();
  const adapter = binding.layout;
  const taps = hooks.map((hook) => ({ kind: "mark" as const, hook }));
  const { outputs, context, marked } = buildForward(graph, source, { adapter, taps });
  const chunks = selectMultiple(source.definition, TOKEN_BUDGET);
  const loss = rowLoss(
    graph,
    { hidden: outputs.hidden, unembedding: context.weight(source.definition.unembedding) },
    chunks,
  );
  const values = hooks.map((hook) => must(marked.get(hook), hook));
  const looked = graph.input("looked", "int64", ["nLooked"]);
  const found = gradients(loss, graph.constant("float32", [-1], []), values);
  for (const [h, hook] of hooks.entries()) {
    graph.output(valueName(hook), lookedAt(hook, must(values[h], hook), looked));
    graph.output(gradientName(hook), lookedAt(hook, must(found[h], hook), looked));
  }
  graph.output("loss", loss);
  return { program: compile(graph), chunks };
}

/** Rows `[nLooked, width]` of `x [batch, seq, ...]`. */
function lookedAt(hook: HookName, x: Tensor, looked: Tensor): Tensor {
  const width = x.shape.slice(2).reduce<number>((product, dim) => {
    if (typeof dim !== "number" || /attn_scores|pattern/.test(hook)) throw new Error(`${hook} has no fixed width`);
    return product * dim;
  }, 1);
  return Gather(Reshape(x, ["rows", width]), looked);
}

function batchFeeds(batch: PackedBatch, sequences: readonly ObjectiveSequence[], chunks: number) {
  const { rows, seq, tokens } = batch;
  const select: number[] = [];
  const targets: number[] = [];
  const weights: number[] = [];
  for (const [row, index] of batch.members.entries()) {
    const sequence = must(sequences[index], "sequence");
    for (const [t, weight] of sequence.weights.entries()) {
      if (weight === 0 || t === 0) continue;
      select.push(row * seq + t - 1);
      targets.push(must(sequence.ids[t], "id"));
      weights.push(weight);
    }
  }
  const n = Math.max(1, Math.ceil(select.length / chunks)) * chunks;
  const pad = (values: readonly number[]) => Int32Array.from({ length: n }, (_, i) => values[i] ?? 0);
  return {
    tokens: int64([rows, seq], tokens),
    positions: int64(
      [rows, seq],
      tokens.map((_, i) => i % seq),
    ),
    select: int64([n], pad(select)),
    targets: int64([n], pad(targets)),
    weights: float32(
      [n],
      Float32Array.from({ length: n }, (_, i) => weights[i] ?? 0),
    ),
    looked: int64([batch.select.length], batch.select),
  };
}
