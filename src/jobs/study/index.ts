export { type ProgramOptions, type RunProgram, type StudyOptions, study } from "./study.ts";
export { readStudy, StudyConfig } from "./study-config.ts";
