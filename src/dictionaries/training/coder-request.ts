/** What a training of a coder is asked, how it reports, and where it starts. */
import { rng } from "../../core/index.ts";
import type { Engine } from "../../engine/index.ts";
import { normaliseRows } from "../baselines.ts";
import type { LoadedCoder } from "../coders/sparse-coder.ts";
import type { BatchSource, TrainedSize, TrainingStep } from "../over-batches.ts";
import type { Speaking } from "../sparse-training.ts";
import type { CoderPlaces, CoderRecipe } from "./recipe.ts";

export interface CoderStep extends TrainingStep {
  /** Per output: Σ‖y − ŷ‖² over Σ‖y − ȳ‖² of the first batch's scale, before the step. */
  readonly unexplained: readonly number[];
}

/** Batches are `[batchTokens, Σ widths]`: every input, then (but for an autoencoder) every output. */
export interface TrainCoderRequest extends BatchSource {
  readonly engine: Engine;
  readonly places: CoderPlaces;
  readonly recipe: CoderRecipe;
  readonly modelName: string | null;
  readonly onStep?: (report: CoderStep) => void;
}

export interface TrainedCoder extends TrainedSize {
  readonly coder: LoadedCoder;
}

/** Who is let speak, where a step touches only them. */
export function speakingOf(recipe: CoderRecipe): Speaking {
  const { architecture, prefixes } = recipe;
  if (architecture === "jumprelu") return { jumpRelu: recipe };
  if (architecture === "topk") return { over: "row" };
  return { over: "batch", ...(architecture === "matryoshka_batchtopk" ? { prefixes } : {}) };
}

/** The encoder's and the decoder's rows: directions at random. Zeros for the rest. */
export function startValues(name: string, shape: readonly number[], seed: number): Float32Array {
  const [kind = "", group = ""] = name.split(".");
  const count = shape.reduce((product, dim) => product * dim, 1);
  if (kind !== "encoder" && kind !== "decoder") return new Float32Array(count);
  const random = rng(seed, kind, group);
  const values = Float32Array.from({ length: count }, () => random.normal());
  normaliseRows(values, shape[1] ?? 1);
  return values;
}
