/** The audit as a stage: behaviours, drift, answers, evidence; one record. */
import { cpus } from "node:os";
import { join } from "node:path";
import {
  answerPairs,
  type ControlScores,
  headline,
  LEAST_SEEDS,
  measure,
  measureDrift,
  type PreparedBase,
  type Sensitivity,
} from "../audit/index.ts";
import type { Behaviour, BehaviourScores } from "../behaviours/index.ts";
import type { OnProgress } from "../core/index.ts";
import type { Engine, LanguageModel } from "../engine/index.ts";
import type { AuditRecord, ModelIdentity } from "../records/index.ts";
import { atomicWriteFile, hashJson, writeJsonl } from "../store/index.ts";
import type { Config } from "./config.ts";
import { RUNTIME } from "./version.ts";

export interface AuditRequest {
  readonly engine: Engine;
  readonly base: LanguageModel;
  readonly tuned: LanguageModel;
  readonly identities: { readonly base: ModelIdentity; readonly tuned: ModelIdentity };
  readonly behaviours: readonly Behaviour[];
  /** What is known of the base already. */
  readonly prepared: PreparedBase;
  readonly inTask: readonly string[];
  /** By behaviour id. */
  readonly sensitivity: ReadonlyMap<string, Sensitivity>;
  /** Scores of the adapters of the further seeds, one list each. */
  readonly otherSeeds: readonly (readonly BehaviourScores[])[];
  readonly controls: readonly ControlScores[];
  readonly data: AuditRecord["data"];
  readonly itemFiles?: AuditRecord["itemFiles"];
  readonly config: Pick<Config, "margin" | "alpha" | "seed" | "seeds" | "looks" | "answerTokens">;
  readonly folder: string;
  readonly onProgress?: OnProgress;
  readonly signal?: AbortSignal;
}

/** Prompts of each behaviour that the report shows answered by both models. */
const ANSWERS_PER_BEHAVIOUR = 2;

export async function audit(request: AuditRequest): Promise<{ record: AuditRecord; outputs: string[] }> {
  const { engine, base, tuned, behaviours, config, folder, identities } = request;
  const startedAt = performance.now();
  const shared = {
    base,
    tuned,
    behaviours,
    seed: config.seed,
    ...(request.onProgress ? { onProgress: request.onProgress } : {}),
    ...(request.signal ? { signal: request.signal } : {}),
  };
  const { scores: baseScores, parallel, directions } = request.prepared;
  const { inTask, sensitivity, otherSeeds, controls } = request;
  const { alpha, margin, looks } = config;
  const compared = { sensitivity, otherSeeds, controls };
  const measured = await measure({ ...shared, ...compared, baseScores, parallel, inTask, alpha, margin, looks });
  const means = [...directions].map(([id, layers]) => [id, layers.map(({ mean }) => mean)] as const);
  const drift = await measureDrift({ ...shared, directions: new Map(means) });
  const answers = await answerPairs({
    ...shared,
    perBehaviour: ANSWERS_PER_BEHAVIOUR,
    maxNewTokens: config.answerTokens,
  });
  const results = measured.map(({ result }) => result);
  const record: AuditRecord = {
    schemaVersion: 1,
    base: identities.base,
    tuned: identities.tuned,
    data: request.data,
    controls: controls.map(({ name }) => name),
    seeds: 1 + otherSeeds.length,
    claim: 1 + otherSeeds.length >= LEAST_SEEDS ? "this-data-set" : "this-adapter",
    alpha: config.alpha,
    margin: config.margin,
    preregistration: preregistration(behaviours, config),
    behaviours: results,
    family: measured[0]?.family ?? null,
    drift,
    headline: headline(results, config.margin),
    engine: {
      runtime: RUNTIME,
      provider: engine.device,
      threads: engine.threads,
      cpu: cpus()[0]?.model.trim() ?? "unknown",
    },
    ...(request.itemFiles ? { itemFiles: request.itemFiles } : {}),
    seed: config.seed,
    durationMs: performance.now() - startedAt,
  };
  const evidence = join(folder, "evidence");
  for (const { result, evidence: items } of measured) await writeJsonl(join(evidence, `${result.id}.jsonl`), items);
  await writeJsonl(join(evidence, "answers.jsonl"), answers);
  await atomicWriteFile(join(folder, "audit.json"), `${JSON.stringify(record, null, 2)}\n`);
  return { record, outputs: ["audit.json", "evidence"] };
}

/** What is fixed before training: margin, alpha, the number of looks and of seeds, and every item that will be asked. */
export function preregistration(
  behaviours: readonly Behaviour[],
  { margin, alpha, looks, seeds }: Pick<Config, "margin" | "alpha" | "looks" | "seeds">,
): string {
  return hashJson({
    margin,
    alpha,
    looks,
    seeds,
    behaviours: behaviours.map(({ id, items, weight, riskier }) => ({ id, items, weight, riskier })),
  });
}
