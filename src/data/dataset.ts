import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { UserError } from "../core/index.ts";
import { type DatasetFormat, type DatasetRow, type Fault, type FaultCode, parseRow } from "./dataset-row.ts";

/** What a JSONL data file holds. */
export interface Dataset {
  /** The rows without fault, in file order. */
  readonly rows: readonly DatasetRow[];
  /** In file order. */
  readonly faults: readonly Fault[];
  /** The format of the first row whose format can be told; rows of another one are faults. */
  readonly format: DatasetFormat | null;
  /** Lines that are not blank, faulty ones included. */
  readonly rowCount: number;
}

const maxLineBytes = 10 * 2 ** 20;
/** Beyond so many, a file is something else than JSONL; one last fault says that the list was cut. */
const maxFaults = 100_000;

/**
 * Reads a JSONL training file and finds all its faults; or no further than to the row without fault that is the `most`-th.
 * Throws a `UserError` where there is no file, never for content.
 */
export async function readDataset(file: string, most = Number.POSITIVE_INFINITY): Promise<Dataset> {
  await checkFile(file);
  const reader = new DatasetReader();
  for await (const line of linesOf(file)) {
    reader.add(line);
    if (reader.usable >= most) break;
  }
  return reader.finish();
}

async function checkFile(file: string): Promise<void> {
  const found = await stat(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return null;
    throw error;
  });
  if (found?.isFile()) return;
  const got = found ? "something that is no file" : "nothing there";
  throw new UserError(`data file ${file}`, { expected: "a JSONL file", got, fix: "check the path" });
}

class DatasetReader {
  private readonly rows: DatasetRow[] = [];
  private readonly faults: Fault[] = [];
  private format: DatasetFormat | null = null;
  private rowCount = 0;
  private cut = false;

  /** Rows without fault so far. */
  get usable(): number {
    return this.rows.length;
  }

  add({ bytes, number, tooLong }: Line): void {
    if (tooLong) {
      this.rowCount++;
      this.report(number, "line_too_long", `a line may have ${maxLineBytes} bytes`);
      return;
    }
    const text = decode(bytes, number === 1);
    if (text === null) {
      this.rowCount++;
      this.report(number, "invalid_utf8", "the line is not valid UTF-8");
    } else if (text.trim() === "") this.report(number, "empty_line", "the line is empty");
    else this.addRow(text, number);
  }

  private addRow(text: string, number: number): void {
    this.rowCount++;
    const { row, format, faults } = parseRow(text, number);
    for (const fault of faults) this.report(number, fault.code, fault.message);
    this.format ??= format;
    if (format !== null && format !== this.format) {
      this.report(number, "mixed_formats", `a ${format} row in a file of ${this.format} rows`);
    } else if (row) this.rows.push(row);
  }

  private report(line: number, code: FaultCode, message: string): void {
    if (this.faults.length < maxFaults) this.faults.push({ line, code, message });
    else if (!this.cut) {
      this.cut = true;
      this.faults.push({ line, code: "too_many_faults", message: `only the first ${maxFaults} faults are listed` });
    }
  }

  finish(): Dataset {
    if (this.rowCount === 0) this.report(1, "empty_file", "the file has no rows");
    return { rows: this.rows, faults: this.faults, format: this.format, rowCount: this.rowCount };
  }
}

/** The text of a line without its byte order mark; null where the bytes are not UTF-8. */
function decode(bytes: Uint8Array, first: boolean): string | null {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return first && text.startsWith("\uFEFF") ? text.slice(1) : text;
  } catch {
    return null;
  }
}

interface Line {
  readonly bytes: Uint8Array;
  /** 1-based. */
  readonly number: number;
  /** Its bytes were dropped. */
  readonly tooLong: boolean;
}

/** The lines of a file; what follows the last line end is a line only where it is not empty. Memory: one line. */
async function* linesOf(file: string): AsyncGenerator<Line> {
  let number = 1;
  let parts: Buffer[] = [];
  let held = 0;
  const take = (): Line => {
    const line = { bytes: Buffer.concat(parts), number: number++, tooLong: held > maxLineBytes };
    parts = [];
    held = 0;
    return line;
  };
  const hold = (part: Buffer) => {
    held += part.length;
    if (held <= maxLineBytes) parts.push(part);
    else parts = [];
  };
  for await (const chunk of createReadStream(file, { highWaterMark: 2 ** 20 }) as AsyncIterable<Buffer>) {
    let from = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      hold(chunk.subarray(from, end));
      yield take();
      from = end + 1;
    }
    if (from < chunk.length) hold(chunk.subarray(from));
  }
  if (held > 0) yield take();
}
