export { coderOf, dictionaryOf } from "./as-dictionary.ts";
export { normaliseRows, permutedDictionary, randomDictionary } from "./baselines.ts";
export { type CoderCost, type CoderCostRequest, coderCost } from "./coder-cost.ts";
export {
  type CoderFidelityRequest,
  type CodersFidelityRequest,
  CoderTally,
  DENSE_SHARE,
  measureCoder,
  measureCoders,
  sideBySide,
} from "./coder-fidelity.ts";
export { checkCoderFits, checkOneModel, checkPlaceFits } from "./coder-fits.ts";
export { decodeCoder, runCoder } from "./coders/decode.ts";
export { decoderNorms, encodeGroup, type GroupActivations } from "./coders/encode.ts";
export { encodeGroupLarge, releaseGroup } from "./coders/encode-large.ts";
export { type LatentRows, loadCoder, readLatent } from "./coders/load.ts";
export {
  type Activation,
  type CoderKind,
  type CoderOutput,
  coderWords,
  type FiledCoder,
  type InputNorm,
  isTranscoder,
  type LatentGroup,
  type LoadedCoder,
  latentCount,
  readsPair,
  type SparseCoder,
} from "./coders/sparse-coder.ts";
export { type CrossEntropies, crossEntropies, recovered } from "./cross-entropy.ts";
export { decodeSparse, reconstruct } from "./decode.ts";
export type { Dictionary, SparseActivations } from "./dictionary.ts";
export { type DictionaryRecipe, dictionaryDefaults } from "./dictionary-recipe.ts";
export { directionLogits } from "./direction-logits.ts";
export { encode } from "./encode.ts";
export { encodeLarge } from "./encode-large.ts";
export { type FidelityRequest, fidelityOf, type Measured, measureFidelity } from "./fidelity.ts";
export {
  explainedVariance,
  type FidelitySums,
  firingRates,
  meanL0,
  mergeSums,
  noSums,
  sumsOf,
} from "./fidelity-sums.ts";
export type { CoderFormat, OpenHints, WriteCoderOptions } from "./formats/format.ts";
export {
  checkHeld,
  coderFormats,
  type OpenedCoders,
  openCoders,
  transcoderList,
  writeCoders,
} from "./formats/index.ts";
export { FIDELITY_LIMIT, type FidelityGate, fidelityGate } from "./gate.ts";
export { resolveDictionary } from "./hub-names.ts";
export { type HubPlace, hubFileOf, hubPlace } from "./hub-place.ts";
export { leftOutOf, leftOutPositions } from "./left-out.ts";
export {
  type Complete,
  type Context,
  type LabelSubject,
  labelLatents,
  type Message,
  type ScoredLabel,
} from "./meaning/auto-label.ts";
export { BINS, type CoderFirings, coderFirings, type FiringContext, type FiringsRequest } from "./meaning/firings.ts";
export { nearestLatents } from "./meaning/nearest.ts";
export {
  type Label,
  type LatentMeaning,
  type NeuronpediaSource,
  readNeuronpedia,
  type ShownContext,
  writeNeuronpedia,
} from "./meaning/neuronpedia.ts";
export { type FoundLabel, searchLabels } from "./meaning/search.ts";
export { checkFits, type OpenedDictionary, openDictionary, type WriteOptions, writeSaeLens } from "./open.ts";
export { type Absorption, absorption, type LabelledExamples, type SparseProbing, sparseProbing } from "./probing.ts";
export { type ActivationGroup, columnsOf, concatRows, hookWidth, type ReadOptions, readActivations } from "./read.ts";
export { sharedReading } from "./shared-reading.ts";
export { type ShuffleOptions, shuffledBatches } from "./shuffle-buffer.ts";
export { isTemporal, openTemporal } from "./temporal/open-temporal.ts";
export { runTemporal, type TemporalCoder } from "./temporal/temporal-coder.ts";
export { type TemporalFidelity, temporalFidelity } from "./temporal/temporal-fidelity.ts";
export {
  type DictionaryStep,
  type TrainDictionaryRequest,
  type TrainedDictionary,
  trainDictionary,
} from "./train.ts";
export type { CoderStep, TrainCoderRequest, TrainedCoder } from "./training/coder-request.ts";
export {
  type CoderPlaces,
  type CoderRecipe,
  coderDefaults,
  type Place,
  type TrainedArchitecture,
  type TrainedKind,
  trainedArchitectures,
  trainedKinds,
} from "./training/recipe.ts";
export { trainCoder } from "./training/train-coder.ts";
