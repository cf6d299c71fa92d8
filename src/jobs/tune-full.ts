/** Full fine-tuning: every weight is trained in float32, and a whole model is left. */
import { join } from "node:path";
import { must } from "../core/index.ts";
import type { FinetuneRecord } from "../records/index.ts";
import { appendJsonl, atomicWriteFile, hashFile } from "../store/index.ts";
import { divideRows, finetuneFull, type StepReport, type ValidationLine, writeWhole } from "../training/index.ts";
import { trainingLogs } from "./logs.ts";
import {
  evaluationAt,
  finiteValidation,
  keepMetrics,
  loraOptions,
  metricsLine,
  progress,
  type TuneRequest,
  tokensBefore,
} from "./tune.ts";

/** Writes `model/`, `metrics.jsonl`, `logs/` and `finetune.json`. */
export async function tuneFull(request: TuneRequest): Promise<{ record: FinetuneRecord; outputs: string[] }> {
  const { engine, model, rows, config, folder, key } = request;
  const { train, seed } = config;
  const startedAt = performance.now();
  const metrics = join(folder, "metrics.jsonl");
  const logs = trainingLogs(folder);
  const losses: number[] = [];
  let trainedTokens = 0;
  let total: number | null = null;
  let evaluated: ValidationLine | null = null;
  const options = loraOptions(config, request.heldOut);
  const { train: trained } = divideRows({ rows, heldOut: request.heldOut?.rows ?? null, options });
  const tuned = await finetuneFull({
    engine,
    source: model.source,
    rows,
    heldOut: request.heldOut?.rows ?? null,
    options,
    folder,
    key,
    onStart: async ({ resumedAt, steps }) => {
      total = steps;
      for (const line of await keepMetrics(metrics, resumedAt)) losses.push(line.loss);
      trainedTokens = tokensBefore(resumedAt, trained, config);
      await logs.begin(resumedAt);
    },
    onStep: async (report: StepReport) => {
      losses.push(report.loss);
      trainedTokens += report.tokens;
      const line = {
        ...metricsLine(report, trained.length, train.batchRows),
        ...evaluationAt(report.step, evaluated),
      };
      await appendJsonl(metrics, line);
      await logs.step(line);
      request.onProgress?.(progress(report, total));
    },
    onValidation: (line: ValidationLine) => {
      evaluated = line;
      return logs.validation(line);
    },
    ...(request.signal ? { signal: request.signal } : {}),
  });
  const file = await writeWhole(join(folder, "model"), model.source, model.files.folder, tuned.parameters);
  const record: FinetuneRecord = {
    schemaVersion: 1,
    base: model.identity,
    dataSha256: request.dataSha256,
    method: "full",
    objective: "sft",
    rank: 0,
    alpha: 0,
    targetModules: [],
    trainableParameters: tuned.trainableParameters,
    epochs: train.epochs,
    steps: tuned.steps,
    batchRows: train.batchRows,
    learningRate: train.learningRate,
    seed,
    trainedTokens,
    firstLoss: must(losses[0], "loss"),
    finalLoss: must(losses.at(-1), "loss"),
    adapterSha256: await hashFile(file),
    validation: finiteValidation(tuned.validation),
    merged: null,
    durationMs: performance.now() - startedAt,
  };
  await atomicWriteFile(join(folder, "finetune.json"), `${JSON.stringify(record, null, 2)}\n`);
  const validation = tuned.validation ? ["validation.jsonl"] : [];
  return { record, outputs: ["finetune.json", "metrics.jsonl", "logs", "model", "checkpoints", ...validation] };
}
