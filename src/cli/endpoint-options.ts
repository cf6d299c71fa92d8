/** Flags that name models behind endpoints, and how they become endpoints. */
import type { Command } from "commander";
import { InvalidArgumentError } from "commander";
import { UserError } from "../core/index.ts";
import type { Endpoint } from "../endpoints/index.ts";
import type { BlackBoxOptions } from "../jobs/index.ts";
import { number, whole } from "./options.ts";

export interface AskingOptions {
  readonly apiKeyEnv?: string;
  readonly concurrency?: number;
  readonly requestsPerMinute?: number;
  readonly timeout?: number;
  readonly price?: { readonly input: number; readonly output: number };
}

export interface ReadingOptions extends AskingOptions {
  readonly items?: number;
  readonly samples?: number;
  readonly maxTokens?: number;
  readonly template?: string;
}

/** How endpoints are asked. */
export function addAskingOptions(command: Command): Command {
  return command
    .option("--api-key-env <name>", "environment variable that holds the endpoints' key; without it none is sent")
    .option("--concurrency <n>", "requests under way at once (4)", positive)
    .option("--requests-per-minute <n>", "begin at most so many requests in a minute", number)
    .option("--timeout <seconds>", "of one request (120)", number)
    .option("--price <in,out>", "price of a million tokens, in and out, where the server reports no cost", price);
}

/** How behaviours are read off endpoints. */
export function addReadingOptions(command: Command): Command {
  return addAskingOptions(command)
    .option("--items <n>", "with endpoints: items of each behaviour at most (100)", positive)
    .option("--samples <n>", "with endpoints: answers drawn of each prompt, where no probabilities come (8)", positive)
    .option("--max-tokens <n>", "with endpoints: tokens of a drawn answer, thinking included (512)", positive)
    .option("--template <folder>", "with endpoints: folder with the models' tokenizer and chat template");
}

export function readingOf({ items, samples, maxTokens, template }: ReadingOptions): BlackBoxOptions {
  return { items: items ?? 100, samples: samples ?? 8, maxTokens: maxTokens ?? 512, template: template ?? null };
}

/** Opens `url`; the model must be named too. */
export async function endpointOf(
  flag: string,
  url: string,
  model: string | undefined,
  options: AskingOptions,
): Promise<Endpoint> {
  const { cachedEndpoint } = await import("../jobs/index.ts");
  if (model === undefined) {
    const fix = `name it with ${flag.replace("endpoint", "model")}`;
    throw new UserError(flag, { expected: "an endpoint and the model to ask there", got: "no model", fix });
  }
  const { apiKeyEnv, concurrency, requestsPerMinute, timeout, price: prices } = options;
  return cachedEndpoint({
    url,
    model,
    keyEnv: apiKeyEnv ?? null,
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(requestsPerMinute === undefined ? {} : { requestsPerMinute }),
    ...(timeout === undefined ? {} : { timeoutMs: timeout * 1000 }),
    ...(prices === undefined ? {} : { price: prices }),
  });
}

export function positive(text: string): number {
  const value = whole(text);
  if (value < 1) throw new InvalidArgumentError("1 or more is expected.");
  return value;
}

function price(text: string): { input: number; output: number } {
  const [input, output, ...more] = text.split(",").map(Number);
  if (more.length > 0 || !Number.isFinite(input) || !Number.isFinite(output))
    throw new InvalidArgumentError("Two numbers with a comma between them are expected.");
  return { input: input ?? 0, output: output ?? 0 };
}
