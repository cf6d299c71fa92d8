export { BLOCK_WEIGHTS, scalesOf, toBytes, writeByteCheckpoint } from "./byte-checkpoint.ts";
export { type Dataset, readDataset } from "./dataset.ts";
export {
  type DatasetFormat,
  type DatasetRow,
  type Fault,
  type FaultCode,
  type PreferenceRow,
  rejectedConversation,
  type TrainingMessage,
} from "./dataset-row.ts";
export { bytesToFloats, type FloatDtype, floatsToBytes, type SafetensorsDtype } from "./dtype.ts";
export { type EncodedRow, encodeRow } from "./encode-row.ts";
export { ggufToCheckpoint } from "./gguf/convert.ts";
export { hubFromEnvironment } from "./hub/account.ts";
export type { HubClient } from "./hub/client.ts";
export { type Pulled, type PullRequest, pullModel } from "./hub/pull.ts";
export type { ChatMessage, Role } from "./messages.ts";
export { hubFolder, type ModelFiles, openModelFiles } from "./model-files.ts";
export { openNpz } from "./npz.ts";
export { PickleObject, type PickleValue } from "./pickle.ts";
export { openCheckpoint, openSafetensors, readTensor, readTensorRaw, type TensorStore } from "./safetensors.ts";
export type { TensorLocation } from "./safetensors-header.ts";
export { type TensorToWrite, writeSafetensors } from "./safetensors-write.ts";
export {
  fromView,
  mergedView,
  readView,
  readWhole,
  readWholes,
  repeatedView,
  rowView,
  scaledView,
  swappedView,
  type TensorView,
  transposedView,
  unsqueezedView,
  viewOf,
} from "./tensor-view.ts";
export { loadTokenizer } from "./tokenizer.ts";
export type { ChatOptions, Tokenizer } from "./tokenizer-types.ts";
export { openTorchState, readTorchFile, TorchTensor } from "./torch-file.ts";
export { validateDataset } from "./validate.ts";
