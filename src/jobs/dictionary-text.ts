/** Text on which dictionaries are trained and judged: a corpus, or what the model itself says. */
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { CancelledError, must, UserError } from "../core/index.ts";
import { encodeRow, readDataset, type Tokenizer } from "../data/index.ts";
import { leftOutOf, leftOutPositions } from "../dictionaries/index.ts";
import type { LanguageModel, ReadSequence } from "../engine/index.ts";

/**
 * Longer texts are cut into windows: a dictionary reads tokens, and attention grows with the square. Where the tokenizer begins
 * texts with BOS, every window has it (it counts as one of the tokens), as in the training of SAELens and Gemma Scope.
 */
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

/**
 * Sequences for as long as they are asked for; a corpus begins again at its end. The first token is not read, nor what else
 * dictionaries of the model leave out.
 */
export async function* textOf(
  model: LanguageModel,
  { corpus, seed, signal }: TextOptions,
): AsyncGenerator<ReadSequence> {
  if (corpus === null) yield* samples(model, seed, signal);
  const sequences = corpus === null ? [] : await corpusSequences(corpus, model);
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

/** How text is cut and read. */
export interface TextReader {
  readonly tokenizer: Tokenizer;
  /** BOS where the tokenizer begins texts with it; empty where it does not, though it may have one. */
  readonly head: readonly number[];
  /** Tokens at the head of a text that are not read. */
  readonly leftOut: readonly number[];
}

/** For dictionaries of the model of that name; null: of one that has none. */
export function textReader(tokenizer: Tokenizer, modelName: string | null): TextReader {
  const { bosId } = tokenizer;
  const [first] = tokenizer.encode("", { addSpecialTokens: true });
  return { tokenizer, head: bosId !== null && first === bosId ? [bosId] : [], leftOut: leftOutOf(modelName) };
}

type Named = Pick<LanguageModel, "tokenizer" | "source">;

const readerOf = ({ tokenizer, source }: Named) => textReader(tokenizer, source.name);

/** All windows of a corpus, text by text. */
export async function corpusSequences(corpus: string, model: Named): Promise<ReadSequence[]> {
  return (await corpusTexts(corpus, readerOf(model))).flat();
}

/** The windows of each text of a corpus that has something to read. `UserError` where none has. */
export async function corpusTexts(corpus: string, reader: TextReader): Promise<ReadSequence[][]> {
  const { tokenizer } = reader;
  const ids = corpus.endsWith(".jsonl") ? await rowIds(corpus, tokenizer) : await textIds(corpus, tokenizer);
  const texts = ids.map((text) => windows(text, reader)).filter((of) => of.length > 0);
  if (texts.length === 0)
    throw new UserError(`corpus ${corpus}`, { expected: "text", got: "none", fix: "give a file with text" });
  return texts;
}

/** Rows of training data, at the positions that carry loss: what the model is taught to say. */
export async function responseSequences(file: string, model: Named): Promise<ReadSequence[]> {
  const reader = readerOf(model);
  const { rows } = await readDataset(file);
  return rows.map((row) => {
    const { ids, weights } = encodeRow(row, model.tokenizer, { maxLength: 4 * WINDOW });
    return { ids: [...ids], positions: readPositions([...ids], reader).filter((t) => weights[t] !== 0) };
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

/** At most `WINDOW` tokens each, with something to read. */
function windows(ids: readonly number[], reader: TextReader): ReadSequence[] {
  const { head } = reader;
  const text = head.length > 0 && ids[0] === head[0] ? ids.slice(1) : ids;
  const out: ReadSequence[] = [];
  for (let start = 0; start < text.length; start += WINDOW - head.length) {
    const part = [...head, ...text.slice(start, start + WINDOW - head.length)];
    const positions = readPositions(part, reader);
    if (positions.length > 0) out.push({ ids: part, positions });
  }
  return out;
}

/** All but the first, which attention uses as a sink, and what dictionaries leave out. */
function readPositions(ids: readonly number[], { tokenizer, leftOut }: TextReader): number[] {
  return [...ids.keys()].slice(Math.max(1, leftOutPositions(ids, leftOut, tokenizer)));
}

/** The model speaks freely from the token that begins its texts, at temperature 1. */
async function* samples(
  model: LanguageModel,
  seed: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<ReadSequence> {
  const { tokenizer, source } = model;
  const reader = readerOf(model);
  const first = must(tokenizer.bosId ?? tokenizer.eosIds[0], "a token that begins texts");
  const length = Math.min(WINDOW, source.definition.maxPositions);
  for (let round = 0; ; round++) {
    if (signal?.aborted) throw new CancelledError("sampling");
    const prompts = Array.from({ length: ROUND }, () => [first]);
    const options = { maxNewTokens: length - 1, temperature: 1, seed: seed * 1_000_003 + round, batchRows: ROUND };
    // Nothing ends a text but its length: an end of turn is part of it.
    const answers = await model.generate(prompts, { ...options, stopIds: [], ...(signal ? { signal } : {}) });
    for (const answer of answers) yield* windows([first, ...answer], reader);
  }
}
