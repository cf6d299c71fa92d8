export { audit, preregistration } from "./audit.ts";
export { benchmark, benchmarkNames, checkBenchmark } from "./benchmark.ts";
export {
  auditEndpoints,
  type BlackBoxOptions,
  cachedEndpoint,
  endpointIdentity,
  evaluateEndpoint,
} from "./black-box.ts";
export { compareDictionary, type DictionaryCompareRequest } from "./compare-dictionary.ts";
export { Config, type ConfigFlags, resolveConfig, TrainConfig } from "./config.ts";
export { type Converted, type ConvertRequest, convertDictionary } from "./convert-dictionary.ts";
export { type CotOptions, cot } from "./cot.ts";
export { type Described, type DescribeRequest, describeLatents } from "./describe-latents.ts";
export { textWords } from "./dictionary-text.ts";
export { type EvaluateRequest, evaluate } from "./evaluate.ts";
export {
  createSigningKey,
  keysFolder,
  listSigningKeys,
  type SigningKey,
  signFolder,
  type VerifyOptions,
  verifyFolder,
} from "./evidence/index.ts";
export { type FilterOptions, filter } from "./filter.ts";
export { foldedModel } from "./folded.ts";
export { applyGate, type GateResult } from "./gate.ts";
export { checkGuard, watchable } from "./guard.ts";
export { type CoderEvalRequest, holdsPlainSae, judgeCoders } from "./judge-coder.ts";
export { judgeTemporal } from "./judge-temporal.ts";
export { localJudge, panelOf, speakerOf } from "./judges.ts";
export { findLabels, type KeepOptions, keepDescription } from "./keep-description.ts";
export { type Labelled, type LabelRequest, labelDescribed } from "./label-latents.ts";
export { IN_FORMAT } from "./made.ts";
export {
  asLanguageModel,
  assetFolder,
  BUNDLED,
  behavioursFor,
  bundledModels,
  checkNames,
  type OpenedModel,
  openModel,
} from "./open.ts";
export { type OpenedAdapter, openAdapter } from "./open-adapter.ts";
export type { RunOptions, StageOutcome } from "./part.ts";
export { auditOnly, finetuneOnly, forecastOnly, type RunResult, run } from "./pipeline.ts";
export { rowLength, withinPositions } from "./positions.ts";
export { type Prepared, type PrepareQuestion, prepare } from "./prepare.ts";
export { type Probed, type ProbeRequest, type Probing, probeDictionary } from "./probe-dictionary.ts";
export { publish } from "./publish.ts";
export { type DictionaryPullRequest, type PulledDictionary, pullDictionary } from "./pull-dictionary.ts";
export { type RepairRequest, repair } from "./repair.ts";
export type { RepairMethod } from "./repair-ways.ts";
export {
  type ProgramOptions,
  type RunProgram,
  readStudy,
  StudyConfig,
  type StudyOptions,
  study,
} from "./study/index.ts";
export {
  behaviourPrompt,
  featureLabels,
  keptTranscoders,
  openTranscoders,
  parseSetting,
  readGraph,
  setFeatures,
  type TraceDiff,
  type TracePrompt,
  type TraceSettings,
  textPrompt,
  tokenChoice,
  traceDiff,
  traceGraph,
} from "./trace/index.ts";
export { type TrackRecord, trackRecord } from "./track-record.ts";
export { type CoderTrainRequest, placesFor, trainCoderFolder, trainCoderFolders } from "./train-coder.ts";
export {
  type DictionaryEvalRequest,
  type DictionaryTrainRequest,
  dataSequences,
  defaultHook,
  judgeDictionary,
  judgingText,
  type NamedModel,
  trainDictionaryFolder,
  trainingText,
} from "./train-dictionary.ts";
export { refuseFaults, trainingRows, validate } from "./validate.ts";
export { GENERATED_BY, RUNTIME } from "./version.ts";
