export { Attestation, AttestedComparison, VerificationRecord } from "./attestation.ts";
export {
  AttributionCard,
  AttributionDiffRecord,
  AttributionExtra,
  AttributionGraphRecord,
  AttributionLink,
  AttributionNode,
  Confirmation,
  EMBEDDING,
  ERROR,
  FEATURE,
  InterventionRecord,
  LOGIT,
} from "./attribution.ts";
export {
  AnswerPair,
  AuditRecord,
  BehaviourResult,
  BlackBox,
  EndpointIdentity,
  EvidenceItem,
  Interval,
  LayerDrift,
  ModelIdentity,
  ReadoutMethod,
  UsageRecord,
  Verdict,
} from "./audit.ts";
export {
  BenchmarkComparison,
  BenchmarkEvidence,
  BenchmarkMetric,
  BenchmarkRecord,
  BenchmarkSide,
  BenchmarkSource,
  EmModel,
  EmRecord,
} from "./benchmark.ts";
export { Calibration, CalibrationCurve, CalibrationNote, Expected, Reliability } from "./calibration.ts";
export { CotComparison, CotRecord, CotSide, HintGroup, MonitorSetting, ReasoningEvidence } from "./cot.ts";
export {
  CoderCard,
  CoderComparison,
  CoderEval,
  CoderQuality,
  DictionaryCard,
  DictionaryQuality,
  TemporalEval,
} from "./dictionary.ts";
export { EvalRecord } from "./eval.ts";
export { DroppedRow, FilterMethod, FilterReceipt, FilterRecord } from "./filter.ts";
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
export { GapReason, Judgement, JudgementMissing, JudgeRecord } from "./judges.ts";
export { RepairRecord } from "./repair.ts";
export { DataRecord, FinetuneRecord, ManifestRecord, MetricsLine } from "./run.ts";
export {
  ESTIMATES,
  EstimateName,
  ForecasterScore,
  StudyBehaviour,
  StudyCell,
  StudyModel,
  StudyRecord,
} from "./study.ts";
