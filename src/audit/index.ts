export { type AnswersRequest, answerPairs } from "./answers.ts";
export { behaviourDirections, type Directions, directionsOf, pairedDirections, residualHooks } from "./directions.ts";
export { answerSequence, type DriftRequest, measureDrift } from "./drift.ts";
export { type DataSide, type DataSideRequest, dataSide } from "./forecast/data-side.ts";
export { type ForecastParts, forecastRecord, type RowText, spilloversOf, type Tangents } from "./forecast/forecast.ts";
export type { ProbeGradient } from "./forecast/tangent.ts";
export { behaviourGradients, type ProbesQuestion, type TangentsRequest, tangents } from "./forecast/tangents.ts";
export { type InsideRecord, type InsideRequest, lookInside } from "./inside.ts";
export { type Measured, type MeasureRequest, measure, scoreAll } from "./measure.ts";
export { type Probe, pairLogOdds, pairScore, probeOf } from "./pair-log-odds.ts";
export { type PreparedBase, type PrepareOptions, prepareBase } from "./prepare.ts";
export * from "./statistics/index.ts";
export {
  type ExactDifference,
  type HeadlineBehaviour,
  headline,
  type VerdictAnswer,
  type VerdictQuestion,
  verdictOf,
} from "./verdict.ts";
