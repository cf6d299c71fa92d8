/** Activations as a stream that is pulled: memory holds one group of sequences at a time. */
import { elementCount, must } from "../core/index.ts";
import type { LanguageModel, ReadSequence } from "../engine/index.ts";
import { type HookName, hookShape } from "../models/index.ts";

export interface ActivationGroup {
  /** The sequences of this group. */
  readonly sequences: readonly ReadSequence[];
  /** For each sequence, `[its positions, width]`, in the order of its positions; several hook points stand side by side. */
  readonly rows: readonly Float32Array[];
}

export interface ReadOptions {
  /** Tokens of a group, at least; default 8,192. */
  readonly groupTokens?: number;
  readonly signal?: AbortSignal;
}

/** Activations of `sequences` (which may never end) at their positions, group by group, in the order given. */
export async function* readActivations(
  model: LanguageModel,
  sequences: Iterable<ReadSequence> | AsyncIterable<ReadSequence>,
  hooks: HookName | readonly HookName[],
  { groupTokens = 8192, signal }: ReadOptions = {},
): AsyncGenerator<ActivationGroup> {
  const places = typeof hooks === "string" ? [hooks] : hooks;
  for await (const group of groups(sequences, groupTokens)) yield await readGroup(model, group, places, signal);
}

/** Numbers that a hook point of the model shows a token. */
export function hookWidth({ source }: Pick<LanguageModel, "source">, hook: HookName): number {
  return elementCount(must(hookShape(hook, source.definition.dimensions), `a fixed width at ${hook}`));
}

async function* groups(
  sequences: Iterable<ReadSequence> | AsyncIterable<ReadSequence>,
  tokens: number,
): AsyncGenerator<ReadSequence[]> {
  let [group, held]: [ReadSequence[], number] = [[], 0];
  for await (const sequence of sequences) {
    group.push(sequence);
    held += sequence.ids.length;
    if (held < tokens) continue;
    yield group;
    [group, held] = [[], 0];
  }
  if (group.length > 0) yield group;
}

async function readGroup(
  model: LanguageModel,
  sequences: readonly ReadSequence[],
  hooks: readonly HookName[],
  signal: AbortSignal | undefined,
): Promise<ActivationGroup> {
  const widths = hooks.map((hook) => hookWidth(model, hook));
  const total = widths.reduce((sum, width) => sum + width, 0);
  const rows = sequences.map(({ positions }) => new Float32Array(positions.length * total));
  const filled = sequences.map(() => 0);
  const visit = (owners: readonly number[], from: readonly Float32Array[]) => {
    for (const [i, owner] of owners.entries()) {
      let at = (filled[owner] as number) * total;
      for (const [h, width] of widths.entries()) {
        rows[owner]?.set((from[h] as Float32Array).subarray(i * width, (i + 1) * width), at);
        at += width;
      }
      filled[owner] = (filled[owner] as number) + 1;
    }
  };
  await model.activations(sequences, hooks, ({ owners, rows: from }) => visit(owners, from), signal ? { signal } : {});
  return { sequences, rows };
}

/** The rows of several arrays of one width, one after the other. */
export function concatRows(parts: readonly Float32Array[]): Float32Array {
  const out = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** Of `rows [n, Σ widths]`: the columns of one place. */
export function columnsOf(rows: Float32Array, widths: readonly number[], place: number): Float32Array {
  const total = widths.reduce((sum, width) => sum + width, 0);
  const start = widths.slice(0, place).reduce((sum, width) => sum + width, 0);
  const width = widths[place] as number;
  if (width === total) return rows;
  const n = rows.length / total;
  const out = new Float32Array(n * width);
  for (let t = 0; t < n; t++) out.set(rows.subarray(t * total + start, t * total + start + width), t * width);
  return out;
}
