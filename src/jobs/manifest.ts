import { existsSync, readFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import type { Engine } from "../engine/index.ts";
import { ManifestRecord, type ModelIdentity } from "../records/index.ts";
import { atomicWriteFile, codeVersion } from "../store/index.ts";
import { GENERATED_BY, RUNTIME } from "./version.ts";

export interface ManifestInputs {
  readonly folder: string;
  readonly engine: Engine;
  readonly model: ModelIdentity;
  /** Null where nothing is trained here. */
  readonly dataSha256: string | null;
  readonly preregistration: string;
  readonly seed: number;
}

/**
 * Writes `manifest.json` before anything is trained. A later run of the same folder that changes margin, alpha or
 * behaviours after the training is honest about it: `fixedBeforeTraining` becomes false and stays so.
 */
export async function writeManifest({
  folder,
  engine,
  model,
  dataSha256,
  preregistration,
  seed,
}: ManifestInputs): Promise<ManifestRecord> {
  const path = join(folder, "manifest.json");
  const before = readManifest(path);
  const trained = existsSync(join(folder, ".stages", "finetune.json"));
  const unchanged = before?.preregistration === preregistration && before.fixedBeforeTraining === true;
  const manifest: ManifestRecord = {
    schemaVersion: 1,
    program: GENERATED_BY,
    codeSha256: codeVersion(),
    node: process.version,
    engine: { runtime: RUNTIME, provider: engine.device, threads: engine.threads, dtype: "float32" },
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    seed,
    model,
    dataSha256,
    preregistration,
    fixedBeforeTraining: dataSha256 === null ? null : !trained || unchanged,
  };
  await atomicWriteFile(path, `${JSON.stringify(manifest, null, 2)}\n`);
  return manifest;
}

function readManifest(path: string): ManifestRecord | null {
  if (!existsSync(path)) return null;
  const parsed = ManifestRecord.safeParse(JSON.parse(readFileSync(path, "utf8")));
  return parsed.success ? parsed.data : null;
}
