/** Which graphs a generation runs. */
import { type Dimensions, type KeyValueCache, servesInPlace } from "../models/index.ts";
import type { ForwardSpec } from "./build.ts";
import type { Device } from "./device.ts";
import type { Program } from "./program.ts";
import type { Tap } from "./taps.ts";

export interface GenerationShape {
  readonly kind: KeyValueCache["kind"];
  /** Taps that act on the prompt and on the answer. */
  readonly prompt: readonly Tap[];
  readonly response: readonly Tap[];
  readonly rows: number;
}

/** The runtime's fused ops are the CPU's; elsewhere the cache is appended to. */
export function cacheKind(device: Device, dimensions: Dimensions): KeyValueCache["kind"] {
  return device === "cpu" && servesInPlace(dimensions) ? "inPlace" : "appended";
}

/** Of one row, prompt and answer share a graph where the same taps act on both: a session less in memory. */
export function generationPrograms(
  program: (spec: Omit<ForwardSpec, "adapter">) => Program,
  { kind, prompt, response, rows }: GenerationShape,
): { prefill: Program; decode: Program } {
  const made = { outputs: ["logits"] as const, keysAndValues: true };
  return {
    prefill: program({ ...made, cache: kind === "inPlace" ? kind : null, taps: prompt }),
    decode: program({ ...made, cache: kind, taps: response, ...(rows > 1 ? { fewRows: true } : {}) }),
  };
}
