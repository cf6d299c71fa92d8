export {
  Add,
  And,
  Cos,
  Div,
  Equal,
  Exp,
  Less,
  LessOrEqual,
  Log,
  Min,
  Mul,
  Neg,
  Reciprocal,
  recomputedAfter,
  Sigmoid,
  Sign,
  Sin,
  Sqrt,
  Sub,
  scalar,
  Tanh,
  Where,
} from "./elementwise.ts";
export {
  type CachedAttentionInputs,
  type CachedAttentionSizes,
  GroupQueryAttention,
  RotaryEmbedding,
  type RotaryInputs,
  SimplifiedLayerNormalization,
} from "./fused.ts";
export { Gather, GatherElements, Range, ScatterElements, TopK } from "./indexing.ts";
export { Gemm, type GemmOptions, MatMul } from "./linear.ts";
export { Softmax } from "./normalised.ts";
export { DequantizeLinear } from "./quantised.ts";
export { ReduceMax, ReduceMean } from "./reduce.ts";
export {
  Cast,
  Concat,
  Expand,
  ExpandLike,
  Identity,
  Pad,
  ReduceSum,
  Reshape,
  Slice,
  SliceTo,
  sumTo,
  Transpose,
  Unsqueeze,
} from "./shape.ts";
