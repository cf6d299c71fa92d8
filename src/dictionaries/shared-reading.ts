/**
 * One reading of a text for several who learn from it side by side, each at hook points of its own: a forward pass
 * serves all of them. What one has not taken yet waits for it, so they should go at one pace.
 */
import { must } from "../core/index.ts";
import type { LanguageModel, ReadSequence } from "../engine/index.ts";
import type { HookName } from "../models/index.ts";
import { columnsOf, concatRows, hookWidth, type ReadOptions, readActivations } from "./read.ts";

/** For each list of hook points the stream of its rows, `[n, Σ widths]` a piece. */
export function sharedReading(
  model: LanguageModel,
  sequences: Iterable<ReadSequence> | AsyncIterable<ReadSequence>,
  readers: readonly (readonly HookName[])[],
  options: ReadOptions = {},
): AsyncGenerator<Float32Array>[] {
  const hooks = [...new Set(readers.flat())];
  const widths = hooks.map((hook) => hookWidth(model, hook));
  async function* pieces() {
    for await (const { rows } of readActivations(model, sequences, hooks, options)) yield concatRows(rows);
  }
  const streams = teed(pieces(), readers.length);
  return readers.map((own, i) => ownColumns(must(streams[i], "stream"), own, { hooks, widths }));
}

async function* ownColumns(
  stream: AsyncGenerator<Float32Array>,
  own: readonly HookName[],
  all: { readonly hooks: readonly HookName[]; readonly widths: readonly number[] },
): AsyncGenerator<Float32Array> {
  const places = own.map((hook) => all.hooks.indexOf(hook));
  const widths = places.map((place) => must(all.widths[place], "width"));
  for await (const rows of stream)
    yield sideBySide(
      places.map((place) => columnsOf(rows, all.widths, place)),
      widths,
    );
}

/** Blocks `[n, width]` as one, `[n, Σ widths]`. */
function sideBySide(blocks: readonly Float32Array[], widths: readonly number[]): Float32Array {
  const [first] = blocks;
  if (blocks.length === 1 && first) return first;
  const total = widths.reduce((sum, width) => sum + width, 0);
  const n = must(first, "block").length / must(widths[0], "width");
  const out = new Float32Array(n * total);
  let at = 0;
  for (const [b, block] of blocks.entries()) {
    const width = must(widths[b], "width");
    for (let t = 0; t < n; t++) out.set(block.subarray(t * width, (t + 1) * width), t * total + at);
    at += width;
  }
  return out;
}

/** As many streams as asked for, each with all that `source` gives; it is drawn from when one of them has run out. */
export function teed<T>(source: AsyncIterable<T>, count: number): AsyncGenerator<T>[] {
  const iterator = source[Symbol.asyncIterator]();
  const waiting = new Map<number, T[]>(Array.from({ length: count }, (_, i) => [i, []]));
  let drawing: Promise<boolean> | null = null;
  const draw = async () => {
    const { value, done } = await iterator.next();
    if (!done) for (const queue of waiting.values()) queue.push(value);
    return done !== true;
  };
  async function* reader(i: number): AsyncGenerator<T> {
    const queue = must(waiting.get(i), "queue");
    try {
      for (;;) {
        while (queue.length > 0) yield queue.shift() as T;
        drawing ??= draw().finally(() => {
          drawing = null;
        });
        if (!(await drawing) && queue.length === 0) return;
      }
    } finally {
      waiting.delete(i);
      if (waiting.size === 0) await iterator.return?.();
    }
  }
  return Array.from({ length: count }, (_, i) => reader(i));
}
