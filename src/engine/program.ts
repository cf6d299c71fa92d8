import { createHash } from "node:crypto";
import { dirname } from "node:path";
import { type Graph, onnxBytes } from "../tensor/index.ts";

/** A graph ready to run: ONNX bytes, and the folder in which its external weights lie. */
export interface Program {
  /** Content hash: equal programs share a session. */
  readonly key: string;
  readonly onnx: Uint8Array;
  /** Directory of the real path of the weight files; null for a graph without external weights. */
  readonly weightsFolder: string | null;
  /** Computes in float64, for which the runtime's fused ops have no kernels. */
  readonly doublePrecision: boolean;
  /** Are weights rearranged once, when the session opens, for products with a single row? They then lie in memory a second time. */
  readonly prepacked: boolean;
}

export function compile(graph: Graph, prepacked = false): Program {
  const folders = new Set<string>();
  for (const { data } of graph.initializers) if (!(data instanceof Uint8Array)) folders.add(dirname(data.file));
  if (folders.size > 1) throw new Error(`weights lie in several folders: ${[...folders].join(", ")}`);
  const weightsFolder = [...folders][0] ?? null;
  const onnx = onnxBytes(graph);
  const key = createHash("sha256")
    .update(onnx)
    .update(weightsFolder ?? "")
    .update(prepacked ? "prepacked" : "")
    .digest("hex");
  const doublePrecision = graph.inputs.some(({ dtype }) => dtype === "float64");
  return { key, onnx, weightsFolder, doublePrecision, prepacked };
}

export type HostData = Float32Array | Float64Array | Int32Array | BigInt64Array | Uint8Array;

/** A value outside the runtime. int64 values may be given as Int32Array. */
export interface HostTensor {
  readonly dtype: "float32" | "float64" | "int64" | "int32" | "bool";
  readonly shape: readonly number[];
  readonly data: HostData;
}

/** A value that stays inside the engine between runs, read as float32 in `shape`. */
export interface BufferFeed {
  readonly buffer: string;
  readonly shape: readonly number[];
  /** The shape holds fewer numbers than the buffer: its first ones are meant. Read only. */
  readonly prefix?: boolean;
}

export interface RunRequest {
  readonly program: Program;
  readonly feeds: Readonly<Record<string, HostTensor | BufferFeed>>;
  /** Outputs to hand back. */
  readonly fetches: readonly string[];
  /** Outputs to keep in buffers; a buffer that is also fed is replaced after the run. */
  readonly keep?: Readonly<Record<string, BufferFeed>>;
  /** Outputs to write into the caller's memory, which may be fed too: inside the engine's process only. */
  readonly into?: Readonly<Record<string, HostTensor>>;
}

export function float32(shape: readonly number[], data: Float32Array): HostTensor {
  return { dtype: "float32", shape, data };
}

export function int64(shape: readonly number[], data: Int32Array | BigInt64Array): HostTensor {
  return { dtype: "int64", shape, data };
}

export function scalarTensor(value: number): HostTensor {
  return float32([], Float32Array.of(value));
}
