export {
  AnswerPair,
  AuditRecord,
  BehaviourResult,
  EvidenceItem,
  Interval,
  LayerDrift,
  ModelIdentity,
  Verdict,
} from "./audit.ts";
export { EvalRecord } from "./eval.ts";
export { DataRecord, FinetuneRecord, ManifestRecord, MetricsLine } from "./run.ts";
