export { type AnswersRequest, answerPairs } from "./answers.ts";
export { answerSequence, type DriftRequest, measureDrift } from "./drift.ts";
export { type Measured, type MeasureRequest, measure, scoreAll } from "./measure.ts";
export * from "./statistics/index.ts";
export {
  type ExactDifference,
  type HeadlineBehaviour,
  headline,
  type VerdictAnswer,
  type VerdictQuestion,
  verdictOf,
} from "./verdict.ts";
