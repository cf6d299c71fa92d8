export { chooseItems } from "../choose-items.ts";
export {
  type BlackBoxMeasured,
  type BlackBoxRequest,
  measureBlackBox,
  notesOf,
  readerOf,
  readoutOf,
  usageOf,
} from "./black-box.ts";
export { type Render, transcript } from "./echo.ts";
export { type Abilities, probe } from "./probe.ts";
export type { Reader, Reading, ReadOptions } from "./reading.ts";
