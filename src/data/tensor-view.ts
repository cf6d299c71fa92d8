/**
 * Tensors where they lie: in a file (or in bytes that had to be inflated), with any strides. A row, a column or the
 * transpose is another view of the same bytes, so that one latent of a large dictionary is read without the rest.
 */
import { type FileHandle, open } from "node:fs/promises";
import { elementCount, UserError } from "../core/index.ts";
import { bytesToFloats, dtypeBytes, isFloatDtype, type SafetensorsDtype } from "./dtype.ts";
import type { TensorLocation } from "./safetensors-header.ts";

export interface TensorView {
  /** For messages. */
  readonly name: string;
  /** Path of the file, or the bytes themselves. */
  readonly source: string | Uint8Array;
  /** Of the first element, in bytes. */
  readonly offset: number;
  readonly dtype: SafetensorsDtype;
  readonly shape: readonly number[];
  /** In elements, one per axis, not negative; 0 repeats. */
  readonly strides: readonly number[];
  /** What is read is multiplied by this; default 1. */
  readonly scale?: number;
}

/** Strides of a tensor in row-major order. */
export function rowMajor(shape: readonly number[]): number[] {
  return shape.map((_, axis) => elementCount(shape.slice(axis + 1)));
}

/** A tensor of a safetensors file. */
export function viewOf({ name, file, offset, dtype, shape }: TensorLocation): TensorView {
  return { name, source: file, offset, dtype, shape, strides: rowMajor(shape) };
}

/** The last two axes exchanged. */
export function transposedView(view: TensorView): TensorView {
  const swap = (values: readonly number[]) => [...values.slice(0, -2), values.at(-1) ?? 1, values.at(-2) ?? 1];
  return { ...view, shape: swap(view.shape), strides: swap(view.strides) };
}

/** The first two axes exchanged. */
export function swappedView(view: TensorView): TensorView {
  const swap = ([a = 1, b = 1, ...rest]: readonly number[]) => [b, a, ...rest];
  return { ...view, shape: swap(view.shape), strides: swap(view.strides) };
}

/** The first two axes as one, where the second's elements follow one another across the first's. */
export function mergedView(view: TensorView): TensorView {
  const [a = 1, b = 1, ...shape] = view.shape;
  const [outer = 0, inner = 0, ...strides] = view.strides;
  if (outer !== b * inner) throw new Error(`${view.name}: axes that do not follow one another`);
  return { ...view, shape: [a * b, ...shape], strides: [inner, ...strides] };
}

/** The part at `index` of the first axis, one axis less. */
export function rowView(view: TensorView, index: number): TensorView {
  const { offset, dtype, shape, strides } = view;
  if (!(index >= 0 && index < (shape[0] ?? 0))) throw new Error(`${view.name}: row ${index} of ${shape[0]}`);
  const start = offset + index * (strides[0] ?? 0) * dtypeBytes[dtype];
  return { ...view, offset: start, shape: shape.slice(1), strides: strides.slice(1) };
}

/** Entries `start` and later along `axis`. */
export function fromView(view: TensorView, axis: number, start: number): TensorView {
  const shape = view.shape.map((dim, i) => (i === axis ? dim - start : dim));
  return { ...view, offset: view.offset + start * (view.strides[axis] ?? 0) * dtypeBytes[view.dtype], shape };
}

/** The same elements with an axis of size 1 put in at `axis`. */
export function unsqueezedView(view: TensorView, axis: number): TensorView {
  const insert = (values: readonly number[], value: number) => [...values.slice(0, axis), value, ...values.slice(axis)];
  return { ...view, shape: insert(view.shape, 1), strides: insert(view.strides, 0) };
}

/** One number, `count` times. */
export function repeatedView(view: TensorView, count: number): TensorView {
  return { ...view, shape: [count], strides: [0] };
}

export function scaledView(view: TensorView, scale: number): TensorView {
  return { ...view, scale: scale * (view.scale ?? 1) };
}

/** The elements as float32, row-major. Throws a `UserError` for element types that hold no real numbers. */
export async function readView(view: TensorView): Promise<Float32Array> {
  const { dtype, scale = 1 } = view;
  if (!isFloatDtype(dtype))
    throw new UserError(`tensor ${JSON.stringify(view.name)}`, {
      expected: "F32, F16, BF16 or F64",
      got: dtype,
      fix: "export the weights in one of these",
    });
  const values = bytesToFloats(await gathered(view), dtype);
  return scale === 1 ? values : values.map((value) => value * scale);
}

/** The elements as numbers, row-major, of integer and float types; NaN where a type holds neither. */
export async function readWholes(view: TensorView): Promise<number[]> {
  const bytes = await gathered(view);
  const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = elementCount(view.shape);
  if (view.dtype === "I64") return Array.from({ length: count }, (_, i) => Number(data.getBigInt64(8 * i, true)));
  if (view.dtype === "I32") return Array.from({ length: count }, (_, i) => data.getInt32(4 * i, true));
  return isFloatDtype(view.dtype) ? [...bytesToFloats(bytes, view.dtype)] : Array(count).fill(Number.NaN);
}

/** A whole number that stands alone (any integer or float type). */
export async function readWhole(view: TensorView): Promise<number> {
  const values = await readWholes(view);
  return values.length === 1 ? (values[0] as number) : Number.NaN;
}

/** Bytes of the elements in row-major order. */
async function gathered(view: TensorView): Promise<Uint8Array> {
  const { source, dtype } = view;
  const size = dtypeBytes[dtype];
  const out = new Uint8Array(elementCount(view.shape) * size);
  if (out.length === 0) return out;
  if (typeof source !== "string") {
    copyAll(view, source, view.offset, out);
    return out;
  }
  const handle = await open(source, "r");
  try {
    const span = spanOf(view) * size;
    if (isDense(view)) await readInto(handle, view, out, 0, view.offset, out.length);
    // Dense but in another order (a transpose), or nearly so: one read, then the loops.
    else if (span <= 2 * out.length) {
      const bytes = new Uint8Array(span);
      await readInto(handle, view, bytes, 0, view.offset, span);
      copyAll(view, bytes, 0, out);
    } else await readRuns(handle, view, out);
  } finally {
    await handle.close();
  }
  return out;
}

/** Elements from the first to the last, holes included. */
function spanOf({ shape, strides }: TensorView): number {
  return 1 + shape.reduce((sum, dim, axis) => sum + (dim - 1) * (strides[axis] ?? 0), 0);
}

function isDense({ shape, strides }: TensorView): boolean {
  const dense = rowMajor(shape);
  return shape.every((dim, axis) => dim === 1 || strides[axis] === dense[axis]);
}

async function readInto(
  handle: FileHandle,
  { name }: TensorView,
  target: Uint8Array,
  at: number,
  offset: number,
  length: number,
): Promise<void> {
  for (let done = 0; done < length; ) {
    const { bytesRead } = await handle.read(target, at + done, Math.min(length - done, 2 ** 30), offset + done);
    if (bytesRead === 0)
      throw new UserError(`tensor ${JSON.stringify(name)}`, {
        expected: `${offset + length} bytes in its file`,
        got: `an end at ${offset + done}: it is truncated`,
        fix: "download or export the file again",
      });
    done += bytesRead;
  }
}

/** Every run of neighbouring elements by itself: for a column of a matrix, one element a read. */
async function readRuns(handle: FileHandle, view: TensorView, out: Uint8Array): Promise<void> {
  const size = dtypeBytes[view.dtype];
  const { starts, run } = runsOf(view);
  for (const [i, start] of starts.entries())
    await readInto(handle, view, out, i * run * size, view.offset + start * size, run * size);
}

function copyAll(view: TensorView, source: Uint8Array, base: number, out: Uint8Array): void {
  const size = dtypeBytes[view.dtype];
  const { starts, run } = runsOf(view);
  for (let i = 0; i < starts.length; i++) {
    const from = base + (starts[i] as number) * size;
    for (let b = 0; b < run * size; b++) out[i * run * size + b] = source[from + b] as number;
  }
}

/** Where each run of `run` neighbouring elements begins, in elements from the first, in row-major order. */
function runsOf({ shape, strides }: TensorView): { starts: Float64Array; run: number } {
  let [run, inner] = [1, shape.length];
  while (inner > 0 && (shape[inner - 1] === 1 || strides[inner - 1] === run)) {
    inner--;
    run *= shape[inner] ?? 1;
  }
  let starts = new Float64Array(1);
  for (let axis = 0; axis < inner; axis++) {
    const [dim, stride] = [shape[axis] ?? 1, strides[axis] ?? 0];
    const next = new Float64Array(starts.length * dim);
    for (let i = 0; i < next.length; i++) next[i] = (starts[Math.floor(i / dim)] ?? 0) + (i % dim) * stride;
    starts = next;
  }
  return { starts, run };
}
