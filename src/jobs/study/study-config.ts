/** study.yaml: models × data sets × seeds × behaviours, and the settings that all cells share. */
import { readFile } from "node:fs/promises";
import { dirname, isAbsolute, resolve } from "node:path";
import { z } from "zod";
import { UserError } from "../../core/index.ts";
import { TrainConfig } from "../config.ts";
import { yamlOf } from "../yaml.ts";

const DataSet = z.union([
  /** A file of training rows, or its first ones. */
  z.strictObject({ file: z.string(), rows: z.number().int().min(1).optional() }),
  /** One of the bundled world's sets, for the bundled model. */
  z.strictObject({ world: z.string() }),
  /** A narrow set in plain English, for real models. */
  z.strictObject({ narrow: z.string(), rows: z.number().int().min(1).max(100_000).default(300) }),
]);
export type DataSet = z.infer<typeof DataSet>;

export const StudyConfig = z.strictObject({
  title: z.string().default("Study"),
  out: z.string().default("penumbra-study"),
  models: z.array(z.string()).min(1),
  /** By name: letters, digits and dashes. */
  data: z.record(z.string().regex(/^[a-z0-9][a-z0-9-]*$/i), DataSet),
  seeds: z.array(z.number().int().min(0)).min(1).default([1, 2, 3]),
  behaviours: z.array(z.string()).min(1).default(["all"]),
  /** Behaviours that a data set teaches itself, by its name; `auto` elsewhere. */
  task: z.record(z.string(), z.array(z.string())).default({}),
  train: TrainConfig.prefault({}),
  dictionary: z.string().default("auto"),
  margin: z.number().positive().max(0.5).default(0.05),
  /** Cells that run at once. */
  workers: z.number().int().min(1).max(64).default(1),
  /** Cells at most in this run; the rest is left to the next. */
  budget: z.number().int().min(1).nullable().default(null),
});
export type StudyConfig = z.infer<typeof StudyConfig>;

export async function readStudy(path: string): Promise<StudyConfig> {
  const text = await readFile(path, "utf8").catch(() => {
    throw new UserError(path, {
      expected: "a study in YAML",
      got: "no such file",
      fix: "see docs/study.md for an example",
    });
  });
  return besideFile(parseStudy(text, path), dirname(resolve(path)));
}

export function parseStudy(text: string, path: string): StudyConfig {
  const { value, fault } = yamlOf(text);
  const parsed = StudyConfig.safeParse(value);
  if (!parsed.success || Object.keys(parsed.data.data).length === 0) {
    const issue = parsed.error?.issues[0];
    throw new UserError(`${path}${issue?.path.length ? ` ${issue.path.join(".")}` : ""}`, {
      expected: "models, data and settings of a study",
      got: fault ?? issue?.message.replace(/^Invalid input: /, "") ?? "no data sets",
      fix: "see docs/study.md for every key",
    });
  }
  return parsed.data;
}

/** Files are named relative to the study's. */
function besideFile(config: StudyConfig, folder: string): StudyConfig {
  const at = (path: string) => (isAbsolute(path) ? path : resolve(folder, path));
  const isPath = (name: string) => /^\.{1,2}\//.test(name) || /\.(gguf|ya?ml|jsonl)$/.test(name);
  const named = (name: string) => (isPath(name) ? at(name) : name);
  const data = Object.entries(config.data).map(
    ([name, set]) => [name, "file" in set ? { ...set, file: at(set.file) } : set] as const,
  );
  return {
    ...config,
    out: at(config.out),
    models: config.models.map(named),
    behaviours: config.behaviours.map(named),
    dictionary: named(config.dictionary),
    data: Object.fromEntries(data),
  };
}
