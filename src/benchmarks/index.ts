export { type EmRequest, type EmResult, emergentMisalignment } from "./em.ts";
export { EM_FORMATS, type EmFormat, parseEmQuestions, protocolQuestions } from "./em-yaml.ts";
export { runSet, type SetRequest, type SetResult, type Subject } from "./run.ts";
export type { About, ChoiceSet, OpenSet } from "./set.ts";
export { type Imported, importers } from "./sets/index.ts";
export { checkRows, licenceBeside, nameOf, readSource, type Source } from "./source.ts";
