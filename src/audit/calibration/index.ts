export { auroc } from "./auroc.ts";
export { calibrationError, type ReliabilityBin, reliability } from "./calibration-error.ts";
export { ceiling, halves } from "./ceiling.ts";
export { calibrationCurve, expectedOf, type Fitted, type RehearsedCell } from "./curve.ts";
export { type Cell, doubleCentred } from "./double-centred.ts";
export { isotonic, probabilityOf, type Step } from "./isotonic.ts";
export {
  behaviourMeans,
  type EstimateCell,
  type Fit,
  fitRidge,
  type LeftOut,
  leaveOneDataSetOut,
  predict,
} from "./leave-one-out.ts";
export { intervalOverDataSets } from "./over-data-sets.ts";
export { averageRanks, spearman } from "./rank-correlation.ts";
