export { expectation } from "./expectation.ts";
export { type Judge, type JudgeCase, type Judged, judgeAll } from "./judge.ts";
export { type Agreement, cohenKappa } from "./kappa.ts";
export { type KeptReplies, keptReplies, nothingKept } from "./kept-replies.ts";
export { localSpeaker } from "./local-speaker.ts";
export { ask, type Panel, type PanelVerdict } from "./panel.ts";
export {
  labelReader,
  promptSha256,
  type Rubric,
  rubricTurns,
  type ScaleValue,
  scaleRubric,
  yesNoRubric,
} from "./rubric.ts";
