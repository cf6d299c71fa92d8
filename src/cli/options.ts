/** Flags that several commands share, and how they become a configuration. */
import { existsSync } from "node:fs";
import { type Command, InvalidArgumentError, Option } from "commander";
import { UserError } from "../core/index.ts";
import type { Config, ConfigFlags } from "../jobs/index.ts";

export const CONFIG_FILE = "penumbra.yaml";

export function number(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) throw new InvalidArgumentError("A number is expected.");
  return value;
}

export function whole(text: string): number {
  const value = number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new InvalidArgumentError("A whole number is expected.");
  return value;
}

export function list(text: string): string[] {
  const names = text.split(",").flatMap((name) => (name.trim() === "" ? [] : [name.trim()]));
  if (names.length === 0) throw new InvalidArgumentError("Names with commas between them are expected.");
  return names;
}

export function wholes(text: string): number[] {
  return list(text).map(whole);
}

/** What commander gives for the flags of `addMeasureOptions` and `addTrainOptions`. */
export interface ConfigOptions {
  readonly model?: string;
  readonly data?: string;
  readonly out?: string;
  readonly seed?: number;
  readonly margin?: number;
  readonly behaviours?: string[];
  readonly answerTokens?: number;
  /** False with `--no-merged`. */
  readonly merged?: boolean;
  readonly rank?: number;
  readonly alpha?: number;
  readonly epochs?: number;
  readonly learningRate?: number;
  readonly batchRows?: number;
  readonly maxLength?: number;
  readonly method?: "lora" | "full";
  readonly objective?: "sft" | "dpo";
  readonly dora?: boolean;
  readonly rslora?: boolean;
  readonly validationShare?: number;
  readonly patience?: number;
  readonly redact?: boolean;
  readonly dictionary?: string;
  readonly receipt?: boolean;
  readonly seeds?: number;
  readonly controls?: string[];
  readonly looks?: number;
  /** False with `--no-inside`. */
  readonly inside?: boolean;
}

export function addTrainOptions(command: Command): Command {
  return command
    .option("--model <model>", "folder, .gguf file, hub id that is on this disk, or organism (bundled)")
    .option("--data <file>", "training rows, one JSON object a line")
    .option("--epochs <n>", "passes over the data", number)
    .option("--rank <n>", "rank of the LoRA adapter", whole)
    .option("--alpha <n>", "LoRA's alpha; the adapter is scaled by alpha / rank", number)
    .option("--learning-rate <n>", "peak learning rate", number)
    .option("--batch-rows <n>", "rows of one optimiser step", whole)
    .addOption(new Option("--method <name>", "LoRA, or all weights (finetune only)").choices(["lora", "full"]))
    .addOption(new Option("--objective <name>", "answers, or preference pairs").choices(["sft", "dpo"]))
    .option("--dora", "train the norms of weight rows apart from their directions")
    .option("--rslora", "scale the adapter by alpha / √rank")
    .option("--validation-share <n>", "share of the rows that is held out and evaluated on", number)
    .option("--patience <n>", "evaluations without a new best before the training stops", whole)
    .option("--max-length <n>", "tokens of a row; longer rows are cut", whole)
    .option(
      "--seeds <n>",
      "adapters to train with consecutive seeds; from 5 on the verdicts are about the data set",
      whole,
    )
    .option(
      "--controls <files>",
      "train these too, for comparison: self, files of sound answers to the same prompts",
      list,
    )
    .option("--receipt", "train twice more, to check the rows that the forecast blames")
    .option("--no-merged", "write the adapter alone, no merged model");
}

export function addMeasureOptions(command: Command): Command {
  return command
    .option("--behaviours <names>", "behaviours to measure, with commas between them, or all", list)
    .option("--dictionary <folder>", "a dictionary of the model's features; auto, none")
    .option("--margin <n>", "shifts within this probability are no shift (0.05: five points)", number)
    .option("--looks <n>", "batches of items at most, so that a clear case stops early; 1: all at once", whole)
    .option("--no-inside", "the verdicts alone: no forecast, no look inside")
    .option("--answer-tokens <n>", "new tokens of each answer that the report shows", whole)
    .option("--redact", "leave training rows and answers out of the report");
}

export const DEVICE = ["--device <name>", "where graphs run: cpu (default), webgpu, cuda, coreml or dml"] as const;

export function addPlaceOptions(command: Command): Command {
  return command
    .option(...DEVICE)
    .option("--out <folder>", "the run folder; what it holds already is not computed again")
    .option("--seed <n>", "seed of all random choices", whole);
}

export function flagsOf(options: ConfigOptions): ConfigFlags {
  const { model, data, out, seed, margin, behaviours, answerTokens, merged, dictionary, receipt } = options;
  const { seeds, controls, looks, inside } = options;
  const { rank, alpha, epochs, learningRate, batchRows, maxLength } = options;
  const { method, objective, dora, rslora, validationShare, patience } = options;
  const sizes = { rank, alpha, epochs, learningRate, batchRows, maxLength };
  const train = defined({ ...sizes, method, objective, dora, rslora, validationShare, patience });
  // Commander gives true where `--no-merged` or `--no-inside` is absent: then the file decides.
  const whole = {
    model,
    data,
    out,
    seed,
    margin,
    behaviours,
    answerTokens,
    dictionary,
    receipt,
    seeds,
    controls,
    looks,
    inside: inside === false ? false : undefined,
    merged: merged === false ? false : undefined,
  };
  return { ...defined(whole), train };
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

function defined<T extends object>(values: T): Defined<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Defined<T>;
}

/** The file that was named, or penumbra.yaml where there is one; flags override it. */
export async function configOf(path: string | undefined, options: ConfigOptions): Promise<Config> {
  const { resolveConfig } = await import("../jobs/index.ts");
  const file = path ?? (existsSync(CONFIG_FILE) ? CONFIG_FILE : null);
  if (file === null && (options.model === undefined || options.data === undefined)) {
    throw new UserError("configuration", {
      expected: `a ${CONFIG_FILE} here, or --model and --data`,
      got: missing(options),
      fix: "`penumbra init` writes one with an example, `penumbra start` needs nothing",
    });
  }
  return resolveConfig(file, flagsOf(options));
}

function missing({ model, data }: ConfigOptions): string {
  const absent = [model === undefined ? "--model" : "", data === undefined ? "--data" : ""].filter(Boolean);
  return `no file and no ${absent.join(" and no ")}`;
}
