/**
 * Which records of a run folder are the audit's own. `run`, `finetune`, `forecast`, `audit`, `cot` and `benchmark` may all
 * write to one folder, each of another model, training or data: a report is made of what matches `audit.json` alone.
 *
 * 1. `finetune.json`: the audit's base and data, and its adapter or model is what was audited. Where its weights are no
 *    longer there, the data decide; without data, nothing shows that it is the same training.
 * 2. `metrics.jsonl`: that training's, by its first and last loss.
 * 3. `data.json` and `forecast.json`: the data of the audit; where it was given none, those of its own training.
 * 4. `geometry.json`, `cot.json`, benchmarks: the two models of the audit. Nobody sees what an endpoint serves, so that
 *    where one of the two is behind one the record stays, and the report says so.
 * 5. `manifest.json`: the audit's preregistration, base and data.
 */
import type {
  AuditRecord,
  BenchmarkRecord,
  CotRecord,
  DataRecord,
  FinetuneRecord,
  ForecastRecord,
  GeometryRecord,
  ManifestRecord,
  MetricsLine,
} from "../records/index.ts";
import type { ReportInput } from "../report/index.ts";
import { isTrainingOf } from "./trained-here.ts";

export interface FoundRecords {
  readonly data: DataRecord | null;
  readonly finetune: FinetuneRecord | null;
  readonly metrics: readonly MetricsLine[];
  readonly forecast: ForecastRecord | null;
  readonly geometry: GeometryRecord | null;
  readonly reasoning: CotRecord | null;
  readonly benchmarks: readonly BenchmarkRecord[];
  readonly manifest: ManifestRecord | null;
}

export type OwnRecords = Omit<FoundRecords, "manifest"> &
  Pick<ReportInput, "leftOut" | "unseen" | "fixedBeforeTraining">;

/** Reasons, after the name of a file. */
const OTHER_TRAINING = "of another training than the model audited";
const OTHER_DATA = "of other data, or of another base";
const NO_DATA = "this audit was given no data that it could belong to";
const OTHER_MODELS = "of other models than the two audited";

export async function ownRecords(folder: string, audit: AuditRecord, found: FoundRecords): Promise<OwnRecords> {
  const leftOut: { file: string; why: string }[] = [];
  const unseen: string[] = [];
  const own = <T>(file: string, record: T | null, why: (record: T) => string | null): T | null => {
    const reason = record === null ? null : why(record);
    if (reason !== null) leftOut.push({ file, why: reason });
    return reason === null ? record : null;
  };
  const asked = <T>(file: string, record: T | null, isOf: (record: T) => boolean | null): T | null => {
    if (record !== null && isOf(record) === null) unseen.push(file);
    return own(file, record, (one) => (isOf(one) === false ? OTHER_MODELS : null));
  };
  const trained = found.finetune !== null && (await isTrainingOf(folder, found.finetune, audit));
  const finetune = own("finetune.json", found.finetune, () => (trained ? null : OTHER_TRAINING));
  const metrics = found.metrics.length === 0 ? null : found.metrics;
  const dataSha256 = audit.data?.sha256 ?? finetune?.dataSha256 ?? null;
  const ofData = (sha256: string) => (dataSha256 === null ? NO_DATA : sha256 === dataSha256 ? null : OTHER_DATA);
  return {
    finetune,
    metrics: own("metrics.jsonl", metrics, (lines) => (tellsOf(lines, finetune) ? null : OTHER_TRAINING)) ?? [],
    data: own("data.json", found.data, ({ sha256 }) => ofData(sha256)),
    forecast: own("forecast.json", found.forecast, ({ base, data }) =>
      base.sha256 === audit.base.sha256 ? ofData(data.sha256) : OTHER_DATA,
    ),
    geometry: own("geometry.json", found.geometry, ({ base, tuned }) =>
      base.sha256 === audit.base.sha256 && tuned.sha256 === audit.tuned.sha256 ? null : OTHER_MODELS,
    ),
    reasoning: asked("cot.json", found.reasoning, ({ base, tuned }) =>
      areAudited(audit, base.model, tuned ? [tuned.model] : []),
    ),
    benchmarks: found.benchmarks.flatMap(
      (one) => asked(`benchmark-${one.id}.json`, one, (record) => ofBenchmark(audit, record)) ?? [],
    ),
    fixedBeforeTraining: fixedBefore(audit, found.manifest),
    leftOut,
    unseen,
  };
}

/** A training's first and last loss are those of its metrics, to the last digit. */
function tellsOf(metrics: readonly MetricsLine[], finetune: FinetuneRecord | null): boolean {
  const [first, last] = [metrics[0], metrics.at(-1)];
  return finetune !== null && first?.loss === finetune.firstLoss && last?.loss === finetune.finalLoss;
}

type Identity = AuditRecord["base"];

/** Null: nobody can tell, for one of the two was asked through an endpoint. */
function isSame(asked: Identity, audited: Identity): boolean | null {
  if (asked.sha256 !== null && audited.sha256 !== null) return asked.sha256 === audited.sha256;
  if (asked.sha256 !== null || audited.sha256 !== null) return null;
  if (asked.model !== audited.model) return false;
  return asked.where === audited.where ? true : null;
}

/** The audit's base, and its tuned model among those of several seeds; one model alone may be either. */
function areAudited(audit: AuditRecord, base: Identity, tuned: readonly Identity[]): boolean | null {
  const either = (answers: readonly (boolean | null)[]) =>
    answers.includes(true) ? true : answers.includes(null) ? null : false;
  if (tuned.length === 0) return either([isSame(base, audit.base), isSame(base, audit.tuned)]);
  const both = [isSame(base, audit.base), either(tuned.map((one) => isSame(one, audit.tuned)))];
  return both.includes(false) ? false : both.includes(null) ? null : true;
}

function ofBenchmark(audit: AuditRecord, { base, tuned, emergentMisalignment: em }: BenchmarkRecord): boolean | null {
  const models = em
    ? { base: em.base.model, tuned: em.tuned.map(({ model }) => model) }
    : { base: base?.model ?? null, tuned: tuned ? [tuned.model] : [] };
  return models.base === null ? false : areAudited(audit, models.base, models.tuned);
}

/** Undefined where no manifest of this audit says it. */
function fixedBefore(audit: AuditRecord, manifest: ManifestRecord | null): boolean | null | undefined {
  if (audit.data === null) return null;
  const isOwn =
    manifest?.preregistration === audit.preregistration &&
    manifest.model.sha256 === audit.base.sha256 &&
    manifest.dataSha256 === audit.data.sha256;
  return isOwn ? manifest.fixedBeforeTraining : undefined;
}
