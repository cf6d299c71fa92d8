export { permutedDictionary, randomDictionary } from "./baselines.ts";
export { type CrossEntropies, crossEntropies, recovered } from "./cross-entropy.ts";
export { decodeSparse, reconstruct } from "./decode.ts";
export type { Dictionary, SparseActivations } from "./dictionary.ts";
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
export { type ReadDictionary, readSaeLens, type WriteOptions, writeSaeLens } from "./formats/sae-lens.ts";
export { FIDELITY_LIMIT, type FidelityGate, fidelityGate } from "./gate.ts";
export { directionLogits, type LatentContext, type LatentFirings, latentFirings } from "./latent.ts";
export { checkFits, type OpenedDictionary, openDictionary } from "./open.ts";
export { type ActivationGroup, concatRows, type ReadOptions, readActivations } from "./read.ts";
export { type ShuffleOptions, shuffledBatches } from "./shuffle-buffer.ts";
export {
  type DictionaryRecipe,
  type DictionaryStep,
  dictionaryDefaults,
  type TrainDictionaryRequest,
  type TrainedDictionary,
  trainDictionary,
} from "./train.ts";
