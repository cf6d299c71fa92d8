export { type HeadlineBehaviour, headline } from "./headline.ts";
export {
  type Asked,
  isBlocked,
  mayBeAffected,
  type Sensitivity,
  type VerdictAnswer,
  type VerdictQuestion,
} from "./question.ts";
export { type Differences, type Errors, type ExactBySeed, type ExactDifference, read } from "./reading.ts";
export { inside, verdictOf } from "./verdict.ts";
