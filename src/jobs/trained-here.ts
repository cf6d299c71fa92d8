/** Did the training that lies in a run folder make the very model that was audited? */
import { join } from "node:path";
import { openModelFiles } from "../data/index.ts";
import type { AuditRecord, FinetuneRecord } from "../records/index.ts";
import { cacheSubfolder, hashFile } from "../store/index.ts";
import { adapterSha256 } from "../training/index.ts";

/** Where the weights that it made are no longer there, the data decide. */
export async function isTrainingOf(folder: string, finetune: FinetuneRecord, audit: AuditRecord): Promise<boolean> {
  if (finetune.base.sha256 !== audit.base.sha256) return false;
  if (audit.data && finetune.dataSha256 !== audit.data.sha256) return false;
  const made = finetune.method === "full" ? await wholeOf(folder, finetune) : await adapterOf(folder, finetune);
  if (made === null) return audit.data !== null;
  return made === audit.tuned.sha256 || (await isMerged(folder, finetune, audit));
}

/** Names of adapter and model as audits have them; null where the file that was trained is not there. */
async function adapterOf(folder: string, finetune: FinetuneRecord): Promise<string | null> {
  const adapter = join(folder, "adapter");
  if (!(await holds(join(adapter, "adapter_model.safetensors"), finetune))) return null;
  return adapterSha256(adapter);
}

async function wholeOf(folder: string, finetune: FinetuneRecord): Promise<string | null> {
  const model = join(folder, "model");
  return (await holds(join(model, "model.safetensors"), finetune)) ? modelSha256(model) : null;
}

/** The adapter merged into its base, audited as a whole model. */
async function isMerged(folder: string, { merged }: FinetuneRecord, audit: AuditRecord): Promise<boolean> {
  if (merged === null) return false;
  const model = join(folder, "merged");
  const there = await hashFile(join(model, "config.json")).catch(absent);
  return there !== null && (await modelSha256(model)) === audit.tuned.sha256;
}

async function modelSha256(folder: string): Promise<string> {
  return (await openModelFiles(folder, { cacheDir: await cacheSubfolder("models") })).sourceSha256();
}

const holds = async (file: string, { adapterSha256: trained }: FinetuneRecord) =>
  (await hashFile(file).catch(absent)) === trained;

function absent(error: NodeJS.ErrnoException): null {
  if (error.code === "ENOENT" || error.code === "ENOTDIR") return null;
  throw error;
}
