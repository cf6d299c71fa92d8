/** From what a client asked for to what is run: every `auto` resolved, nothing left to guess. Kept with the job. */
import { z } from "zod";
import { must } from "../../core/index.ts";
import { Config, TrainConfig } from "../../jobs/index.ts";
import { invalid } from "../http/errors.ts";
import type { CreateJob, Hyperparameters } from "../http/schemas/jobs.ts";
import { type Gate, Options, optionsInMetadata } from "../http/schemas/options.ts";
import { heldTo, rulesOf } from "./gates.ts";

/** What the pipeline is told, but for the places of this machine. */
const RunConfig = Config.omit({ model: true, data: true, validation: true, out: true });

export const JobRequest = z.strictObject({
  /** A name among the server's bases. */
  base: z.string(),
  suffix: z.string().nullable(),
  seed: z.int(),
  learningRateMultiplier: z.number(),
  /** Its gate is the job's own. */
  config: RunConfig,
  /** The server's when the job was made; absent where there was none. */
  serverGate: Config.shape.gate,
  forecast: z.boolean(),
  inside: z.boolean(),
  /** As they were given, wherever they were given. */
  options: z.record(z.string(), z.unknown()),
});
export type JobRequest = z.infer<typeof JobRequest>;

export interface Defaults {
  readonly bases: Readonly<Record<string, string>>;
  readonly gate: Gate | null;
  /** A seed for a job that names none. */
  readonly drawSeed: () => number;
}

export function jobRequest(asked: CreateJob, defaults: Defaults): JobRequest {
  refuseUnsupported(asked, defaults);
  const options = optionsOf(asked);
  const { hyperparameters, method } = asked;
  const objective = method?.type === "dpo" ? "dpo" : "sft";
  const { beta, ...given } = {
    beta: undefined,
    ...hyperparameters,
    ...(method?.dpo ?? method?.supervised)?.hyperparameters,
  };
  const multiplier = numberOf(given.learning_rate_multiplier) ?? 1;
  const seed = asked.seed ?? defaults.drawSeed();
  const { audit = {}, merged } = options;
  const serverGate = rulesOf(defaults.gate);
  const config = RunConfig.parse({
    train: { objective, ...defined({ beta: numberOf(beta) }), ...trainOf(given, options, multiplier) },
    monitor: monitorOf(options),
    seed,
    ...defined({
      merged,
      gate: rulesOf(options.gate),
      behaviours: audit.behaviours,
      dictionary: audit.dictionary,
      margin: audit.margin,
      alpha: audit.alpha,
      answerTokens: audit.answer_tokens,
    }),
  });
  return {
    base: asked.model,
    suffix: asked.suffix ?? null,
    seed,
    learningRateMultiplier: multiplier,
    config: heldTo(config, serverGate),
    serverGate,
    forecast: audit.forecast ?? true,
    inside: audit.inside ?? true,
    options,
  };
}

function refuseUnsupported(asked: CreateJob, { bases }: Defaults): void {
  if (!Object.hasOwn(bases, asked.model)) {
    const message = `The model ${asked.model.slice(0, 100)} cannot be fine-tuned here; this server has ${Object.keys(bases).join(", ")}`;
    throw invalid(message, "model", "model_not_available");
  }
  refuseMethod(asked);
  if (asked.integrations?.length)
    throw invalid(
      "Integrations are not supported: this server sends nothing to anyone",
      "integrations",
      "unsupported_integration",
    );
}

/** A method that is not there, and settings of another method than the one that is named. */
function refuseMethod({ method }: CreateJob): void {
  const type = method?.type ?? "supervised";
  if (type === "reinforcement")
    throw invalid(`The method ${type} is not supported; use supervised or dpo`, "method.type", "unsupported_method");
  const other = type === "dpo" ? "supervised" : "dpo";
  if (method?.[other]) throw invalid(`method.${other} is set, but method.type is ${type}`, `method.${other}`);
}

/** Of `x_penumbra` and of `metadata`; what stands in both is refused. */
function optionsOf({ x_penumbra: direct, metadata }: CreateJob): Options {
  const found = optionsInMetadata(metadata ?? {});
  if (!found) return direct ?? {};
  if (direct) throw invalid("Give options in x_penumbra or in metadata, not in both", "metadata");
  const parsed = Options.safeParse(found);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw invalid(`penumbra.${issue?.path.join(".")}: ${issue?.message}`, "metadata");
}

function trainOf(given: Hyperparameters, { lora = {}, training = {} }: Options, multiplier: number) {
  const rate = training.learning_rate ?? TrainConfig.parse({}).learningRate;
  return defined({
    rank: lora.rank,
    alpha: lora.alpha,
    targetModules: lora.target_modules,
    epochs: numberOf(given.n_epochs),
    batchRows: numberOf(given.batch_size),
    learningRate: rate * multiplier,
    maxLength: training.max_length,
    warmupShare: training.warmup_share,
    schedule: training.schedule,
    weightDecay: training.weight_decay,
    maxGradNorm: training.max_grad_norm,
    evaluateEvery: training.evaluate_every,
    patience: training.patience,
    minDelta: training.min_delta,
  });
}

/** Of the behaviours that the audit measures, unless others are named. */
function monitorOf({ monitor = {}, audit = {} }: Options): Config["monitor"] {
  if (monitor === false) return null;
  const behaviours = monitor.behaviours ?? audit.behaviours ?? ["all"];
  return { behaviours, everySteps: monitor.every_steps ?? null, stopAt: monitor.stop_at ?? null };
}

function numberOf(value: "auto" | number | undefined): number | undefined {
  return typeof value === "number" ? value : undefined;
}

function defined(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

/** `ft:<base>:<project>:<suffix>:<end of the job's id>`: the same whoever asks, however often. */
export function tunedName(base: string, project: string, suffix: string | null, jobId: string): string {
  const clean = (text: string) => text.toLowerCase().replace(/[^a-z0-9._-]+/g, "-");
  return `ft:${base}:${clean(project)}:${clean(suffix ?? "")}:${jobId.slice(-8)}`;
}

export const checkpointName = (model: string, step: number) => `${model}:ckpt-step-${step}`;

/** The step in the name of a model's checkpoint; null where the name is the model's own. */
export function stepOfCheckpoint(model: string, name: string): number | null {
  if (name === model) return null;
  const step = name.startsWith(`${model}:`)
    ? /^ckpt-step-(\d{1,9})$/.exec(name.slice(model.length + 1))?.[1]
    : undefined;
  return Number(must(step, `checkpoint ${name} of ${model}`));
}
