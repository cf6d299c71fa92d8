export { obrienFlemingSpending, spentLevels } from "./alphaSpending.ts";
export { type BootstrapIntervals, type BootstrapOptions, clusterBootstrap, sortedQuantile } from "./bootstrap.ts";
export {
  addTo,
  type Bootstrapped,
  bootstrapOf,
  bootstrapSums,
  intervalOf,
  resamples,
  type Statistic,
  SUMS_DRAWS,
  type Sums,
  type SumsEstimate,
  sideBySide,
  total,
} from "./cluster-sums.ts";
export {
  type ClusteredEstimate,
  clusteredMean,
  clusteredTInterval,
  type ItemDifference,
  unanimousInterval,
} from "./clusteredT.ts";
export {
  decisionPower,
  isBeyond,
  isEquivalent,
  itemsToDecide,
  type PowerQuestion,
  sidakAlpha,
} from "./decisions.ts";
export { normalCdf, normalQuantile, studentCdf, studentQuantile } from "./distributions.ts";
export { LEAST_CLUSTERS, type MaxTOptions, maxTHalfWidths } from "./maxT.ts";
export { mcnemarExact } from "./mcnemar.ts";
export { type MixedEstimate, mixedModel, type SeedTable, type VarianceComponents } from "./mixedModel.ts";
export { LEAST_SEEDS, overSeeds } from "./overSeeds.ts";
export {
  capabilityGate,
  correlation,
  type Gate,
  type ItemScore,
  spearmanBrown,
  splitHalfReliability,
  withinClusterReliability,
} from "./reliability.ts";
export { wilsonInterval } from "./wilson.ts";
