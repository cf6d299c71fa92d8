export { type AttributeOptions, attribute } from "./attribute.ts";
export { type EdgeRow, edgeCount } from "./edges.ts";
export { type AttributionGraph, featureKey, type GraphNode, nodeAt, nodeLayout } from "./graph.ts";
export { influence } from "./influence.ts";
export { type Feature, type LocalReplacement, localReplacement, type ReplacementOptions } from "./replacement.ts";
export { type LogitTarget, logitTargets, salientDefaults, type TargetChoice } from "./targets.ts";
export { type TranscoderLayer, type TranscoderSet, transcoderSet } from "./transcoders.ts";
