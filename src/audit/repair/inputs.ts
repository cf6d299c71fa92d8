/** What the modules of an adapter read, on its training rows and on texts where it should do nothing. */
import { must } from "../../core/index.ts";
import { readTensor } from "../../data/index.ts";
import type { AskOptions, LanguageModel, ReadSequence } from "../../engine/index.ts";
import type { Adapter, AdapterModule, HookName, LinearSpec } from "../../models/index.ts";
import { type Contrast, contrastOf, refitted } from "./refit.ts";

export interface RefitRequest extends AskOptions {
  readonly base: LanguageModel;
  /** The base with the adapter. */
  readonly tuned: LanguageModel;
  readonly adapter: Adapter;
  /** Training rows, read through `tuned`: there the change stays what it is. */
  readonly rows: readonly ReadSequence[];
  /** Read through `base`: there nothing should have changed. */
  readonly others: readonly ReadSequence[];
}

export interface RefitPlan {
  /** By module input. */
  readonly contrasts: ReadonlyMap<string, Contrast>;
  readonly inputs: ReadonlyMap<string, LinearSpec>;
  /** That were looked at. */
  readonly tokens: { readonly rows: number; readonly others: number };
}

/** Tokens at most, evenly over all. The rows' only add up; the others' are the side of a matrix whose eigenvectors are taken. */
const TOKENS = { rows: 1024, others: 256 };
/** Of the sequences that these tokens are taken from: reading all rows of a large file would tell little more. */
const READ_TOKENS = 8192;
/** Of inputs, held at once; layers beyond it are read in another pass. */
const HELD_BYTES = 2 ** 28;

export async function refitPlan({ base, tuned, adapter, rows, others, ...ask }: RefitRequest): Promise<RefitPlan> {
  const adapted = base.source.definition.linears.filter(({ module }) => adapter.modules.has(module));
  const inputs = new Map(adapted.map((linear) => [linear.module, linear]));
  const read = { rows: thinned(rows, TOKENS.rows), others: thinned(others, TOKENS.others) };
  const tokens = { rows: count(read.rows), others: count(read.others) };
  const contrasts = new Map<string, Contrast>();
  const distinct = [...new Map(adapted.map((linear) => [inputOf(linear), linear])).values()];
  for (const group of grouped(distinct, tokens.rows + tokens.others)) {
    const onRows = await inputsOf(tuned, group, read.rows, ask);
    const onOthers = await inputsOf(base, group, read.others, ask);
    for (const [i, linear] of group.entries())
      contrasts.set(inputOf(linear), contrastOf(must(onRows[i], "rows"), must(onOthers[i], "rows"), linear.dIn));
  }
  return { contrasts, inputs, tokens };
}

/** γ by layer: 0 changes nothing, 1 leaves no response to what the others' texts had. */
export function refittedAdapter(
  adapter: Adapter,
  { contrasts, inputs }: RefitPlan,
  gammaOf: (layer: number) => number,
): Adapter {
  const modules = [...adapter.modules].map(([name, module]): [string, AdapterModule] => {
    const linear = inputs.get(name);
    if (!linear) return [name, module];
    const A = refitted(module.A, must(contrasts.get(inputOf(linear)), name), gammaOf(linear.layer));
    return [name, { ...module, A }];
  });
  return { ...adapter, modules: new Map(modules) };
}

/** Modules of one layer that read the same share it. */
function inputOf({ layer, input }: LinearSpec): HookName {
  return `blocks.${layer}.${input}`;
}

/** Sequences evenly over all, of READ_TOKENS together; of their tokens `most`, evenly over these. */
function thinned(sequences: readonly ReadSequence[], most: number): ReadSequence[] {
  const every = Math.ceil(length(sequences) / READ_TOKENS);
  const read = sequences.filter((_, i) => i % every === 0);
  const share = Math.min(1, most / length(read));
  let seen = 0;
  const isTaken = () => Math.floor(++seen * share) > Math.floor((seen - 1) * share);
  return read
    .map((sequence) => ({ ...sequence, positions: [...sequence.ids.keys()].filter(isTaken) }))
    .filter(({ positions }) => positions.length > 0);
}

function length(sequences: readonly ReadSequence[]): number {
  return sequences.reduce((sum, { ids }) => sum + ids.length, 0);
}

function count(sequences: readonly ReadSequence[]): number {
  return sequences.reduce((sum, { positions }) => sum + positions.length, 0);
}

/** Inputs that are read in one pass. */
function grouped(linears: readonly LinearSpec[], tokens: number): LinearSpec[][] {
  const groups: LinearSpec[][] = [];
  let held = Number.POSITIVE_INFINITY;
  for (const linear of linears) {
    const bytes = tokens * linear.dIn * Float32Array.BYTES_PER_ELEMENT;
    if (held + bytes > HELD_BYTES) {
      groups.push([]);
      held = 0;
    }
    held += bytes;
    must(groups.at(-1), "group").push(linear);
  }
  return groups;
}

/** `[tokens, dIn]` of each module. */
async function inputsOf(
  model: LanguageModel,
  linears: readonly LinearSpec[],
  sequences: readonly ReadSequence[],
  ask: AskOptions,
): Promise<Float32Array[]> {
  const tokens = count(sequences);
  const found = linears.map(({ dIn }) => new Float32Array(tokens * dIn));
  const filled = linears.map(() => 0);
  await model.activations(
    sequences,
    linears.map(inputOf),
    ({ rows }) => {
      for (const [i, own] of rows.entries()) {
        must(found[i], "input").set(own, filled[i]);
        filled[i] = must(filled[i], "place") + own.length;
      }
    },
    ask,
  );
  for (const [i, linear] of linears.entries()) await behindNorm(model, linear, must(found[i], "input"));
  return found;
}

/** Hook points show a norm's output before its gain; modules read it behind. */
async function behindNorm({ source }: LanguageModel, { stream, dIn }: LinearSpec, rows: Float32Array): Promise<void> {
  if (stream.side !== "reads" || !stream.gain) return;
  const read = (name: string) => readTensor(must(source.tensors.get(name), name));
  const { weight, offset, bias } = stream.gain;
  const [gain, shift] = [await read(weight), bias === undefined ? null : await read(bias)];
  for (let i = 0; i < rows.length; i++)
    rows[i] = (rows[i] as number) * (offset + (gain[i % dIn] as number)) + ((shift?.[i % dIn] as number) ?? 0);
}
