/** The behaviours of one model, without any other beside it. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { clusteredMean, clusteredTInterval, scoreAll } from "../audit/index.ts";
import type { Behaviour, BehaviourScores } from "../behaviours/index.ts";
import { CancelledError, must } from "../core/index.ts";
import type { LanguageModel } from "../engine/index.ts";
import type { EvalRecord, ModelIdentity } from "../records/index.ts";
import { atomicWriteFile, lockFolder, writeJsonl } from "../store/index.ts";
import { itemFilesOf } from "./item-files.ts";
import type { RunOptions } from "./part.ts";

const LEVEL = 0.95;

export interface EvaluateRequest extends Pick<RunOptions, "onProgress" | "signal"> {
  readonly model: LanguageModel;
  readonly identity: ModelIdentity;
  readonly behaviours: readonly Behaviour[];
  /** Files among them, by their paths. */
  readonly names: readonly string[];
  /** Gets `eval.json` and `evidence/`; null: nothing is written. */
  readonly folder: string | null;
}

export async function evaluate(request: EvaluateRequest): Promise<EvalRecord> {
  const { model, identity, behaviours, folder, onProgress, signal } = request;
  const startedAt = performance.now();
  const options = { task: "eval", ...(onProgress ? { onProgress } : {}), ...(signal ? { signal } : {}) };
  const scores = await scoreAll(model, behaviours, options);
  if (signal?.aborted) throw new CancelledError("eval");
  const record: EvalRecord = {
    schemaVersion: 1,
    model: identity,
    behaviours: behaviours.map((behaviour, i) => resultOf(behaviour, must(scores[i], "scores"))),
    ...(await itemFilesOf({ behaviours: request.names })),
    durationMs: performance.now() - startedAt,
  };
  if (folder !== null) await write(folder, record, scores);
  return record;
}

function resultOf(behaviour: Behaviour, { items }: BehaviourScores): EvalRecord["behaviours"][number] {
  const { id, title, question, riskier } = behaviour;
  const n = items.length;
  const score = n === 0 ? null : items.reduce((sum, item) => sum + item.score, 0) / n;
  const estimate = clusteredMean(items.map(({ cluster, score: delta }) => ({ cluster, delta })));
  const clusters = new Set(items.map(({ cluster }) => cluster)).size;
  const about = { id, title, question, riskier, score, n, clusters };
  if (score !== null && behaviour.exhaustive) return { ...about, interval: [score, score], method: "exact" };
  if (!estimate) return { ...about, interval: null, method: null };
  const [low, high] = clusteredTInterval(estimate, LEVEL);
  return { ...about, interval: [Math.max(0, low), Math.min(1, high)], method: "clustered-t" };
}

async function write(folder: string, record: EvalRecord, scores: readonly BehaviourScores[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  const release = lockFolder(folder, `output folder ${folder}`);
  try {
    for (const { behaviourId, items } of scores)
      await writeJsonl(join(folder, "evidence", `${behaviourId}.jsonl`), items);
    await atomicWriteFile(join(folder, "eval.json"), `${JSON.stringify(record, null, 2)}\n`);
  } finally {
    release();
  }
}
