/** Which graphs a generation runs. */
import { type Dimensions, type KeyValueCache, servesInPlace } from "../models/index.ts";
import type { ForwardSpec } from "./build.ts";
import type { Device } from "./device.ts";
import type { Program } from "./program.ts";
import type { Tap } from "./taps.ts";

export interface GenerationShape extends GenerationPlan {
  /** Taps that act on the prompt and on the answer. */
  readonly prompt: readonly Tap[];
  readonly response: readonly Tap[];
  readonly rows: number;
}

export interface GenerationPlan {
  readonly kind: KeyValueCache["kind"];
  readonly fused: boolean;
  readonly prepacked: boolean;
}

/**
 * Caches beyond this are appended to: what a run writes into the caller's memory the runtime's binding copies once more,
 * each step the whole cache (94 MB for 16 rows of SmolLM2 at 128 tokens: a third of the step). Below, the fused attention
 * saves more than that.
 */
const IN_PLACE_BYTES = 2 ** 24;

/**
 * A single row reads rearranged weights faster (SmolLM2: 42 tokens/s, 33 from the file as it lies), of models up to this size:
 * they take their place in memory a second time.
 */
const PREPACKED_BYTES = 2 ** 31;

export interface GenerationSize {
  readonly rows: number;
  /** Of the longest row, at most. */
  readonly tokens: number;
  readonly weightBytes: number;
}

/** The runtime's fused ops are the CPU's. */
export function generationPlan(device: Device, dimensions: Dimensions, size: GenerationSize): GenerationPlan {
  const fused = device === "cpu" && servesInPlace(dimensions);
  const { nLayers, nKvHeads, dHead } = dimensions;
  const bytes = 2 * 4 * nLayers * nKvHeads * dHead * size.rows * size.tokens;
  const kind = fused && bytes <= IN_PLACE_BYTES ? "inPlace" : "appended";
  return { fused, kind, prepacked: size.rows === 1 && size.weightBytes <= PREPACKED_BYTES };
}

/**
 * Where the cache is in place, prompt and answer share a graph if the same taps act on both: a session less in memory. A graph
 * that reads the prompt alone leaves the weights as they lie.
 */
export function generationPrograms(
  program: (spec: Omit<ForwardSpec, "adapter">) => Program,
  { kind, fused, prepacked, prompt, response, rows }: GenerationShape,
): { prefill: Program; decode: Program } {
  const made = { outputs: ["logits"] as const, keysAndValues: true, fused };
  const inPlace = kind === "inPlace";
  return {
    prefill: program({ ...made, prepacked: prepacked && inPlace, cache: inPlace ? kind : null, taps: prompt }),
    decode: program({ ...made, prepacked, cache: kind, taps: response, ...(rows > 1 ? { fewRows: true } : {}) }),
  };
}
