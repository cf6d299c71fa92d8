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
export { CoderCard, CoderEval, CoderQuality, DictionaryCard, DictionaryQuality, LatentRecord } from "./dictionary.ts";
export { EvalRecord } from "./eval.ts";
export { ForecastBehaviour, ForecastRecord, Spillover } from "./forecast.ts";
export {
  DictionaryIdentity,
  Fidelity,
  GeometryBehaviour,
  GeometryRecord,
  LatentCard,
  Mechanism,
  TakeBack,
} from "./geometry.ts";
export { DataRecord, FinetuneRecord, ManifestRecord, MetricsLine } from "./run.ts";
