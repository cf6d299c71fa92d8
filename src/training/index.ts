export { activationGradients, type ObjectiveSequence, type VisitGradients } from "./activation-gradients.ts";
export {
  type AdapterGradient,
  type AdapterGradientRequest,
  adapterGradient,
  adapterGradients,
} from "./adapter-gradient.ts";
export { type MicroBatch, microBatches, rowsOfStep } from "./batches.ts";
export { type CheckpointFolder, latestCheckpoint, saveCheckpoint, stepsIn } from "./checkpoint.ts";
export {
  type Finetuned,
  type FinetuneRequest,
  type FurtherRequest,
  finetune,
  finetuneFull,
  finetuneFurther,
  finetunePreferences,
  type Look,
  type LoraOptions,
  type PreferenceOptions,
  stepsOf,
  type TrainingOptions,
  type TuningRequest,
  type ValidationLine,
  type ValidationOptions,
} from "./finetune.ts";
export { type FoldRequest, foldPeft, needsFolding } from "./fold-peft.ts";
export { type Guard, guardedAdapter } from "./guard.ts";
export { type Divergence, divergenceFromBase } from "./kl.ts";
export { type CrossEntropyInputs, linearCrossEntropy } from "./loss.ts";
export { addProduct, logitDistance, mergedWeight, openMade, writeMerged } from "./merge.ts";
export { type AdamWOptions, adamWDefaults, adamWProgram, adamWScalars, optimiserStep } from "./optimiser.ts";
export { filledShare, packedGradient, packedProgram, packRows } from "./packing.ts";
export { adapterFault, adapterSha256, readPeft, writePeft } from "./peft.ts";
export {
  addPreferenceGradient,
  type PreferencePair,
  pairBatches,
  preferenceProgram,
  referenceMargins,
} from "./preference.ts";
export { alongBasis, offInputs, offOutputs, type RowBlock, type Subspace } from "./project.ts";
export type { RowMeans } from "./row-means.ts";
export { learningRateAt, type ScheduleOptions } from "./schedule.ts";
export { type StartGradient, type StartGradientRequest, sizeOfB, startGradient, tokensOf } from "./start-gradient.ts";
export { addGradient, lossWeight, type TrainingProgram, type TrainingRow, trainingProgram } from "./step.ts";
export { type LoraShape, type LoraTargets, layoutOf, ownRanks, targetLinears } from "./targets.ts";
export { freshState, type StepReport, type TrainingState, type TrainRequest, train } from "./train.ts";
export {
  fullTrainable,
  initialLora,
  initialMagnitudes,
  loraTrainable,
  readAllWeights,
  type Trainable,
  weightOffsets,
} from "./trainable.ts";
export { type Division, divideRows, evaluateLoss, evaluationProgram, splitRows } from "./validation.ts";
export { writeWhole } from "./whole-model.ts";
