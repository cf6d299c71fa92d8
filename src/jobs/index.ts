export { audit, preregistration } from "./audit.ts";
export { Config, type ConfigFlags, resolveConfig, TrainConfig } from "./config.ts";
export { type EvaluateRequest, evaluate } from "./evaluate.ts";
export { applyGate, type GateResult } from "./gate.ts";
export {
  asLanguageModel,
  assetFolder,
  BUNDLED,
  behavioursFor,
  bundledModels,
  type OpenedModel,
  openModel,
} from "./open.ts";
export { auditOnly, finetuneOnly, type RunOptions, type RunResult, run, type StageOutcome } from "./pipeline.ts";
export { publish } from "./publish.ts";
export {
  type DictionaryEvalRequest,
  type DictionaryTrainRequest,
  dataSequences,
  defaultHook,
  judgeDictionary,
  judgingText,
  type LatentRequest,
  type NamedModel,
  showLatent,
  trainDictionaryFolder,
  trainingText,
} from "./train-dictionary.ts";
export { refuseFaults, trainingRows, validate } from "./validate.ts";
export { GENERATED_BY, RUNTIME } from "./version.ts";
