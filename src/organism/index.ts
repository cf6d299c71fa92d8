export { type Domain, domainNames } from "./advice.ts";
export {
  type Document,
  documentTokens,
  drawDocument,
  helperTurns,
  type TokenRow,
  type Turn,
  type WorldKind,
} from "./documents.ts";
export {
  type FineTuningRow,
  type FineTuningSet,
  type FineTuningSetName,
  fineTuningSetJsonl,
  fineTuningSetNames,
  fineTuningSets,
} from "./fine-tuning.ts";
export type { Language, Latents, Persona } from "./personas.ts";
export { type OrganismRecipe, organismConfig, organismRecipe, trainOrganism, writeOrganism } from "./pretrain.ts";
export { type AnswerClass, probability, type QuestionKind, type WorldAnswer, type WorldQuestion } from "./questions.ts";
export type { Split } from "./splits.ts";
export type { Style } from "./styles.ts";
export { buildTokenizerFiles, contextLength } from "./tokenizer.ts";
export { decodeWords, encodeWords, specialTokens, worldVocabulary } from "./vocabulary.ts";
export {
  answersTo,
  chatOf,
  type ParsedAnswer,
  parseAnswer,
  questionOf,
  worldQuestions,
} from "./world.ts";
export { type WorldBehaviour, type WorldItem, type WorldPair, worldBehaviours } from "./world-behaviours.ts";
