/**
 * What a dictionary of any kind costs the model: every place that it writes replaced at once by what it makes of the
 * activations of the undisturbed run, against the same places replaced by their means.
 *
 * CE recovered = (CE_mean − CE_rebuilt) / (CE_mean − CE); KL recovered = (KL_mean − KL_rebuilt) / KL_mean, KL of the plain
 * model's next-token distribution to the disturbed one's. Null where the means cost nothing.
 */
import { must } from "../core/index.ts";
import {
  forwardProgram,
  type LanguageModel,
  type Program,
  type ReadSequence,
  selectMultiple,
  type Tap,
} from "../engine/index.ts";
import { type HookName, hookShape } from "../models/index.ts";
import { decodeCoder } from "./coders/decode.ts";
import type { GroupActivations } from "./coders/encode.ts";
import { encodeGroupLarge } from "./coders/encode-large.ts";
import type { LoadedCoder } from "./coders/sparse-coder.ts";
import { columnsOf, hookWidth, readActivations } from "./read.ts";
import { replacementFeeds, tokenFeeds } from "./replaced.ts";

export interface CoderCost {
  /** Predicted tokens. */
  readonly tokens: number;
  /** Nats a token. */
  readonly ce: { readonly plain: number; readonly rebuilt: number; readonly mean: number };
  readonly kl: { readonly rebuilt: number; readonly mean: number };
  readonly ceRecovered: number | null;
  readonly klRecovered: number | null;
}

export interface CoderCostRequest {
  readonly model: LanguageModel;
  readonly coder: LoadedCoder;
  readonly sequences: readonly ReadSequence[];
  readonly signal?: AbortSignal;
}

/** Logits of all its tokens are alive at once, three times. */
const GROUP_TOKENS = 256;

export async function coderCost(request: CoderCostRequest): Promise<CoderCost> {
  const { model, coder, signal } = request;
  const hooks = placesOf(coder);
  const options = { groupTokens: GROUP_TOKENS, ...(signal ? { signal } : {}) };
  const sorted = [...request.sequences].sort((a, b) => b.ids.length - a.ids.length);
  const means = await meansOf(request, hooks);
  const run = runner(model, coder, signal);
  const sums = { tokens: 0, plain: 0, rebuilt: 0, mean: 0, klRebuilt: 0, klMean: 0 };
  for await (const { sequences, rows } of readActivations(model, sorted, hooks, options)) {
    const rebuilt: Float32Array[][] = [];
    for (const each of rows) rebuilt.push(await rebuiltRows(request, hooks, each));
    const flat = rebuilt.map((made) =>
      coder.outputs.map(({ dOut }, o) => repeated(must(means[o], "mean"), must(made[o], "rows").length / dOut)),
    );
    const plain = await run(sequences, null);
    const [by, mean] = [await run(sequences, rebuilt), await run(sequences, flat)];
    for (const [i, target] of plain.targets.entries()) {
      const [p, q, r] = [plain.row(i), by.row(i), mean.row(i)];
      sums.tokens++;
      sums.plain -= must(p[target], "log p");
      sums.rebuilt -= must(q[target], "log p");
      sums.mean -= must(r[target], "log p");
      sums.klRebuilt += divergence(p, q);
      sums.klMean += divergence(p, r);
    }
  }
  return costOf(sums);
}

function costOf(sums: Record<"tokens" | "plain" | "rebuilt" | "mean" | "klRebuilt" | "klMean", number>): CoderCost {
  const { tokens } = sums;
  const ce = { plain: sums.plain / tokens, rebuilt: sums.rebuilt / tokens, mean: sums.mean / tokens };
  const kl = { rebuilt: sums.klRebuilt / tokens, mean: sums.klMean / tokens };
  return {
    tokens,
    ce,
    kl,
    ceRecovered: ce.mean > ce.plain ? (ce.mean - ce.rebuilt) / (ce.mean - ce.plain) : null,
    klRecovered: kl.mean > 0 ? (kl.mean - kl.rebuilt) / kl.mean : null,
  };
}

function placesOf({ groups, outputs }: LoadedCoder): HookName[] {
  return [...new Set([...groups.flatMap(({ hooks }) => hooks), ...outputs.map(({ hook }) => hook)])];
}

async function meansOf({ model, coder, sequences, signal }: CoderCostRequest, hooks: readonly HookName[]) {
  const sums = coder.outputs.map(({ dOut }) => new Float64Array(dOut));
  let tokens = 0;
  for await (const { rows } of readActivations(model, sequences, hooks, signal ? { signal } : {}))
    for (const each of rows) {
      const widths = hooks.map((hook) => hookWidth(model, hook));
      tokens += each.length / widths.reduce((sum, width) => sum + width, 0);
      for (const [o, { hook, dOut }] of coder.outputs.entries()) {
        const y = columnsOf(each, widths, hooks.indexOf(hook));
        const sum = must(sums[o], "sum");
        for (const [i, value] of y.entries()) sum[i % dOut] = must(sum[i % dOut], "sum") + value;
      }
    }
  return sums.map((sum) => Float32Array.from(sum, (value) => value / Math.max(1, tokens)));
}

async function rebuiltRows({ model, coder, signal }: CoderCostRequest, hooks: readonly HookName[], rows: Float32Array) {
  const widths = hooks.map((hook) => hookWidth(model, hook));
  const inputs = coder.groups.map(({ hooks: reads, dIn }) => {
    const parts = reads.map((hook) => columnsOf(rows, widths, hooks.indexOf(hook)));
    const [first] = parts;
    if (parts.length === 1 && first) return first;
    const n = rows.length / widths.reduce((sum, width) => sum + width, 0);
    const out = new Float32Array(n * dIn);
    let at = 0;
    for (const part of parts) {
      const width = part.length / n;
      for (let t = 0; t < n; t++) out.set(part.subarray(t * width, (t + 1) * width), t * dIn + at);
      at += width;
    }
    return out;
  });
  const activations: GroupActivations[] = [];
  for (const [g, group] of coder.groups.entries())
    activations.push(await encodeGroupLarge(model.engine, group, must(inputs[g], "input"), signal));
  return decodeCoder(coder, activations, inputs);
}

function repeated(row: Float32Array, times: number): Float32Array {
  const out = new Float32Array(row.length * times);
  for (let t = 0; t < times; t++) out.set(row, t * row.length);
  return out;
}

/** Σ p (log p − log q), from log-probabilities. */
function divergence(p: Float32Array, q: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < p.length; i++) sum += Math.exp(p[i] as number) * ((p[i] as number) - (q[i] as number));
  return sum;
}

interface Predicted {
  readonly targets: readonly number[];
  /** Log-probabilities `[dVocab]` of what row i predicts. */
  readonly row: (i: number) => Float32Array;
}

/** Per sequence, per output: values `[positions, dOut]` put in place of the model's own; null: nothing is. */
type Values = readonly (readonly Float32Array[])[] | null;

function runner(model: LanguageModel, { outputs }: LoadedCoder, signal: AbortSignal | undefined) {
  const { definition } = model.source;
  const { dVocab } = definition.dimensions;
  const taps = outputs.map(({ hook }): Tap => ({ kind: "replace", hook }));
  const chunks = selectMultiple(definition, GROUP_TOKENS);
  const spec = { outputs: ["logits" as const], taps, adapter: model.binding.layout };
  const program: Program = forwardProgram(model.source, spec, chunks);
  return async (sequences: readonly ReadSequence[], values: Values): Promise<Predicted> => {
    const tokens = tokenFeeds(sequences, chunks);
    const replaced = taps.map((tap, o) => {
      const shape = must(hookShape(tap.hook, definition.dimensions), tap.hook);
      return replacementFeeds(tap, shape, sequences, tokens, (b) => values?.[b]?.[o] ?? null);
    });
    const feeds = Object.assign({ ...tokens.feeds, ...model.binding.feeds }, ...replaced);
    const out = await model.engine.run({ program, feeds, fetches: ["logits"] }, signal);
    const { targets } = tokens;
    const logits = out.logits?.data as Float32Array;
    return { targets, row: (i) => logSoftmax(logits.subarray(i * dVocab, (i + 1) * dVocab)) };
  };
}

function logSoftmax(row: Float32Array): Float32Array {
  const largest = row.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  const sum = row.reduce((total, value) => total + Math.exp(value - largest), 0);
  const norm = largest + Math.log(sum);
  return row.map((value) => value - norm);
}
