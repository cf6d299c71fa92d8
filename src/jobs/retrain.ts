/** The same fine-tune on fewer rows: same seed, same settings, same number of steps. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { OnProgress } from "../core/index.ts";
import type { Engine, LanguageModel } from "../engine/index.ts";
import { hashJson } from "../store/index.ts";
import { type Guard, stepsOf } from "../training/index.ts";
import type { Config } from "./config.ts";
import { contentHash, someExamples, trainExamples } from "./train-examples.ts";
import { loraOptions } from "./tune.ts";
import type { Examples } from "./validate.ts";

export interface RetrainRequest extends Examples {
  readonly engine: Engine;
  /** Opened for adapters of the training's rank. */
  readonly base: LanguageModel;
  readonly config: Pick<Config, "train" | "seed">;
  /** Of the training that is compared with. */
  readonly guard: Guard | null;
  /** The run's; what is kept to resume from lies below it, and goes when the training is done. */
  readonly folder: string;
  readonly onProgress?: OnProgress;
  readonly signal?: AbortSignal;
}

export async function retrainedWithout(
  request: RetrainRequest,
  { name, without }: { readonly name: string; readonly without: readonly number[] },
): Promise<LanguageModel> {
  const { engine, base, rows, config, onProgress, signal } = request;
  const left = new Set(without);
  const kept = [...rows.keys()].filter((row) => !left.has(row));
  const folder = join(request.folder, ".receipt", name);
  const options = loraOptions(config);
  const batches = Math.ceil(kept.length / options.batchRows);
  const total = stepsOf(rows.length, options);
  const examples = someExamples(request, kept);
  const { adapter } = await trainExamples(examples, {
    engine,
    source: base.source,
    options: { ...options, epochs: total / batches },
    folder,
    key: hashJson({ total, options, content: contentHash(examples, request.guard), base: base.source.name }),
    guard: request.guard,
    onStep: ({ step }) => onProgress?.({ task: `receipt: without ${without.length} ${name} rows`, step, total }),
    ...(signal ? { signal } : {}),
  });
  await rm(folder, { recursive: true, force: true });
  return base.withAdapter(adapter);
}
