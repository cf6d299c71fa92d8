export { type Basis, orthonormalBasis, projectOff, restoreNorm } from "./basis.ts";
export { benjaminiHochberg } from "./benjaminiHochberg.ts";
export { cholesky, choleskySolve } from "./cholesky.ts";
export { classicalScaling, type PlaneMap, scaleCosines } from "./classicalScaling.ts";
export { closeness, type GeometricRisk, geometricRisk, meanCloseness, type RiskRequest } from "./geometricRisk.ts";
export {
  matchedSet,
  matchedSetNull,
  matchedSets,
  type Strata,
  type StrataRequest,
  setScore,
  strata,
} from "./matchedSets.ts";
export { type MonteCarlo, maximumOverLayers, monteCarlo } from "./monteCarlo.ts";
export { permutedLabelNulls } from "./permutedLabels.ts";
export { principalAngles } from "./principalAngles.ts";
export { columnGram, gram, type PrincipalDirections, principalDirections } from "./principalDirections.ts";
export {
  anisotropicNull,
  isotropicCosine,
  isotropicCosines,
  isotropicDirections,
  isotropicMeans,
  isotropicNull,
} from "./randomDirections.ts";
export { type SignFlipRequest, type SignFlipResult, signFlipTest } from "./signFlip.ts";
export { singularValues } from "./singularValues.ts";
export {
  alignments,
  type Directions,
  interference,
  normalised,
  type SignedLatent,
  type SpilloverScore,
  setDirection,
  spillover,
  weightedDirection,
} from "./spillover.ts";
export { type Eigen, symmetricEigen } from "./symmetricEigen.ts";
export { addScaled, cosine, dot, meanRow, norm, rowAt, rowCount, type Vector } from "./vectors.ts";
