import { UserError } from "../../core/index.ts";
import type { GgufHeader, GgufValue } from "./header.ts";

/** Typed reading of a header's metadata; each mismatch is a `UserError` that names the key. */
export class Metadata {
  private readonly values: ReadonlyMap<string, GgufValue>;
  private readonly file: string;

  constructor(header: GgufHeader, file: string) {
    this.values = header.metadata;
    this.file = file;
  }

  has(key: string): boolean {
    return this.values.has(key);
  }

  fault(expected: string, got: string): UserError {
    const fix = "use a GGUF made by llama.cpp's converter, or the model's safetensors folder";
    return new UserError(`GGUF file ${this.file}`, { expected, got, fix });
  }

  private read<T>(
    key: string,
    kind: string,
    fallback: T | undefined,
    is: (value: GgufValue) => value is GgufValue & T,
  ): T {
    const value = this.values.get(key);
    if (value === undefined && fallback !== undefined) return fallback;
    if (value !== undefined && is(value)) return value;
    throw this.fault(`${key} as ${kind}`, value === undefined ? "no such key" : `another kind of value`);
  }

  /** A count: a whole number from 0 on. */
  count(key: string, fallback?: number): number {
    const isCount = (value: GgufValue): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
    return this.read(key, "a whole number", fallback, isCount);
  }

  /** A number; what was stored in 32 bits comes as the shortest decimal that stands for it (1e-6, not 9.99999997e-7). */
  number(key: string, fallback?: number): number {
    const isNumber = (value: GgufValue): value is number => Number.isFinite(value);
    return shortestDecimal(this.read(key, "a number", fallback, isNumber));
  }

  text(key: string, fallback?: string): string {
    return this.read(key, "text", fallback, (value): value is string => typeof value === "string");
  }

  flag(key: string, fallback: boolean): boolean {
    return this.read(key, "true or false", fallback, (value): value is boolean => typeof value === "boolean");
  }

  texts(key: string): readonly string[] {
    return this.list(key, "a list of texts", (item) => typeof item === "string");
  }

  numbers(key: string): readonly number[] {
    return this.list(key, "a list of numbers", (item) => typeof item === "number");
  }

  private list<T extends GgufValue>(key: string, kind: string, is: (item: GgufValue) => item is T): readonly T[] {
    const isList = (value: GgufValue): value is readonly T[] => Array.isArray(value) && value.every(is);
    return this.read<readonly T[]>(key, kind, undefined, isList);
  }
}

function shortestDecimal(value: number): number {
  if (Math.fround(value) !== value) return value;
  for (let digits = 1; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return value;
}
