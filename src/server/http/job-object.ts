/** A job as clients see it. */
import { JobRequest } from "../run/request.ts";
import type { CheckpointRow, EventRow, JobRow, ModelRow } from "../state/index.ts";
import { secondsOf } from "./schemas/common.ts";
import type { EventObject, JobObject } from "./schemas/jobs.ts";

/** `model`: what the job has made, as far as it is there still. */
export function jobObject(job: JobRow, model: ModelRow | null): JobObject {
  const request = JobRequest.parse(job.request);
  const { train } = request.config;
  const resolved = {
    n_epochs: train.epochs,
    batch_size: train.batchRows,
    learning_rate_multiplier: request.learningRateMultiplier,
  };
  return {
    id: job.id,
    object: "fine_tuning.job",
    created_at: secondsOf(job.created_at),
    finished_at: job.finished_at && secondsOf(job.finished_at),
    estimated_finish: estimatedFinish(job),
    model: request.base,
    fine_tuned_model: job.fine_tuned_model,
    organization_id: job.project_id,
    status: statusOf(job),
    hyperparameters: resolved,
    method:
      train.objective === "dpo"
        ? { type: "dpo", dpo: { hyperparameters: { ...resolved, beta: train.beta } } }
        : { type: "supervised", supervised: { hyperparameters: resolved } },
    training_file: job.training_file,
    validation_file: job.validation_file,
    result_files: job.result_files,
    trained_tokens: job.trained_tokens,
    error: job.error,
    seed: request.seed,
    integrations: null,
    metadata: job.metadata,
    x_penumbra: {
      state: job.state,
      phase: job.phase,
      progress: job.progress,
      options: request.options,
      headline: job.outcome?.headline ?? null,
      affected: job.outcome?.affected ?? null,
      stopped_by: job.outcome?.stoppedBy ?? null,
      gate: job.outcome?.gate ?? null,
      held: model?.held ?? null,
    },
  };
}

/** Clients of the common API know no `paused`: a job that waits for its owner is told as one that waits. */
function statusOf({ state, phase }: JobRow): JobObject["status"] {
  if (state === "paused") return "queued";
  return state === "running" && phase === "validating" ? "validating_files" : state;
}

/** From the pace of the fine-tuning's steps alone: what follows it is not foreseen, so the time is the earliest. */
function estimatedFinish({ state, progress, started_at }: JobRow): number | null {
  if (state !== "running" || !started_at || progress?.task !== "fine-tune" || !progress.total || progress.step < 1)
    return null;
  const elapsed = Date.now() - started_at.getTime();
  return Math.round((started_at.getTime() + (elapsed * progress.total) / progress.step) / 1000);
}

export function eventObject({ id, created_at, level, message, type, data }: EventRow): EventObject {
  return { id, object: "fine_tuning.job.event", created_at: secondsOf(created_at), level, message, type, data };
}

export function checkpointObject({ id, created_at, model, job_id, step, metrics }: CheckpointRow) {
  return {
    id,
    object: "fine_tuning.job.checkpoint" as const,
    created_at: secondsOf(created_at),
    fine_tuned_model_checkpoint: model,
    fine_tuning_job_id: job_id,
    step_number: step,
    metrics,
  };
}
