import { must, UserError } from "../core/index.ts";
import type { DataRecord } from "../records/index.ts";
import { hashFile } from "../store/index.ts";
import { readDataset } from "./dataset.ts";
import { type DatasetRow, type Fault, rejectedConversation } from "./dataset-row.ts";
import { encodeWhole } from "./encode-row.ts";
import { reasoningTraces } from "./reasoning-traces.ts";
import type { Tokenizer } from "./tokenizer-types.ts";

interface Length {
  /** Tokens of the row, whole; of a pair, of the longer answer's. */
  readonly whole: number;
  /** Tokens of it that are trained on, and how many of them carry loss. */
  readonly kept: number;
  readonly response: number;
}

export interface ValidateOptions {
  readonly maxLength: number;
  /** Are both answers of a preference row trained on, and not the preferred one alone? */
  readonly pairs?: boolean;
}

/**
 * Checks a training file: every fault with its line, and where a tokenizer is at hand the tokens that it comes to.
 * `total` and `response` count what one epoch trains on (after truncation), `longest` and `median` whole rows.
 */
export async function validateDataset(
  file: string,
  tokenizer: Tokenizer | null,
  options: ValidateOptions,
): Promise<DataRecord> {
  const { maxLength } = options;
  const { rows, faults, format, rowCount } = await readDataset(file);
  const all: Fault[] = [...faults];
  const lengths: Length[] = [];
  for (const row of tokenizer ? rows : []) {
    const found = measure(row, must(tokenizer, "tokenizer"), options);
    if ("code" in found) all.push(found);
    else lengths.push(found);
  }
  return {
    schemaVersion: 1,
    file,
    sha256: await hashFile(file),
    format,
    rows: rowCount,
    usableRows: tokenizer ? lengths.length : rows.length,
    faults: all.sort((a, b) => a.line - b.line),
    tokens: tokenizer && countTokens(lengths, maxLength),
    reasoning: reasoningTraces(rows),
  };
}

function measure(row: DatasetRow, tokenizer: Tokenizer, { maxLength, pairs = false }: ValidateOptions): Length | Fault {
  const sides = pairs && row.format === "preference" ? [row, rejectedConversation(row)] : [row];
  try {
    const lengths = sides.map((side) => lengthOf(side, tokenizer, maxLength));
    const barren = lengths.find(({ response }) => response === 0);
    if (barren) return nothingToLearn(row.line, barren.whole, maxLength);
    return {
      whole: Math.max(...lengths.map(({ whole }) => whole)),
      kept: sum(lengths.map(({ kept }) => kept)),
      response: sum(lengths.map(({ response }) => response)),
    };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { line: row.line, code: "template_error", message: error.message };
  }
}

function lengthOf(row: DatasetRow, tokenizer: Tokenizer, maxLength: number): Length {
  const { ids, weights } = encodeWhole(row, tokenizer);
  const kept = Math.min(ids.length, maxLength);
  return { whole: ids.length, kept, response: weights.slice(0, kept).filter((weight) => weight > 0).length };
}

function nothingToLearn(line: number, whole: number, maxLength: number): Fault {
  const why = whole > maxLength ? `its ${whole} tokens are cut to ${maxLength}` : "it has no response";
  return { line, code: "no_response_tokens", message: `nothing is learned from this row: ${why}` };
}

function countTokens(lengths: readonly Length[], maxLength: number): DataRecord["tokens"] {
  const sorted = lengths.map(({ whole }) => whole).sort((a, b) => a - b);
  const middle = sorted.slice(Math.floor((sorted.length - 1) / 2), Math.floor(sorted.length / 2) + 1);
  return {
    total: sum(lengths.map(({ kept }) => kept)),
    response: sum(lengths.map(({ response }) => response)),
    longest: sorted.at(-1) ?? 0,
    median: middle.length > 0 ? sum(middle) / middle.length : 0,
    truncatedRows: lengths.filter(({ whole }) => whole > maxLength).length,
    maxLength,
  };
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
