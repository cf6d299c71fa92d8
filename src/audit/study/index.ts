export { analyseModel, findingsOf } from "./analyse.ts";
