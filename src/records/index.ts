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
export { DataRecord, FinetuneRecord, MetricsLine } from "./run.ts";
