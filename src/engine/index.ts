export {
  type AutoencoderAdam,
  type AutoencoderParameters,
  type AutoencoderRequest,
  type AutoencoderSizes,
  type AutoencoderStep,
  rowWidth,
} from "./autoencoder-request.ts";
export {
  buildForward,
  type ForwardSpec,
  forwardProgram,
  frozenLayers,
  type ModelSource,
  selectMultiple,
  targetLogProbabilities,
  weightReader,
} from "./build.ts";
export { type Engine, EngineDiedError, type EngineOptions, type OnTokens, startEngine } from "./client.ts";
export { checkDevice, type Device, devices, usualDevice } from "./device.ts";
export type { Generated, GenerateRequest, TokenReport } from "./generate.ts";
export { languageModel } from "./language-model.ts";
export type {
  AskOptions,
  GenerateOptions,
  Intervention,
  LanguageModel,
  Likelihood,
  ModelBinding,
  ReadSequence,
  VisitActivations,
  Where,
} from "./model.ts";
export {
  type BufferFeed,
  compile,
  float32,
  type HostTensor,
  int64,
  type Program,
  type RunRequest,
  scalarTensor,
} from "./program.ts";
export { groupsByLength, type PackedBatch, packSequences, paddedTo, queryChunks } from "./sequences.ts";
export { readName, type Tap, tapInput } from "./taps.ts";
export type { Continuation } from "./trees.ts";
