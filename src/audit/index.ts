export * from "./statistics/index.ts";
export {
  type ExactDifference,
  type HeadlineBehaviour,
  headline,
  type VerdictAnswer,
  type VerdictQuestion,
  verdictOf,
} from "./verdict.ts";
