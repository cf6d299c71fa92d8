export { CancelledError, UserError, type UserFault } from "./errors.ts";
export { parsedJson } from "./json.ts";
export { mean, meanOrNull } from "./mean.ts";
export { must, pick } from "./pick.ts";
export type { OnProgress, ProgressEvent } from "./progress.ts";
export { type Rng, rng, seedOf } from "./rng.ts";
export { checkShape, elementCount } from "./shape.ts";
