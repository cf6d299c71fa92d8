export { type Gate, Gate as GateSchema } from "./http/schemas/options.ts";
export { type KeyBook, type ListedKey, withKeys } from "./keys.ts";
export { type Log, openLog } from "./log.ts";
export { type Running, startServer, startWorker } from "./serve.ts";
export { defaultLimits, type Limits, LOOPBACK, type Settings } from "./settings.ts";
export { KeyRole } from "./state/index.ts";
