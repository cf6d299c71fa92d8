export { type Application, apply, composite } from "./apply.ts";
export { gradients, recomputedInBackward } from "./gradients.ts";
export {
  type Backward,
  type Dim,
  type DType,
  type ExternalData,
  Graph,
  type Initializer,
  type Shape,
  type Tensor,
} from "./graph.ts";
export { onnxBytes } from "./onnx.ts";
export * from "./ops/index.ts";
export { broadcastShape, dimAt, sameShape, staticDim } from "./shape.ts";
