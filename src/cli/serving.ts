/** What `serve`, `worker` and `keys` have in common: where the data are, and what the server is told. */
import { resolve } from "node:path";
import { type Command, Option } from "commander";
import { UserError } from "../core/index.ts";
import type { Settings } from "../server/index.ts";
import { list, number, whole } from "./options.ts";

export interface PlaceOptions {
  readonly data: string;
}

export function addDataOption(command: Command): Command {
  return command.option("--data <folder>", "the data folder: files, runs, the embedded database", "penumbra-data");
}

export const placeOf = ({ data }: PlaceOptions) => ({
  folder: resolve(data),
  databaseUrl: process.env.DATABASE_URL || null,
});

export interface ServeOptions extends PlaceOptions {
  readonly port: number;
  readonly host: string;
  readonly models: string[];
  readonly workers: number;
  readonly holdBack: boolean;
  readonly gate?: string[];
  readonly price?: number;
  readonly maxFileMb?: number;
  readonly requestsPerMinute?: number;
  readonly logLevel: string;
}

const LEVELS = ["debug", "info", "warn", "error", "silent"];

export function addWorkOptions(command: Command): Command {
  return addDataOption(command)
    .option("--models <names>", "models that may be tuned, with commas between them; NAME=FOLDER names one", list, [
      "organism",
    ])
    .option("--workers <n>", "jobs that run here at the same time", whole, 1)
    .addOption(new Option("--log-level <level>", "what is logged on stderr").choices(LEVELS).default("info"));
}

export function addServeOptions(command: Command): Command {
  return addWorkOptions(command)
    .option("--port <n>", "0: any that is free", whole, 8080)
    .option("--host <address>", "127.0.0.1: this machine alone", "127.0.0.1")
    .option("--hold-back", "hold a model back where anything moved beyond its task, until a person releases it")
    .option("--gate <rules>", "BEHAVIOUR=MAX-INCREASE, with commas between them: hold a model back beyond that", list)
    .option("--price <dollars>", "of a million trained tokens, for estimates", number)
    .option("--max-file-mb <n>", "megabytes of an uploaded file", number)
    .option("--requests-per-minute <n>", "requests of one key", whole);
}

export async function settingsOf(options: Partial<ServeOptions> & PlaceOptions): Promise<Settings> {
  const { defaultLimits } = await import("../server/index.ts");
  const { maxFileMb, requestsPerMinute } = options;
  return {
    ...placeOf(options),
    host: options.host ?? "127.0.0.1",
    port: options.port ?? 0,
    bases: basesOf(options.models ?? []),
    gate: gateOf(options),
    workers: options.workers ?? 1,
    pricePerMillionTokens: options.price ?? null,
    limits: {
      ...defaultLimits,
      ...(maxFileMb === undefined ? {} : { fileBytes: Math.floor(maxFileMb * 2 ** 20) }),
      ...(requestsPerMinute === undefined ? {} : { requestsPerMinute: Math.max(1, requestsPerMinute) }),
    },
  };
}

/** Whatever this process and those that it starts make from now on, its owner alone may read. */
export function closeToOthers(): void {
  process.umask(0o077);
}

function basesOf(models: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    models.map((model) => {
      const at = model.indexOf("=");
      const [name, reference] = at < 0 ? [model, model] : [model.slice(0, at), model.slice(at + 1)];
      if (!/^[\w.-]+(\/[\w.-]+)?$/.test(name) || reference === "")
        throw new UserError("--models", {
          expected: "names like organism or org/model",
          got: JSON.stringify(model),
          fix: "name a folder: --models my-model=/path/of/the/folder",
        });
      return [name, reference];
    }),
  );
}

function gateOf({ holdBack, gate }: Partial<ServeOptions>): Settings["gate"] {
  if (!holdBack && !gate) return null;
  const rules = (gate ?? []).map((rule) => {
    const [, name = "", share = ""] = /^([\w-]+)=(0|1|0?\.\d+)$/.exec(rule) ?? [];
    if (name === "")
      throw new UserError("--gate", {
        expected: "BEHAVIOUR=MAX-INCREASE, a probability",
        got: JSON.stringify(rule),
        fix: "for example --gate refusal=0.05",
      });
    return [name, { max_increase: Number(share) }] as const;
  });
  return { ...(holdBack ? { default: "fail-if-affected" as const } : {}), ...Object.fromEntries(rules) };
}

export function checkProject(name: string): void {
  if (/^[\w.-]{1,64}$/.test(name)) return;
  throw new UserError("--project", {
    expected: "letters, digits, dots and dashes, at most 64",
    got: JSON.stringify(name.slice(0, 80)),
    fix: "choose a shorter or plainer name",
  });
}
