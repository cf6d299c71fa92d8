/** Audits and evaluations of models that are only asked: two endpoints, or one. Their answers are kept on disk. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import {
  type BlackBoxRequest,
  chooseItems,
  clusteredMean,
  clusteredTInterval,
  headline,
  measureBlackBox,
  notesOf,
  probe,
  type Reader,
  type Reading,
  type Render,
  readerOf,
  readoutOf,
  transcript,
  usageOf,
} from "../audit/index.ts";
import type { Behaviour } from "../behaviours/index.ts";
import { UserError } from "../core/index.ts";
import { loadTokenizer } from "../data/index.ts";
import { type Endpoint, type EndpointOptions, openEndpoint } from "../endpoints/index.ts";
import type { AnswerPair, AuditRecord, EndpointIdentity, EvalRecord } from "../records/index.ts";
import { atomicWriteFile, cacheSubfolder, diskFault, lockFolder, writeJsonl } from "../store/index.ts";
import { preregistration } from "./audit.ts";
import type { Config } from "./config.ts";
import { applyGate } from "./gate.ts";
import { itemFilesOf } from "./item-files.ts";
import { behavioursFor, checkNames } from "./open.ts";
import type { RunOptions } from "./part.ts";
import type { RunResult } from "./pipeline.ts";
import { publish } from "./publish.ts";

export interface BlackBoxOptions {
  /** Items of each behaviour at most. */
  readonly items: number;
  readonly samples: number;
  readonly maxTokens: number;
  /** Folder with the models' tokenizer and chat template; null: plain turns. */
  readonly template: string | null;
}

/** Prompts of each behaviour that the report shows answered by both models. */
const ANSWERS_PER_BEHAVIOUR = 2;
const LEVEL = 0.95;

/** An endpoint whose answers are kept in the cache. */
export async function cachedEndpoint(options: EndpointOptions): Promise<Endpoint> {
  return openEndpoint({ ...options, cacheDir: await cacheSubfolder("endpoints") });
}

export function endpointIdentity({ name, identity }: Pick<Endpoint, "name" | "identity">): EndpointIdentity {
  return { name, family: "endpoint", parameters: null, sha256: null, ...identity };
}

/** Base against tuned, both behind endpoints: audit.json, evidence and report as of any audit. */
export async function auditEndpoints(
  config: Config,
  pair: { readonly base: Endpoint; readonly tuned: Endpoint },
  given: BlackBoxOptions,
  options: RunOptions = {},
): Promise<RunResult> {
  refuseSame(pair);
  checkNames({ bundled: false }, config);
  const behaviours = chosenBehaviours(config, given);
  return inRunFolder(config.out, async () => {
    const startedAt = performance.now();
    const request: BlackBoxRequest = {
      ...pair,
      behaviours,
      ...(await rendering(given)),
      samples: given.samples,
      maxTokens: given.maxTokens,
      alpha: config.alpha,
      margin: config.margin,
      ...options,
    };
    const { results, blackBox, family } = await measureBlackBox(request);
    const answers = await shownAnswers(request, config.answerTokens);
    const measured = results.map(({ result }) => result);
    const record: AuditRecord = {
      schemaVersion: 1,
      base: endpointIdentity(pair.base),
      tuned: endpointIdentity(pair.tuned),
      data: null,
      controls: [],
      seeds: 1,
      claim: "this-adapter",
      alpha: config.alpha,
      margin: config.margin,
      preregistration: preregistration(behaviours, config),
      behaviours: measured,
      family,
      drift: null,
      headline: headline(measured, config.margin),
      engine: null,
      blackBox: { ...blackBox, usage: { base: usageOf(pair.base), tuned: usageOf(pair.tuned) } },
      ...(await itemFilesOf({ behaviours: config.behaviours })),
      seed: config.seed,
      durationMs: performance.now() - startedAt,
    };
    for (const { result, evidence } of results)
      await writeJsonl(join(config.out, "evidence", `${result.id}.jsonl`), evidence);
    await writeJsonl(join(config.out, "evidence", "answers.jsonl"), answers);
    await atomicWriteFile(join(config.out, "config.json"), `${JSON.stringify(config, null, 2)}\n`);
    await atomicWriteFile(join(config.out, "audit.json"), `${JSON.stringify(record, null, 2)}\n`);
    await publish(config.out, options);
    const stages = [{ name: "audit", skipped: false }];
    return { folder: config.out, audit: record, gate: applyGate(record, config.gate), stages };
  });
}

/** The behaviours of one endpoint. */
export async function evaluateEndpoint(
  endpoint: Endpoint,
  config: Pick<Config, "behaviours" | "seed">,
  given: BlackBoxOptions & { readonly folder: string | null },
  options: RunOptions = {},
): Promise<EvalRecord> {
  const startedAt = performance.now();
  const { render, prompting } = await rendering(given);
  const abilities = await probe(endpoint, options);
  const read: { behaviour: Behaviour; reader: Reader<Endpoint> | null; readings: readonly Reading[] }[] = [];
  for (const behaviour of chosenBehaviours(config, given)) {
    const reader = readerOf(behaviour, abilities, render);
    const task = `eval: ${behaviour.id}`;
    const readings = reader ? await reader.read(endpoint, behaviour, { ...options, ...given, task }) : [];
    read.push({ behaviour, reader, readings });
  }
  const record: EvalRecord = {
    schemaVersion: 1,
    model: endpointIdentity(endpoint),
    behaviours: read.map(({ behaviour, readings }) => scored(behaviour, readings)),
    blackBox: {
      prompting: abilities.echo ? prompting : "chat",
      notes: notesOf(abilities.notes, [endpoint]),
      behaviours: read.flatMap(({ behaviour, reader, readings }) =>
        reader ? [readoutOf({ behaviour, readings: { base: readings, tuned: [] } }, reader, given)] : [],
      ),
      usage: { base: usageOf(endpoint) },
    },
    ...(await itemFilesOf(config)),
    durationMs: performance.now() - startedAt,
  };
  if (given.folder !== null) await writeEval(given.folder, record, read);
  return record;
}

function scored(behaviour: Behaviour, readings: readonly Reading[]): EvalRecord["behaviours"][number] {
  const { id, title, question, riskier } = behaviour;
  const answered = readings.flatMap(({ cluster, score }) => (score === null ? [] : [{ cluster, delta: score }]));
  const n = answered.length;
  const clusters = new Set(answered.map(({ cluster }) => cluster)).size;
  const score = n === 0 ? null : answered.reduce((sum, { delta }) => sum + delta, 0) / n;
  const estimate = clusteredMean(answered);
  const about = { id, title, question, riskier, score, n, clusters };
  if (!estimate) return { ...about, interval: null, method: null };
  const [low, high] = clusteredTInterval(estimate, LEVEL);
  return { ...about, interval: [Math.max(0, low), Math.min(1, high)], method: "clustered-t" };
}

async function writeEval(
  folder: string,
  record: EvalRecord,
  read: readonly { readonly behaviour: Behaviour; readonly readings: readonly Reading[] }[],
): Promise<void> {
  await inRunFolder(folder, async () => {
    for (const { behaviour, readings } of read)
      await writeJsonl(join(folder, "evidence", `${behaviour.id}.jsonl`), readings);
    await atomicWriteFile(join(folder, "eval.json"), `${JSON.stringify(record, null, 2)}\n`);
  });
}

/** The same items for base and tuned, and again for the same seed. */
function chosenBehaviours(config: Pick<Config, "behaviours" | "seed">, { items }: BlackBoxOptions): Behaviour[] {
  return behavioursFor({ bundled: false }, config.behaviours).map((each) => chooseItems(each, items, config.seed));
}

async function rendering({ template }: BlackBoxOptions): Promise<Pick<BlackBoxRequest, "render" | "prompting">> {
  if (template === null) return { render: transcript, prompting: "transcript" };
  const tokenizer = await loadTokenizer(template);
  const render: Render = (messages, prefill, continuation) => [
    `${tokenizer.renderChat(messages, { addGenerationPrompt: true })}${prefill}`,
    continuation,
  ];
  return { render, prompting: "template" };
}

/** Greedy answers to open prompts, for reading; a gap is shown as what it is. */
async function shownAnswers(request: BlackBoxRequest, maxTokens: number): Promise<AnswerPair[]> {
  const asked = request.behaviours.flatMap(({ id, openPrompts }) =>
    openPrompts.slice(0, ANSWERS_PER_BEHAVIOUR).map((messages) => ({ id, messages })),
  );
  const requests = asked.map(({ messages }) => ({ messages, maxTokens, temperature: 0, sample: 0 }));
  const answersOf = async (endpoint: Endpoint, who: string) =>
    (await endpoint.chat(requests, { ...request, task: `answers: ${who}` })).map((reply) =>
      reply.kind === "gap" ? null : reply.text,
    );
  const [base, tuned] = [await answersOf(request.base, "base"), await answersOf(request.tuned, "tuned")];
  return asked.flatMap(({ id, messages }, i) => {
    const [before, after] = [base[i] ?? null, tuned[i] ?? null];
    if (before === null || after === null) return [];
    const prompt = messages
      .map(({ role, content }) => (messages.length === 1 ? content : `${role}: ${content}`))
      .join("\n");
    return [{ behaviour: id, prompt, base: before, tuned: after, baseLabel: null, tunedLabel: null }];
  });
}

function refuseSame({ base, tuned }: { readonly base: Endpoint; readonly tuned: Endpoint }): void {
  if (base.identity.model !== tuned.identity.model || base.identity.where !== tuned.identity.where) return;
  throw new UserError("penumbra audit", {
    expected: "two models",
    got: `${base.name} twice`,
    fix: "name the tuned model with --tuned-model",
  });
}

/** One command at a time in a folder. */
export async function inRunFolder<T>(folder: string, work: () => Promise<T>): Promise<T> {
  await mkdir(folder, { recursive: true }).catch((error: unknown) => {
    throw diskFault(error, folder, 0);
  });
  const release = lockFolder(folder, `output folder ${folder}`);
  try {
    return await work();
  } finally {
    release();
  }
}
