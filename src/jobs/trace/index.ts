export { featureLabels } from "./cards.ts";
export { type TraceDiff, type TraceDiffRequest, traceDiff } from "./diff.ts";
export { type TraceRequest, type TraceSettings, traceGraph } from "./graph.ts";
export { behaviourPrompt, type TracePrompt, textPrompt, tokenChoice } from "./prompt.ts";
export { readGraph } from "./read.ts";
export { type FeatureSetting, parseSetting, setFeatures } from "./set.ts";
export { keptTranscoders, openTranscoders } from "./transcoders.ts";
