export { type Dataset, readDataset } from "./dataset.ts";
export type { DatasetFormat, DatasetRow, Fault, FaultCode, TrainingMessage } from "./dataset-row.ts";
export { bytesToFloats, type FloatDtype, floatsToBytes, type SafetensorsDtype } from "./dtype.ts";
export { type EncodedRow, encodeRow } from "./encode-row.ts";
export type { ChatMessage, Role } from "./messages.ts";
export { openCheckpoint, openSafetensors, readTensor, readTensorRaw, type TensorStore } from "./safetensors.ts";
export type { TensorLocation } from "./safetensors-header.ts";
export { type TensorToWrite, writeSafetensors } from "./safetensors-write.ts";
export type { ChatOptions, Tokenizer } from "./tokenizer-types.ts";
