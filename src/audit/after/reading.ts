/**
 * What models show of token sequences, one sequence at a time: activations, and latents of a dictionary. Several models
 * are read on the same tokens side by side. Memory holds a few sequences, however many there are.
 */
import { must } from "../../core/index.ts";
import type { Dictionary, SparseActivations } from "../../dictionaries/index.ts";
import type { AskOptions, LanguageModel, ReadSequence } from "../../engine/index.ts";
import type { HookName } from "../../models/index.ts";

/** Activations `[n, dModel]` of n tokens to latents; in the engine or in place. */
export type Encode = (
  dictionary: Dictionary,
  activations: Float32Array,
) => SparseActivations | Promise<SparseActivations>;

/** A dictionary that can be read with. */
export interface Reader {
  readonly dictionary: Dictionary;
  readonly encode: Encode;
}

/** Sequences whose activations are held at once, per model. */
const TOGETHER = 32;

/** What one model shows of one sequence: `[n, dModel]` per hook, n the sequence's positions in their order. */
export type Rows = readonly Float32Array[];

/** Calls `visit` once for each sequence that has positions, with its index and each model's rows. */
export async function eachSequence(
  models: readonly LanguageModel[],
  sequences: readonly ReadSequence[],
  hooks: readonly HookName[],
  visit: (index: number, rows: readonly Rows[]) => void,
  options: AskOptions = {},
): Promise<void> {
  await eachBatch(
    models,
    sequences,
    hooks,
    ({ runs, rows, width }) => {
      for (const { index, start, end } of runs)
        visit(
          index,
          rows.map((ofModel) => ofModel.map((ofHook) => ofHook.subarray(start * width, end * width))),
        );
    },
    options,
  );
}

/** What one model shows of one sequence at a dictionary's hook point. */
export interface EncodedRows {
  /** `[n, dModel]` */
  readonly rows: Float32Array;
  readonly active: SparseActivations;
}

/** As `eachSequence` at the dictionary's hook point, with the latents. */
export async function eachEncoded(
  models: readonly LanguageModel[],
  { dictionary, encode }: Reader,
  sequences: readonly ReadSequence[],
  visit: (index: number, seen: readonly EncodedRows[]) => void,
  options: AskOptions = {},
): Promise<void> {
  await eachBatch(
    models,
    sequences,
    [dictionary.hook],
    async ({ runs, rows, width }) => {
      const encoded: EncodedRows[] = [];
      for (const [h] of rows)
        encoded.push({ rows: must(h, "hook"), active: await encode(dictionary, must(h, "hook")) });
      for (const { index, start, end } of runs)
        visit(
          index,
          encoded.map((all) => part(all, width, start, end)),
        );
    },
    options,
  );
}

function part({ rows, active }: EncodedRows, width: number, start: number, end: number): EncodedRows {
  const { k, latents, values } = active;
  return {
    rows: rows.subarray(start * width, end * width),
    active: {
      tokens: end - start,
      k,
      latents: latents.subarray(start * k, end * k),
      values: values.subarray(start * k, end * k),
    },
  };
}

interface Batch {
  readonly runs: readonly Run[];
  /** Per model and hook. */
  readonly rows: readonly Rows[];
  readonly width: number;
}

/** A sequence's rows in a batch; the engine never splits a sequence. */
interface Run {
  readonly index: number;
  readonly start: number;
  readonly end: number;
}

async function eachBatch(
  models: readonly LanguageModel[],
  sequences: readonly ReadSequence[],
  hooks: readonly HookName[],
  visit: (batch: Batch) => void | Promise<void>,
  options: AskOptions,
): Promise<void> {
  const width = must(models[0], "a model").source.definition.dimensions.dModel;
  for (let start = 0; start < sequences.length; start += TOGETHER) {
    const group = sequences.slice(start, start + TOGETHER);
    const runs: Run[][] = [];
    const read: Rows[][] = [];
    for (const [m, model] of models.entries()) {
      const batches: Rows[] = [];
      const add = ({ owners, rows }: { readonly owners: readonly number[]; readonly rows: Rows }) => {
        batches.push(rows);
        if (m === 0) runs.push(runsOf(owners, start));
      };
      await model.activations(group, hooks, add, options);
      read.push(batches);
    }
    for (const [b, ofBatch] of runs.entries())
      await visit({ runs: ofBatch, rows: read.map((batches) => must(batches[b], "batch")), width });
  }
}

function runsOf(owners: readonly number[], offset: number): Run[] {
  const starts = owners.flatMap((owner, i) => (i === 0 || owner !== owners[i - 1] ? [i] : []));
  return starts.map((start, r) => ({
    index: offset + must(owners[start], "owner"),
    start,
    end: starts[r + 1] ?? owners.length,
  }));
}

/**
 * The sequences without the position of a leading BOS: it draws attention from everywhere, has an activation many times
 * as long as any other token's, and is the same in every text.
 */
export function withoutBos({ tokenizer }: LanguageModel, sequences: readonly ReadSequence[]): ReadSequence[] {
  const isBos = (ids: readonly number[]) => tokenizer.bosId !== null && ids[0] === tokenizer.bosId;
  return sequences.map((sequence) => ({
    ...sequence,
    positions: isBos(sequence.ids) ? sequence.positions.filter((position) => position !== 0) : sequence.positions,
  }));
}
