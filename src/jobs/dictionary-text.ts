/** Text on which dictionaries are trained and judged: a corpus, or what the model itself says. */
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { CancelledError, must, UserError } from "../core/index.ts";
import { encodeRow, readDataset, type Tokenizer } from "../data/index.ts";
import type { LanguageModel, ReadSequence } from "../engine/index.ts";

/** Longer texts are cut into windows: a dictionary reads tokens, and attention grows with the square. */
const WINDOW = 128;
/** Samples of one round of generation. */
const ROUND = 16;

export interface TextOptions {
  /** A .txt file (texts with an empty line between) or .jsonl training rows; null: the model's own samples. */
  readonly corpus: string | null;
  readonly seed: number;
  readonly signal?: AbortSignal;
}

/** What `textOf` reads, in words. */
export function textWords(corpus: string | null, seed: number): string {
  return corpus === null ? `its own samples at temperature 1 (seed ${seed})` : basename(corpus);
}

/** Sequences for as long as they are asked for; a corpus begins again at its end. The first token is not read. */
export async function* textOf(
  model: LanguageModel,
  { corpus, seed, signal }: TextOptions,
): AsyncGenerator<ReadSequence> {
  if (corpus === null) yield* samples(model, seed, signal);
  const sequences = corpus === null ? [] : await corpusSequences(corpus, model.tokenizer);
  for (;;) yield* sequences;
}

/** As many of them as hold `tokens` read positions. */
export async function take(from: AsyncIterable<ReadSequence>, tokens: number): Promise<ReadSequence[]> {
  const taken: ReadSequence[] = [];
  let held = 0;
  for await (const sequence of from) {
    taken.push(sequence);
    held += sequence.positions.length;
    if (held >= tokens) break;
  }
  return taken;
}

export async function corpusSequences(corpus: string, tokenizer: Tokenizer): Promise<ReadSequence[]> {
  const texts = corpus.endsWith(".jsonl") ? await rowIds(corpus, tokenizer) : await textIds(corpus, tokenizer);
  const sequences = texts.flatMap(windows);
  if (sequences.length === 0)
    throw new UserError(`corpus ${corpus}`, { expected: "text", got: "none", fix: "give a file with text" });
  return sequences;
}

/** Rows of training data, at the positions that carry loss: what the model is taught to say. */
export async function responseSequences(file: string, tokenizer: Tokenizer): Promise<ReadSequence[]> {
  const { rows } = await readDataset(file);
  return rows.map((row) => {
    const { ids, weights } = encodeRow(row, tokenizer, { maxLength: 4 * WINDOW });
    return { ids: [...ids], positions: [...weights.keys()].filter((t) => weights[t] !== 0) };
  });
}

async function rowIds(file: string, tokenizer: Tokenizer): Promise<number[][]> {
  const { rows } = await readDataset(file);
  return rows.map((row) => [...encodeRow(row, tokenizer, { maxLength: 4 * WINDOW }).ids]);
}

async function textIds(file: string, tokenizer: Tokenizer): Promise<number[][]> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
    throw new UserError(`corpus ${file}`, { expected: "a file", got: "nothing there", fix: "check the path" });
  });
  const parts = text.split(/\n\s*\n/).filter((part) => part.trim() !== "");
  return parts.map((part) => tokenizer.encode(part, { addSpecialTokens: true }));
}

function windows(ids: readonly number[]): ReadSequence[] {
  const out: ReadSequence[] = [];
  for (let start = 0; start < ids.length; start += WINDOW) {
    const part = ids.slice(start, start + WINDOW);
    if (part.length > 1) out.push({ ids: part, positions: [...part.keys()].slice(1) });
  }
  return out;
}

/** The model speaks freely from the token that begins its texts, at temperature 1. */
async function* samples(
  model: LanguageModel,
  seed: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<ReadSequence> {
  const { tokenizer, source } = model;
  const first = must(tokenizer.bosId ?? tokenizer.eosIds[0], "a token that begins texts");
  const length = Math.min(WINDOW, source.definition.maxPositions);
  for (let round = 0; ; round++) {
    if (signal?.aborted) throw new CancelledError("sampling");
    const prompts = Array.from({ length: ROUND }, () => [first]);
    const options = { maxNewTokens: length - 1, temperature: 1, seed: seed * 1_000_003 + round, batchRows: ROUND };
    // Nothing ends a text but its length: an end of turn is part of it.
    const answers = await model.generate(prompts, { ...options, stopIds: [], ...(signal ? { signal } : {}) });
    for (const answer of answers) yield* windows([first, ...answer]);
  }
}
