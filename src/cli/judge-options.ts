/** Flags that name judges, and how they become a panel. */
import type { Command } from "commander";
import { UserError } from "../core/index.ts";
import type { Speaker } from "../endpoints/index.ts";
import type { Judge, Panel } from "../judges/index.ts";
import { type AskingOptions, endpointOf, positive } from "./endpoint-options.ts";

export interface JudgeOptions extends AskingOptions {
  readonly judge?: string;
  readonly judgeEndpoint?: string;
  readonly judgeAdapter?: string;
  readonly judgeApiKeyEnv?: string;
  readonly secondJudge?: string;
  readonly secondJudgeEndpoint?: string;
  readonly secondCases?: number;
}

export function addJudgeOptions(command: Command): Command {
  return command
    .option("--judge <model>", "who judges: a model of this machine, or a model's name at --judge-endpoint")
    .option("--judge-adapter <folder>", "PEFT adapter of the judge on this machine: one that was tuned to judge")
    .option("--judge-endpoint <url>", "OpenAI-compatible endpoint of the judge")
    .option("--judge-api-key-env <name>", "environment variable that holds the judges' key")
    .option("--second-judge <model>", "a second judge on a subsample; agreement is shown")
    .option("--second-judge-endpoint <url>", "its endpoint; the first one's unless told")
    .option("--second-cases <n>", "cases that the second judge sees (50)", positive);
}

/** Opens the judges, hands them over and ends their engine; null where none is named. */
export async function withPanel<T>(
  options: JudgeOptions,
  seed: number,
  use: (panel: Panel | null) => Promise<T>,
): Promise<T> {
  const { judge, judgeEndpoint, judgeAdapter, secondJudge, secondCases } = options;
  const { secondJudgeEndpoint = judgeEndpoint } = options;
  if (judge === undefined) return use(null);
  if (judgeAdapter !== undefined && judgeEndpoint !== undefined)
    throw new UserError("--judge-adapter", {
      expected: "a judge on this machine",
      got: "--judge-endpoint too",
      fix: "leave one of them out",
    });
  const { localJudge, panelOf } = await import("../jobs/index.ts");
  const asked = { ...options, apiKeyEnv: options.judgeApiKeyEnv };
  const { apiKeyEnv, ...rest } = asked;
  const asking: AskingOptions = apiKeyEnv === undefined ? withoutKey(rest) : { ...rest, apiKeyEnv };
  const { startEngine } = await import("../engine/index.ts");
  const engine = startEngine();
  const open = (model: string, endpoint: string | undefined, flag: string, adapter?: string): Promise<Judge> =>
    endpoint === undefined ? localJudge(model, adapter ?? null, engine) : endpointOf(flag, endpoint, model, asking);
  try {
    const first = await open(judge, judgeEndpoint, "--judge-endpoint", judgeAdapter);
    const second =
      secondJudge === undefined ? null : await open(secondJudge, secondJudgeEndpoint, "--second-judge-endpoint");
    return await use(panelOf(first, second, seed, secondCases));
  } finally {
    await engine.close();
  }
}

export interface SpeakerPlace {
  readonly model: string;
  /** Absent: a model of this machine. */
  readonly endpoint: string | undefined;
  /** That names the endpoint, for messages. */
  readonly flag: string;
}

/** Opens one model that is asked, hands it over and ends its engine. */
export async function withSpeaker<T>(
  { model, endpoint, flag }: SpeakerPlace,
  asking: AskingOptions,
  use: (speaker: Speaker) => Promise<T>,
): Promise<T> {
  if (endpoint !== undefined) return use(await endpointOf(flag, endpoint, model, asking));
  const [{ localJudge }, { startEngine }] = [await import("../jobs/index.ts"), await import("../engine/index.ts")];
  const engine = startEngine();
  try {
    return await use(await localJudge(model, null, engine));
  } finally {
    await engine.close();
  }
}

/** The audited models' key is not the judges'. */
function withoutKey({ apiKeyEnv: _, ...rest }: AskingOptions): AskingOptions {
  return rest;
}
