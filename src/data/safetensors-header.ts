import { elementCount, UserError } from "../core/index.ts";
import { dtypeBytes, type SafetensorsDtype } from "./dtype.ts";
import { duplicateKey } from "./json-keys.ts";

/** Where a tensor's bytes lie on disk. */
export interface TensorLocation {
  readonly name: string;
  readonly dtype: SafetensorsDtype;
  readonly shape: readonly number[];
  /** Real path: links are resolved. */
  readonly file: string;
  /** Absolute, in bytes; may exceed 4 GiB. */
  readonly offset: number;
  readonly byteLength: number;
}

/** The reference implementation's cap on the header, in bytes. */
export const maxHeaderBytes = 100_000_000;

export function damaged(file: string, expected: string, got: string): UserError {
  return new UserError(`safetensors file ${file}`, { expected, got, fix: "download or export the file again" });
}

/** Parses and checks the JSON of a header whose data starts at `dataStart` in a file of `fileBytes` bytes. */
export function parseSafetensorsHeader(
  header: Uint8Array,
  { file, dataStart, fileBytes }: { file: string; dataStart: number; fileBytes: number },
): TensorLocation[] {
  const entries = Object.entries(parseJsonObject(header, file));
  const locations = entries
    .filter(([name]) => name !== "__metadata__")
    .map(([name, entry]) => parseEntry(file, name, entry, dataStart));
  locations.sort((a, b) => a.offset - b.offset || a.byteLength - b.byteLength);
  checkCover(file, locations, dataStart, fileBytes);
  return locations;
}

function parseJsonObject(header: Uint8Array, file: string): Record<string, unknown> {
  let parsed: unknown;
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(header);
    parsed = JSON.parse(text);
  } catch (error) {
    throw damaged(file, "a JSON header", error instanceof Error ? error.message.slice(0, 120) : "rubbish");
  }
  if (!isRecord(parsed)) throw damaged(file, "a JSON object as header", JSON.stringify(parsed).slice(0, 60));
  const twice = duplicateKey(text);
  if (twice !== null) throw damaged(file, "every name once", `${JSON.stringify(twice)} twice`);
  return parsed;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function parseEntry(file: string, name: string, entry: unknown, dataStart: number): TensorLocation {
  const subject = `tensor ${JSON.stringify(name)}`;
  if (!isRecord(entry)) throw damaged(file, `${subject} as an object`, JSON.stringify(entry).slice(0, 60));
  const unknown = Object.keys(entry).find((key) => !["dtype", "shape", "data_offsets"].includes(key));
  if (unknown !== undefined) throw damaged(file, `${subject} with dtype, shape, data_offsets`, `the key ${unknown}`);
  const { dtype, shape, data_offsets: offsets } = entry;
  if (typeof dtype !== "string" || !Object.hasOwn(dtypeBytes, dtype)) {
    throw damaged(file, `${subject} of a known dtype (${Object.keys(dtypeBytes).join(", ")})`, `${dtype}`);
  }
  if (!Array.isArray(shape) || !shape.every(isCount)) {
    throw damaged(file, `${subject} with a shape of whole numbers`, `${JSON.stringify(shape)}`.slice(0, 80));
  }
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount)) {
    throw damaged(file, `${subject} with two data_offsets`, `${JSON.stringify(offsets)}`.slice(0, 80));
  }
  const [begin, end] = offsets as [number, number];
  const bytes = elementCount(shape) * dtypeBytes[dtype as SafetensorsDtype];
  if (bytes !== end - begin) {
    throw damaged(file, `${subject} ${dtype} [${shape}] in ${bytes} bytes`, `${end - begin} bytes`);
  }
  return { name, dtype: dtype as SafetensorsDtype, shape, file, offset: dataStart + begin, byteLength: bytes };
}

/** The format's rule: tensors neither overlap nor leave holes, and fill the file to its end. */
function checkCover(file: string, sorted: readonly TensorLocation[], dataStart: number, fileBytes: number): void {
  let at = dataStart;
  for (const { name, offset, byteLength } of sorted) {
    const begin = offset - dataStart;
    if (offset < at) throw damaged(file, "tensors that do not overlap", `${JSON.stringify(name)} at offset ${begin}`);
    if (offset > at) throw damaged(file, "tensors without holes between", `a hole before ${JSON.stringify(name)}`);
    at = offset + byteLength;
    if (at > fileBytes) {
      throw damaged(file, `at least ${at} bytes (${JSON.stringify(name)} ends there)`, `${fileBytes}: it is truncated`);
    }
  }
  if (at !== fileBytes) throw damaged(file, `${at} bytes in all`, `${fileBytes}`);
}
