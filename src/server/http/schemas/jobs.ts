import { z } from "@hono/zod-openapi";
import { CheckpointMetrics } from "../../state/index.ts";
import { Id, listOf, Metadata, Seconds } from "./common.ts";
import { Options } from "./options.ts";

const count = (most: number) => z.union([z.literal("auto"), z.int().min(1).max(most)]);

const Hyperparameters = z.strictObject({
  n_epochs: count(50).optional(),
  batch_size: count(256).optional(),
  learning_rate_multiplier: z.union([z.literal("auto"), z.number().positive().max(1000)]).optional(),
});
export type Hyperparameters = z.infer<typeof Hyperparameters>;

const DpoHyperparameters = Hyperparameters.extend({
  beta: z.union([z.literal("auto"), z.number().positive().max(100)]).optional(),
});

export const ModelName = z.string().min(1).max(256);

export const CreateJob = z
  .strictObject({
    model: ModelName,
    training_file: Id,
    validation_file: Id.nullish(),
    suffix: z.string().min(1).max(64).nullish(),
    seed: z.int().min(0).max(2_147_483_647).nullish(),
    metadata: Metadata.nullish(),
    method: z
      .strictObject({
        type: z.enum(["supervised", "dpo", "reinforcement"]),
        supervised: z.strictObject({ hyperparameters: Hyperparameters.optional() }).optional(),
        dpo: z.strictObject({ hyperparameters: DpoHyperparameters.optional() }).optional(),
        reinforcement: z.looseObject({}).optional(),
      })
      .optional(),
    hyperparameters: Hyperparameters.optional(),
    integrations: z.array(z.looseObject({ type: z.string() })).nullish(),
    x_penumbra: Options.optional(),
  })
  .openapi("CreateFineTuningJob");
export type CreateJob = z.infer<typeof CreateJob>;

const Resolved = z.strictObject({
  n_epochs: z.number(),
  batch_size: z.int(),
  learning_rate_multiplier: z.number(),
});

export const JobObject = z
  .strictObject({
    id: z.string(),
    object: z.literal("fine_tuning.job"),
    created_at: Seconds,
    finished_at: Seconds.nullable(),
    estimated_finish: Seconds.nullable(),
    model: z.string(),
    fine_tuned_model: z.string().nullable(),
    organization_id: z.string(),
    status: z.enum(["validating_files", "queued", "running", "succeeded", "failed", "cancelled"]),
    hyperparameters: Resolved,
    method: z.discriminatedUnion("type", [
      z.strictObject({
        type: z.literal("supervised"),
        supervised: z.strictObject({ hyperparameters: Resolved }),
      }),
      z.strictObject({
        type: z.literal("dpo"),
        dpo: z.strictObject({ hyperparameters: Resolved.extend({ beta: z.number() }) }),
      }),
    ]),
    training_file: z.string(),
    validation_file: z.string().nullable(),
    result_files: z.array(z.string()),
    trained_tokens: z.int().nullable(),
    error: z.strictObject({ code: z.string(), message: z.string(), param: z.string().nullable() }).nullable(),
    seed: z.int(),
    integrations: z.null(),
    metadata: z.record(z.string(), z.string()).nullable(),
    x_penumbra: z.strictObject({
      /** As `status`, and `paused`, which clients of the common API do not know. */
      state: z.enum(["queued", "running", "paused", "succeeded", "failed", "cancelled"]),
      phase: z.string().nullable(),
      progress: z
        .strictObject({
          task: z.string(),
          step: z.number(),
          total: z.number().nullable(),
          readings: z.record(z.string(), z.number()).optional(),
        })
        .nullable(),
      options: z.record(z.string(), z.unknown()),
      headline: z.string().nullable(),
      affected: z.array(z.string()).nullable(),
      /** The behaviour whose drift ended the training early. */
      stopped_by: z.string().nullable(),
      gate: z
        .strictObject({ outcome: z.enum(["passed", "breached", "undecided"]), behaviours: z.array(z.string()) })
        .nullable(),
      /** True: the model is not served before a person has released it. Null: there is none yet. */
      held: z.boolean().nullable(),
    }),
  })
  .openapi("FineTuningJob");
export type JobObject = z.infer<typeof JobObject>;

export const JobList = listOf(JobObject).openapi("FineTuningJobList");

export const EventObject = z
  .strictObject({
    id: z.string(),
    object: z.literal("fine_tuning.job.event"),
    created_at: Seconds,
    level: z.enum(["info", "warn", "error"]),
    message: z.string(),
    type: z.enum(["message", "metrics"]),
    data: z.record(z.string(), z.unknown()).nullable(),
  })
  .openapi("FineTuningJobEvent");
export type EventObject = z.infer<typeof EventObject>;
export const EventList = listOf(EventObject).openapi("FineTuningJobEventList");

export const CheckpointObject = z
  .strictObject({
    id: z.string(),
    object: z.literal("fine_tuning.job.checkpoint"),
    created_at: Seconds,
    fine_tuned_model_checkpoint: z.string(),
    fine_tuning_job_id: z.string(),
    step_number: z.int(),
    metrics: CheckpointMetrics,
  })
  .openapi("FineTuningJobCheckpoint");
export const CheckpointList = listOf(CheckpointObject).openapi("FineTuningJobCheckpointList");

export const Estimate = z
  .strictObject({
    object: z.literal("x_penumbra.estimate"),
    rows: z.int(),
    /** Of one epoch, after truncation; those that carry loss. */
    tokens: z.int(),
    loss_tokens: z.int(),
    truncated_rows: z.int(),
    trained_tokens: z.int(),
    steps: z.int(),
    /** From the finished jobs of this base on this server; null while there is none. */
    seconds: z.number().nullable(),
    measured_jobs: z.int(),
    /** Null where the server names no price. */
    price: z.strictObject({ amount: z.number(), currency: z.string(), per_million_tokens: z.number() }).nullable(),
    faults: z.int(),
  })
  .openapi("Estimate");

export const ReportLink = z.strictObject({ url: z.string(), expires_at: Seconds }).openapi("ReportLink");

/** What is told of a step: the data of its event. */
export const StepMetrics = z
  .strictObject({
    step: z.int(),
    train_loss: z.number(),
    /** Over the whole validation file, where it was evaluated after this step; both names hold one number. */
    valid_loss: z.number().optional(),
    full_valid_loss: z.number().optional(),
    epoch: z.number(),
    learning_rate: z.number(),
    grad_norm: z.number(),
    tokens_per_second: z.number(),
    loss_tokens: z.int().optional(),
    /** By behaviour, where the monitor looked: 1 is as far as answers that show the behaviour are from others. */
    drift: z.record(z.string(), z.number()).optional(),
  })
  .openapi("StepMetrics");

export const MetricsList = z.strictObject({ object: z.literal("list"), data: z.array(StepMetrics) }).openapi("Metrics");

/** A record of the run as the analysis wrote it: docs say what its fields are. */
export const RunRecord = z.looseObject({}).openapi("RunRecord");

export const Permission = z
  .strictObject({
    id: z.string(),
    object: z.literal("checkpoint.permission"),
    created_at: Seconds,
    project_id: z.string(),
  })
  .openapi("CheckpointPermission");
export const PermissionList = listOf(Permission).openapi("CheckpointPermissionList");
export const NewPermissions = z.strictObject({ project_ids: z.array(Id).min(1).max(100) }).openapi("NewPermissions");
export const PermissionDeleted = z
  .strictObject({ id: z.string(), object: z.literal("checkpoint.permission"), deleted: z.literal(true) })
  .openapi("CheckpointPermissionDeleted");
