import { createReadStream } from "node:fs";
import { UserError } from "../core/index.ts";
import { appendLine, atomicWriteFile } from "./write.ts";

/** One line of a file, without its line break. */
export interface Line {
  /** 1-based. */
  readonly number: number;
  readonly text: string;
  /** False for a last line that no line break ends. */
  readonly ended: boolean;
}

/**
 * The lines of a UTF-8 file as a stream, split at "\n" alone (JSON text may hold U+2028, at which Node's readline
 * splits as well). Bytes that are no UTF-8 are a `UserError` with their line.
 */
export async function* readLines(path: string): AsyncGenerator<Line> {
  const decode = decoderOf(path);
  let number = 0;
  let rest: Buffer[] = [];
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 18 }) as AsyncIterable<Buffer>) {
    let from = 0;
    for (let to = chunk.indexOf(0x0a); to >= 0; to = chunk.indexOf(0x0a, from)) {
      const bytes = Buffer.concat([...rest, chunk.subarray(from, to)]);
      rest = [];
      from = to + 1;
      yield { number: ++number, text: decode(bytes, number), ended: true };
    }
    if (from < chunk.length) rest.push(chunk.subarray(from));
  }
  if (rest.length > 0) yield { number: ++number, text: decode(Buffer.concat(rest), number), ended: false };
}

function decoderOf(path: string): (bytes: Uint8Array, line: number) => string {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  return (bytes, line) => {
    try {
      return decoder.decode(bytes);
    } catch {
      throw lineFault(path, line, "UTF-8 text", "other bytes");
    }
  };
}

/** What turns parsed JSON into a checked value: a zod schema, for one. Throws where it does not fit. */
export interface Parser<T> {
  parse(value: unknown): T;
}

/**
 * The rows of one of our own JSON Lines files, each checked by `schema`, as a stream. Blank lines are passed over; a
 * last line that a killed process left unfinished is no row; any other fault is a `UserError` with its line.
 * (A user's training file is `data`'s to validate.)
 */
export async function* readJsonl<T>(path: string, schema: Parser<T>): AsyncGenerator<T> {
  for await (const line of readLines(path)) {
    if (line.text.trim() === "") continue;
    const value = parseJson(line.text);
    if (value === undefined && !line.ended) return;
    if (value === undefined)
      throw lineFault(path, line.number, "one JSON value", JSON.stringify(line.text.slice(0, 40)));
    yield checked(value, schema, path, line.number);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // No JSON text parses to undefined, so it can stand for "no JSON".
    return undefined;
  }
}

function checked<T>(value: unknown, schema: Parser<T>, path: string, line: number): T {
  try {
    return schema.parse(value);
  } catch (error) {
    const why = error instanceof Error ? error.message.replace(/\s+/g, " ").slice(0, 200) : String(error);
    throw lineFault(path, line, "a row of its schema", why);
  }
}

function lineFault(path: string, line: number, expected: string, got: string): UserError {
  return new UserError(`${path}:${line}`, {
    expected,
    got,
    fix: "mend the line, or remove the file to have it made again",
  });
}

/** Writes rows as JSON Lines, atomically and as a stream; gives their number. */
export async function writeJsonl(path: string, rows: Iterable<unknown> | AsyncIterable<unknown>): Promise<number> {
  let count = 0;
  async function* lines() {
    for await (const row of rows) {
      count++;
      yield `${JSON.stringify(row)}\n`;
    }
  }
  await atomicWriteFile(path, lines());
  return count;
}

/** Appends one row to a JSON Lines file. */
export async function appendJsonl(path: string, row: unknown): Promise<void> {
  await appendLine(path, JSON.stringify(row));
}
