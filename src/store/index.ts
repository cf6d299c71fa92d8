export { type CacheEntry, cacheFolder, cacheSubfolder, listCache, purgeCache, stateFolder } from "./cache.ts";
export { codeVersion } from "./code-version.ts";
export { diskFault } from "./disk-fault.ts";
export { appendEvents, type ScalarEvent } from "./event-file.ts";
export { canonicalJson, hashBytes, hashContents, hashFile, hashJson } from "./hash.ts";
export { appendJsonl, type Line, type Parser, readJsonl, readLines, writeJsonl } from "./jsonl.ts";
export { lockFolder } from "./lock.ts";
export {
  fingerprintOf,
  newKeyPair,
  publicKeyOf,
  readPrivateKey,
  readPublicKey,
  signText,
  verifyText,
} from "./signature.ts";
export {
  outputHash,
  runStage,
  type Stage,
  type StageContext,
  StageRecord,
  type StageResult,
  stageKey,
} from "./stages.ts";
export { appendLine, atomicWriteFile, type Contents, removeLeftovers } from "./write.ts";
