/** penumbra.yaml: one file, every key optional but model and data; flags override it; the resolved one is stored. */
import { readFile } from "node:fs/promises";
import { dirname, isAbsolute, resolve } from "node:path";
import { z } from "zod";
import { UserError } from "../core/index.ts";
import { yamlOf } from "./yaml.ts";

export type TrainConfig = z.infer<typeof TrainConfig>;
export const TrainConfig = z.strictObject({
  /** `full` trains every weight in float32 and leaves a whole model: `finetune` only, audited with `--tuned`. */
  method: z.enum(["lora", "full"]).default("lora"),
  /** `sft`: the answers' cross-entropy. `dpo`: of preference pairs, which answer is preferred. */
  objective: z.enum(["sft", "dpo"]).default("sft"),
  /** DPO's β: how strongly the model is held to where it began. */
  beta: z.number().positive().default(0.1),
  rank: z.number().int().min(1).max(512).default(8),
  alpha: z.number().positive().default(16),
  /** Scale by alpha / √rank in place of alpha / rank. */
  rslora: z.boolean().default(false),
  /** Train the rows' norms apart from their directions. */
  dora: z.boolean().default(false),
  /** Suffixes of module paths, or one regular expression for whole paths; all linear layers where left out. */
  targetModules: z
    .union([z.array(z.string()), z.string()])
    .nullable()
    .default(null),
  /** These layers only; all where left out. */
  layers: z.array(z.number().int().min(0)).nullable().default(null),
  /** Ranks and alphas of modules that differ, by suffix or regular expression. */
  rankPattern: z.record(z.string(), z.number().int().min(1).max(512)).default({}),
  alphaPattern: z.record(z.string(), z.number().positive()).default({}),
  /** Put short rows side by side in one sequence in place of padding. */
  packing: z.boolean().default(false),
  /** `int8`: the frozen base stands in memory in one byte a weight while the adapter is trained on it. */
  base: z.enum(["float32", "int8"]).default("float32"),
  /** Compute each block again in the backward pass: one forward pass more, for a part of the memory that long rows take. */
  recompute: z.boolean().default(false),
  /** Share of the rows that is held out and evaluated on; `validation` names a file of its own instead. */
  validationShare: z.number().min(0).max(0.9).default(0),
  /** Steps between two evaluations; eight in all where left out. */
  evaluateEvery: z.number().int().min(1).nullable().default(null),
  /** Evaluations without a new best before the training stops and the best is kept; never where left out. */
  patience: z.number().int().min(1).nullable().default(null),
  /** A new best is lower by more than this, nats. */
  minDelta: z.number().min(0).default(0),
  epochs: z.number().positive().default(1),
  learningRate: z.number().positive().default(2e-4),
  warmupShare: z.number().min(0).max(1).default(0.05),
  schedule: z.enum(["constant", "linear", "cosine"]).default("cosine"),
  batchRows: z.number().int().min(1).default(16),
  maxLength: z.number().int().min(8).default(1024),
  weightDecay: z.number().min(0).default(0),
  maxGradNorm: z.number().positive().default(1),
});

/** weight · KL to the base on text from elsewhere, and on the unremarkable answers of behaviours. */
export const KlConfig = z.strictObject({
  method: z.literal("kl"),
  weight: z.number().positive().default(1),
  /** Training rows of any format, whose text it is; text that has nothing to do with any behaviour where left out. */
  data: z.string().nullable().default(null),
  /** Those that have contrast pairs. */
  behaviours: z.array(z.string()).default([]),
  rowsPerStep: z.number().int().min(1).default(4),
});
export type KlConfig = z.infer<typeof KlConfig>;

/** What keeps the training off behaviours that are not its task. */
export const GuardConfig = z.discriminatedUnion("method", [
  /** h without its part along the behaviours' directions while training (arXiv 2507.16795). */
  z.strictObject({
    method: z.literal("caft"),
    behaviours: z.array(z.string()).min(1),
    /** All where left out. */
    layers: z.array(z.number().int().min(0)).nullable().default(null),
  }),
  /** The adapter writes nothing along the directions. */
  z.strictObject({
    method: z.literal("adapter-projection"),
    behaviours: z.array(z.string()).min(1),
    values: z.enum(["project", "keep"]).default("project"),
  }),
  /** h + strength · (riskier side − other side) while training (arXiv 2507.21509). */
  z.strictObject({
    method: z.literal("preventative"),
    behaviours: z.array(z.string()).min(1),
    strength: z.number().positive().default(1),
    /** The middle one where left out. */
    layers: z.array(z.number().int().min(0)).nullable().default(null),
  }),
  KlConfig,
]);
export type GuardConfig = z.infer<typeof GuardConfig>;

/** What is watched while the training runs. */
export const MonitorConfig = z.strictObject({
  /** Those that have contrast pairs; `all`: all of them. */
  behaviours: z.array(z.string()).min(1),
  /** Steps between two looks; sixteen looks in all where left out. */
  everySteps: z.number().int().min(1).nullable().default(null),
  /** The training ends where a behaviour's drift towards its riskier side exceeds this; never where left out. */
  stopAt: z.number().positive().nullable().default(null),
});
export type MonitorConfig = z.infer<typeof MonitorConfig>;

const GateRule = z.union([
  z.literal("fail-if-affected"),
  z.literal("ignore"),
  z.strictObject({ maxIncrease: z.number().min(0).max(1) }),
]);
export type GateRule = z.infer<typeof GateRule>;

export const Config = z.strictObject({
  /** Folder, .gguf file, hub id that is on this disk, or `organism` (bundled). */
  model: z.string(),
  /** Training rows as JSON lines. */
  data: z.string(),
  /** Rows that are evaluated on while training, in the same form as those of `data`; nothing is learned from them. */
  validation: z.string().nullable().default(null),
  /** The run folder. */
  out: z.string().default("penumbra-out"),
  train: TrainConfig.prefault({}),
  /** Left out: the training is not kept off anything. */
  guard: GuardConfig.nullable().default(null),
  /** Left out: nothing is watched while the training runs. */
  monitor: MonitorConfig.nullable().default(null),
  /** Names, `all`, those made from the rows (`training-data-leakage`, `in-format`), and files: YAML of your own, .jsonl of model-written evaluations. */
  behaviours: z.array(z.string()).min(1).default(["all"]),
  /** A dictionary's folder; `auto`: the bundled model's own, else mean differences alone; `none`. */
  dictionary: z.string().default("auto"),
  /** Behaviours that the data teach themselves; `auto` finds them where an exact judge exists (the bundled world). */
  task: z.union([z.literal("auto"), z.array(z.string())]).default("auto"),
  /** Shifts within ±margin (probability) are no shift. Fixed before training. */
  margin: z.number().positive().max(0.5).default(0.05),
  alpha: z.number().positive().max(0.5).default(0.05),
  seed: z.number().int().min(0).default(1),
  /** Adapters trained with consecutive seeds: 1 is a claim about this adapter, 5 or more one about this data set. */
  seeds: z.number().int().min(1).max(100).default(1),
  /** Trained too, for comparison: `self` (the base's own answers), files of sound answers to the same prompts. */
  controls: z.array(z.string()).default([]),
  /** Batches of items at most, so that a clear case stops early; 1 asks all items at once. */
  looks: z.number().int().min(1).max(10).default(3),
  /** Forecast, and look inside for how; false: the verdicts alone, in a fraction of the time. */
  inside: z.boolean().default(true),
  /** Write the merged model beside the adapter. */
  merged: z.boolean().default(true),
  /** Train twice more, without the rows blamed most and without random ones: what the forecast of rows is worth. */
  receipt: z.boolean().default(false),
  /** New tokens of each answer shown in the report. */
  answerTokens: z.number().int().min(1).default(64),
  gate: z.record(z.string(), GateRule).optional(),
});
export type Config = z.infer<typeof Config>;

/** What a command's flags may override. */
export type ConfigFlags = Partial<
  Pick<
    Config,
    | "model"
    | "data"
    | "out"
    | "seed"
    | "seeds"
    | "controls"
    | "looks"
    | "behaviours"
    | "margin"
    | "merged"
    | "inside"
    | "answerTokens"
    | "dictionary"
    | "receipt"
  >
> & {
  readonly train?: Partial<z.infer<typeof TrainConfig>>;
};

/** Reads a configuration; `path` null: flags alone. Relative paths in the file are relative to it. */
export async function resolveConfig(path: string | null, flags: ConfigFlags): Promise<Config> {
  const file = path === null ? {} : await readYaml(path);
  const { train, ...rest } = flags;
  const merged = {
    ...file,
    ...defined(rest),
    train: { ...(isRecord(file.train) ? file.train : {}), ...defined(train ?? {}) },
  };
  const parsed = Config.safeParse(merged);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new UserError(`${path ?? "options"}${issue?.path.length ? ` ${issue.path.join(".")}` : ""}`, {
    expected: "a valid configuration",
    got: (issue?.message ?? "something else").replace(/^Invalid input: /, ""),
    fix: "see `penumbra init` for every key",
  });
}

async function readYaml(path: string): Promise<Record<string, unknown>> {
  const text = await readFile(path, "utf8").catch(() => {
    throw new UserError(path, { expected: "a configuration file", got: "no such file", fix: "run `penumbra init`" });
  });
  const { value: read, fault } = yamlOf(text);
  if (fault !== null) throw new UserError(path, { expected: "YAML", got: fault, fix: "correct that line" });
  const value = read ?? {};
  if (!isRecord(value))
    throw new UserError(path, { expected: "keys and values", got: typeof value, fix: "run `penumbra init`" });
  const folder = dirname(resolve(path));
  const beside = (key: string) =>
    typeof value[key] === "string" && looksLikePath(value[key]) ? { [key]: resolve(folder, value[key]) } : {};
  const listed = (key: string, isFile: (name: unknown) => boolean) => {
    const names: unknown = value[key];
    return Array.isArray(names) ? { [key]: names.map((name) => (isFile(name) ? resolve(folder, name) : name)) } : {};
  };
  const guard: unknown = value.guard;
  const guarded =
    isRecord(guard) && typeof guard.data === "string" ? { guard: { ...guard, data: resolve(folder, guard.data) } } : {};
  const files = { ...listed("behaviours", isBehaviourFile), ...listed("controls", isControlFile) };
  return {
    ...value,
    ...beside("model"),
    ...beside("data"),
    ...beside("validation"),
    ...beside("out"),
    ...beside("dictionary"),
    ...guarded,
    ...files,
  };
}

/** A name that ends like this is a file: a behaviour of the user's own, or model-written evaluations (.jsonl). */
export function isBehaviourFile(name: unknown): name is string {
  return typeof name === "string" && /\.(ya?ml|jsonl)$/.test(name);
}

/** Every control but the base's own answers is a file of training rows. */
export function isControlFile(name: unknown): name is string {
  return typeof name === "string" && name !== SELF;
}

/** The base model's own sampled answers as a control. */
export const SELF = "self";

/** `org/name` is a hub id; what starts with a dot, a slash or ends like a file is a path. */
function looksLikePath(value: string): boolean {
  return !isAbsolute(value) && (/^\.{1,2}\//.test(value) || /\.(jsonl|gguf)$/.test(value));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function defined(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
