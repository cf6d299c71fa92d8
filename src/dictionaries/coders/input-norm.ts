/** What is done to a row before it is encoded, and how it is undone (SAELens' `normalize_activations`). */
import type { InputNorm } from "./sparse-coder.ts";

export interface Normed {
  readonly row: Float32Array;
  /** Puts a decoded row back into the units of the input, in place. */
  readonly undo: (decoded: Float32Array) => void;
}

const nothing = () => undefined;

export function normalised(norm: InputNorm, row: Float32Array): Normed {
  if (norm === "none") return { row, undo: nothing };
  return norm === "layer_norm" ? layerNormed(row) : rescaled(row);
}

/** x √d / ‖x‖ */
function rescaled(row: Float32Array): Normed {
  let squares = 0;
  for (const value of row) squares += value * value;
  const factor = Math.sqrt(row.length) / Math.sqrt(squares);
  return { row: row.map((value) => value * factor), undo: (decoded) => inPlace(decoded, (value) => value / factor) };
}

/** (x − mean) / (std + 1e-5) with the n − 1 standard deviation; undone by std alone, as SAELens does it. */
function layerNormed(row: Float32Array): Normed {
  const n = row.length;
  let mean = 0;
  for (const value of row) mean += value / n;
  let squares = 0;
  for (const value of row) squares += (value - mean) ** 2;
  const std = Math.sqrt(squares / (n - 1));
  const normed = row.map((value) => (value - mean) / (std + 1e-5));
  return { row: normed, undo: (decoded) => inPlace(decoded, (value) => value * std + mean) };
}

function inPlace(values: Float32Array, change: (value: number) => number): void {
  for (let j = 0; j < values.length; j++) values[j] = change(values[j] as number);
}
