export {
  type Adapter,
  type AdapterLayout,
  type AdapterModule,
  type AdapterSlot,
  adapterLayout,
  flattenAdapter,
  type LayoutOptions,
  layoutOfAdapter,
  loraScale,
  type OwnRank,
  rankOf,
  unflattenAdapter,
} from "./adapter.ts";
export { checkpointTensors, moduleInFiles, moduleOfFiles, tensorOfFiles } from "./checkpoint.ts";
export type {
  CheckpointNames,
  Dimensions,
  ForwardContext,
  ForwardOutputs,
  GainSpec,
  KeyValueCache,
  LinearSpec,
  ModelDefinition,
  ValuesSpec,
  WeightSpec,
} from "./definition.ts";
export {
  type BlockHook,
  blockHooks,
  type HookName,
  hookLayer,
  hookNames,
  hookShape,
  type ScaleHook,
  scaleHook,
} from "./hooks.ts";
export { doraLinear, type FrozenLayer, frozenLinear, type LoraInputs, loraLinear, weightFirst } from "./lora.ts";
export { defineModel } from "./registry.ts";
export { servesInPlace } from "./serving.ts";
