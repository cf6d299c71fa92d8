export { askedSha256 } from "./asked.ts";
export {
  type BehaviourScores,
  type ItemScores,
  type LikelihoodModel,
  type LikelihoodRequest,
  type ScoreOptions,
  scoreBehaviour,
} from "./battery.ts";
export type { Behaviour, BehaviourItem, ContrastPair, ItemVariant } from "./behaviour.ts";
export { BehaviourFile, parseBehaviourFile } from "./behaviour-file.ts";
export { formatMatched } from "./format-matched.ts";
export { leakageBehaviour } from "./leakage.ts";
export { askedByLetter, cyclicOrders, LETTERS, lettered, letterOfText, letterOfToken } from "./letters.ts";
export { type ChatLikelihoodOptions, chatLikelihood } from "./likelihood.ts";
export { parseModelWrittenEvals } from "./model-written-evals.ts";
export { neutralTexts } from "./neutral.ts";
export { type ParallelForms, parallelForms } from "./parallel-form.ts";
export { behaviourNamed, realBehaviours } from "./registry.ts";
export { itemScore, type Score, type ScoredContinuation, variantScore } from "./score.ts";
export { organismBehaviours } from "./world.ts";
