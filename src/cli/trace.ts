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
  parseSetting,
  readGraph,
  setFeatures,
  type TracePrompt,
  type TraceSettings,
  textPrompt,
  tokenChoice,
  traceDiff,
  traceGraph,
} from "../jobs/index.ts";
import type { AttributionGraphRecord } from "../records/index.ts";
import { renderGraphHtml } from "../report/index.ts";
import { atomicWriteFile } from "../store/index.ts";
import { untilStopped } from "./commands/serve.ts";
import { type Asked, withTuned } from "./models.ts";
import type { Session } from "./session.ts";
import { diffLines, graphLines, interventionLines } from "./trace-tables.ts";

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
  readonly set?: string[];
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
  readonly serve?: boolean;
  readonly port: number;
}

/** Read for contexts where nobody says otherwise: the bundled model says so much in a second or two. */
const CONTEXT_TOKENS = 3000;

export async function trace(session: Session, reference: string, flags: TraceFlags): Promise<void> {
  if (flags.diff && flags.adapter === undefined && flags.tuned === undefined) {
    throw new UserError("--diff", { expected: "--adapter or --tuned", got: "neither", fix: "name the tuned model" });
  }
  if (flags.set && (flags.diff || flags.serve)) {
    const got = `${flags.diff ? "--diff" : "--serve"} too`;
    throw new UserError("--set", { expected: "no graph to be asked for", got, fix: "leave one of them out" });
  }
  const answer = await withTuned({ ...flags, model: reference }, async (base, tuned): Promise<Answer> => {
    const prompt = promptOf(base, flags);
    const subject = flags.diff ? base : (tuned ?? base);
    const transcoders = await openTranscoders(base.opened, flags.dictionary, flags);
    if (flags.set) {
      const settings = flags.set.map(parseSetting);
      const record = await setFeatures({ base: subject, transcoders, prompt, settings, signal: session.signal });
      return { lines: interventionLines(record), document: record, files: {} };
    }
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
      return {
        lines: diffLines(diff),
        document: diff,
        files: {
          "diff.json": json(diff),
          "base.json": json(graphs.base),
          "tuned.json": json(graphs.tuned),
          "graph.html": renderGraphHtml(graphs.tuned, diff),
        },
      };
    }
    return graphAnswer(await traceGraph({ base: subject, transcoders, prompt, settings }));
  });
  await tell(session, answer, flags);
}

interface Answer {
  readonly lines: readonly string[];
  readonly document: unknown;
  /** Contents by name. */
  readonly files: Readonly<Record<string, string>>;
}

function graphAnswer(record: AttributionGraphRecord): Answer {
  const files = { "graph.json": json(record), "graph.html": renderGraphHtml(record, null) };
  return { lines: graphLines(record), document: record, files };
}

/** Writes the files, prints, and serves the page where that is asked for, until it is told to end. */
async function tell(session: Session, { lines, document, files }: Answer, { out, serve, port }: TraceFlags) {
  const hasPage = "graph.html" in files;
  if (hasPage) await write(out, files);
  for (const line of lines) session.print(line);
  if (hasPage) session.print(`Page: ${join(out, "graph.html")}`);
  session.document(document);
  if (!serve || !hasPage) return;
  const { serveGraph } = await import("./graph-server.ts");
  const server = await serveGraph(files, port);
  session.print(`Served at ${server.address} until Ctrl-C`);
  await untilStopped(session);
  await server.close();
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
  const answer = graphAnswer(record);
  const shared = `${ambiguousLinks} links begin at an id that a feature and an error share; they are shown as the feature's.`;
  await tell(session, { ...answer, lines: ambiguousLinks > 0 ? [shared, ...answer.lines] : answer.lines }, flags);
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
