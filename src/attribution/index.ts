export { type AttributeOptions, attribute } from "./attribute.ts";
export { type Confirmable, type Confirmed, confirmEdge, confirmFeature, demeaned, predictedMove } from "./confirm.ts";
export {
  type Change,
  diffGraphs,
  type EdgeChange,
  type GraphDiff,
  keptFeatures,
  type NodeChange,
  nodeKey,
  type Sides,
} from "./diff.ts";
export { type EdgeRow, edgeCount } from "./edges.ts";
export { totalEffects } from "./effects.ts";
export {
  type GraphText,
  graphRecord,
  nodeRecord,
  type ReadGraph,
  readGraphJson,
  writeGraphJson,
} from "./formats/graph-json.ts";
export { readTorchGraph, type TorchGraph } from "./formats/torch-graph.ts";
export { type AttributionGraph, featureKey, type GraphNode, logitWeights, nodeAt, nodeLayout } from "./graph.ts";
export { influence } from "./influence.ts";
export { type FeatureIntervention, type InterveneOptions, intervene, preActivationShift } from "./intervene.ts";
export { type Addition, allHeld, type Held, type Perturbed, perturbed } from "./perturb.ts";
export { type PrunedGraph, type PruneOptions, prune, pruneDefaults } from "./prune.ts";
export {
  type Feature,
  type LocalReplacement,
  localReplacement,
  type ReplacementOptions,
  type Write,
  writtenVector,
} from "./replacement.ts";
export { type GraphScores, graphScores } from "./scores.ts";
export { type SimilarityOptions, type Supernode, similarFeatures } from "./supernodes.ts";
export { type LogitTarget, logitTargets, salient, salientDefaults, softmax, type TargetChoice } from "./targets.ts";
export { type TranscoderLayer, type TranscoderSet, type TranscoderSetOptions, transcoderSet } from "./transcoders.ts";
