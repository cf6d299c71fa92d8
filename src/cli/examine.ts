/** What `penumbra doctor` finds out about this machine, and whether a model fits it. */
import { availableParallelism, cpus, freemem, totalmem } from "node:os";
import { compile, type Engine, startEngine } from "../engine/index.ts";
import type { OpenedModel } from "../jobs/index.ts";
import { Graph, MatMul, ReduceSum } from "../tensor/index.ts";

export interface Machine {
  readonly node: string;
  readonly platform: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly freeBytes: number;
}

export function examineMachine(): Machine {
  return {
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    freeBytes: freemem(),
  };
}

export interface EngineHealth {
  /** Null: it computes what it should. */
  readonly fault: string | null;
  readonly threads: number;
  /** 10⁹ multiply-adds × 2 a second in float32 matrix products of 1024 × 1024; null where nothing runs. */
  readonly gflops: number | null;
}

/** Starts the engine's process, lets it compute a known product, and measures one that is large enough to count. */
export async function examineEngine(signal: AbortSignal): Promise<EngineHealth> {
  const engine = startEngine();
  const { threads } = engine;
  try {
    // Ones times ones: every sum is known.
    const total = await productSum(engine, { size: 8, products: 1 }, signal);
    if (total !== 8 ** 3) return { fault: `8 × 8 ones gave ${total} where 512 belongs`, threads, gflops: null };
    return { fault: null, threads, gflops: await speed(engine, signal) };
  } catch (error) {
    if (signal.aborted) throw error;
    return {
      fault: error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error),
      threads,
      gflops: null,
    };
  } finally {
    await engine.close();
  }
}

const LARGE = { size: 1024, products: 8 };

async function speed(engine: Engine, signal: AbortSignal): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < 4; i++) {
    const start = performance.now();
    await productSum(engine, LARGE, signal);
    times.push(performance.now() - start);
  }
  // The first run opens the session.
  return (2 * LARGE.size ** 3 * LARGE.products) / Math.min(...times.slice(1)) / 1e6;
}

/** Σ of `products` chained products of `[size, size]` ones scaled by an input, so that nothing is folded away. */
async function productSum(
  engine: Engine,
  { size, products }: { readonly size: number; readonly products: number },
  signal: AbortSignal,
): Promise<number> {
  const graph = new Graph();
  const ones = graph.input("ones", "float32", [size, size]);
  let product = ones;
  for (let i = 0; i < products; i++) product = MatMul(product, ones);
  graph.output("sum", ReduceSum(product, [0, 1]));
  const name = `doctor:${size}`;
  await engine.provide(name, new Float32Array(size * size).fill(products === 1 ? 1 : 1 / size));
  const out = await engine.run(
    { program: compile(graph), feeds: { ones: { buffer: name, shape: [size, size] } }, fetches: ["sum"] },
    signal,
  );
  return Number(out.sum?.data[0]);
}

export interface Fit {
  readonly name: string;
  readonly family: string;
  readonly parameters: number;
  /** Of the weights as they are stored. */
  readonly storedBytes: number;
  /** Estimates of both processes together at their peak; a run was measured beside them only for two sizes. */
  readonly forwardBytes: number;
  readonly trainBytes: number;
  readonly fits: "yes" | "forward only" | "no";
}

/** Both processes with their code, and the sessions that ONNX Runtime keeps open. */
const FIXED_BYTES = 600e6;
/** Tokens that run together, in forward passes and in training. */
const TOKENS = 1024;
const LOGIT_BYTES = 3 * 4 * 2 ** 23;

/** Does the model fit this machine's memory? Pure arithmetic on its sizes. */
export function fitOf({ source, identity }: Pick<OpenedModel, "source" | "identity">, memoryBytes: number): Fit {
  const { dModel, dMlp, nHeads, nKvHeads, dHead, nLayers } = source.definition.dimensions;
  const tensors = [...source.tensors.values()];
  const storedBytes = tensors.reduce((sum, { byteLength }) => sum + byteLength, 0);
  // Half-precision weights are cast to float32 beside the stored ones; float32 ones are read where they lie.
  const cast = tensors.some(({ dtype }) => dtype !== "F32") ? 4 * identity.parameters : 0;
  const weights = storedBytes + cast;
  const attention = dHead * (2 * nHeads + 2 * nKvHeads) + nHeads * TOKENS;
  const layer = 4 * TOKENS * (6 * dModel + 4 * dMlp + attention);
  const forwardBytes = FIXED_BYTES + weights + LOGIT_BYTES + 2 * layer;
  // Training keeps every layer's activations for the way back.
  const trainBytes = FIXED_BYTES + weights + 2 * LOGIT_BYTES + nLayers * layer;
  const fits = trainBytes < memoryBytes ? "yes" : forwardBytes < memoryBytes ? "forward only" : "no";
  const { name, family, parameters } = identity;
  return { name, family, parameters, storedBytes, forwardBytes, trainBytes, fits };
}
