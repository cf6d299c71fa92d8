/**
 * From the name of a model to what answers: a base, a project's own tuned model or a checkpoint of one, or one that
 * another project shares.
 */
import { join } from "node:path";
import type { Wanted } from "../inference/inference.ts";
import { stepOfCheckpoint } from "../run/request.ts";
import { findCheckpoint, findModel, type ModelRow, modelOfJob, sharedModel } from "../state/index.ts";
import type { Services } from "./context.ts";
import { ApiError, invalid, notFound } from "./errors.ts";

export async function servedModel(
  { db, settings }: Pick<Services, "db" | "settings">,
  projectId: string,
  name: string,
): Promise<Wanted> {
  if (Object.hasOwn(settings.bases, name)) return { base: name, adapter: null };
  const tuned = await findModel(db, projectId, name);
  if (tuned) return adapterOf(settings.folder, tuned, name);
  const shared = await sharedModel(db, projectId, name);
  if (shared) return adapterOf(settings.folder, shared, name);
  const checkpoint = await findCheckpoint(db, projectId, name);
  if (!checkpoint) throw notFound("model", name, "model_not_found", "model");
  const model = await modelOfJob(db, checkpoint.job_id);
  if (!model) throw invalid("Checkpoints are served when their job has succeeded", "model", "checkpoint_not_ready");
  return adapterOf(settings.folder, model, name);
}

function adapterOf(folder: string, model: ModelRow, name: string): Wanted {
  if (model.held) {
    const message = `The model ${model.id} is held back: its audit breached the gate, and nobody has released it (POST /v1/models/{model}/release)`;
    throw new ApiError({ status: 403, code: "model_held", message, param: "model" });
  }
  const step = stepOfCheckpoint(model.id, name);
  const path = step === null ? "adapter" : join("checkpoints", `step-${step}`);
  return { base: model.base, adapter: join(folder, model.folder, path) };
}
