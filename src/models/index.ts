export {
  type Adapter,
  type AdapterLayout,
  type AdapterModule,
  type AdapterSlot,
  adapterLayout,
  flattenAdapter,
  unflattenAdapter,
} from "./adapter.ts";
export type {
  Dimensions,
  ForwardContext,
  ForwardOutputs,
  GainSpec,
  KeyValueCache,
  LinearSpec,
  ModelDefinition,
  WeightSpec,
} from "./definition.ts";
export { type BlockHook, blockHooks, type HookName, hookLayer, hookNames, hookShape } from "./hooks.ts";
export { frozenLinear, type LoraInputs, loraLinear } from "./lora.ts";
export { defineModel } from "./registry.ts";
