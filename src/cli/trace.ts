/** `penumbra trace`: computes a graph or the difference of two, or opens a finished one, and writes its page. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { salientDefaults } from "../attribution/index.ts";
import { must, UserError } from "../core/index.ts";
import {
  behaviourPrompt,
  behavioursFor,
  featureLabels,
  judgingText,
  openModel,
  openTranscoders,
  readGraph,
  type TracePrompt,
  type TraceSettings,
  textPrompt,
  tokenChoice,
  traceDiff,
  traceGraph,
} from "../jobs/index.ts";
import { renderGraphHtml } from "../report/index.ts";
import { atomicWriteFile } from "../store/index.ts";
import { type Asked, withTuned } from "./models.ts";
import type { Session } from "./session.ts";
import { diffLines, graphLines } from "./trace-tables.ts";

export interface TraceFlags {
  readonly prompt?: string;
  readonly chat?: string;
  readonly prefill?: string;
  readonly behaviour?: string;
  readonly pair: number;
  readonly targets?: string[];
  readonly dictionary: string;
  readonly partial?: boolean;
  readonly labels?: string;
  readonly diff?: boolean;
  readonly adapter?: string;
  readonly tuned?: string;
  readonly maxFeatures: number;
  readonly maxLogits: number;
  readonly probability: number;
  readonly nodeShare: number;
  readonly edgeShare: number;
  readonly confirm: number;
  readonly contextTokens?: number;
  readonly graph?: string;
  readonly out: string;
}

/** Read for contexts where nobody says otherwise: the bundled model says so much in a second or two. */
const CONTEXT_TOKENS = 3000;

export async function trace(session: Session, reference: string, flags: TraceFlags): Promise<void> {
  if (flags.diff && flags.adapter === undefined && flags.tuned === undefined) {
    throw new UserError("--diff", { expected: "--adapter or --tuned", got: "neither", fix: "name the tuned model" });
  }
  await withTuned({ ...flags, model: reference }, async (base, tuned) => {
    const prompt = promptOf(base, flags);
    const subject = flags.diff ? base : (tuned ?? base);
    const transcoders = await openTranscoders(base.opened, flags.dictionary, flags);
    const settings = await settingsOf(session, base, flags, transcoders.layers.length);
    if (flags.diff) {
      const asked = {
        base,
        tuned: must(tuned, "a tuned model"),
        transcoders,
        prompt,
        settings,
        confirm: flags.confirm,
      };
      const { diff, ...graphs } = await traceDiff(asked);
      await write(flags.out, {
        "diff.json": json(diff),
        "base.json": json(graphs.base),
        "tuned.json": json(graphs.tuned),
        "graph.html": renderGraphHtml(graphs.tuned, diff),
      });
      for (const line of diffLines(diff)) session.print(line);
      session.print(`Page: ${join(flags.out, "graph.html")}`);
      return session.document(diff);
    }
    const record = await traceGraph({ base: subject, transcoders, prompt, settings });
    await write(flags.out, { "graph.json": json(record), "graph.html": renderGraphHtml(record, null) });
    for (const line of graphLines(record)) session.print(line);
    session.print(`Page: ${join(flags.out, "graph.html")}`);
    session.document(record);
  });
}

/** A finished graph; with a model it is checked to be that model's. */
export async function showGraph(
  session: Session,
  file: string,
  reference: string | undefined,
  flags: TraceFlags,
): Promise<void> {
  const model = reference === undefined ? null : await openModel(reference);
  const { record, ambiguousLinks } = await readGraph(file, model, flags);
  await write(flags.out, { "graph.json": json(record), "graph.html": renderGraphHtml(record, null) });
  if (ambiguousLinks > 0)
    session.print(
      `${ambiguousLinks} links begin at an id that a feature and an error share; they are shown as the feature's.`,
    );
  for (const line of graphLines(record)) session.print(line);
  session.print(`Page: ${join(flags.out, "graph.html")}`);
  session.document(record);
}

function promptOf({ opened, model }: Asked, flags: TraceFlags): TracePrompt {
  const { prompt, chat, behaviour, prefill, pair, targets, maxLogits, probability } = flags;
  const given = [prompt, chat, behaviour].filter((each) => each !== undefined).length;
  if (given !== 1) {
    const fix = "for example --chat 'How do I stay healthy?'";
    throw new UserError("penumbra trace", {
      expected: "one of --prompt, --chat and --behaviour",
      got: String(given),
      fix,
    });
  }
  if (behaviour !== undefined)
    return behaviourPrompt(model.tokenizer, must(behavioursFor(opened, [behaviour])[0], "behaviour"), pair);
  const salient = { ...salientDefaults, most: maxLogits, probability };
  const choice = targets ? tokenChoice(model.tokenizer, targets) : salient;
  const text = prompt === undefined ? { chat: chat ?? "", ...(prefill === undefined ? {} : { prefill }) } : { prompt };
  return textPrompt(model.tokenizer, text, choice);
}

async function settingsOf(session: Session, base: Asked, flags: TraceFlags, nLayers: number): Promise<TraceSettings> {
  const { maxFeatures, nodeShare, edgeShare, labels = null } = flags;
  const tokens = flags.contextTokens ?? (base.opened.bundled ? CONTEXT_TOKENS : 0);
  const text = tokens > 0 ? await judgingText(base, { corpus: null, seed: 2, signal: session.signal }, tokens) : [];
  const found = await featureLabels(labels, nLayers);
  return {
    maxFeatures,
    nodeShare,
    edgeShare,
    text,
    labels: found,
    onProgress: session.onProgress,
    signal: session.signal,
  };
}

const json = (value: unknown) => `${JSON.stringify(value)}\n`;

async function write(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [name, content] of Object.entries(files)) await atomicWriteFile(join(folder, name), content);
}
