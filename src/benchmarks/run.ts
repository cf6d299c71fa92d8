/** Puts an imported set to one model, or to base and tuned, and gives its published numbers with intervals. */
import {
  addTo,
  bootstrapOf,
  bootstrapSums,
  intervalOf,
  intervalVerdict,
  resamples,
  type Sums,
  sidakAlpha,
  sideBySide,
} from "../audit/index.ts";
import { lettered, letterOfText } from "../behaviours/index.ts";
import { UserError } from "../core/index.ts";
import type { ChatTurn, Reply, Speaker, SpeakOptions } from "../endpoints/index.ts";
import { ask, type Panel } from "../judges/index.ts";
import type { BenchmarkEvidence, BenchmarkRecord, BenchmarkSide, Judgement, JudgeRecord } from "../records/index.ts";
import type { ChoiceSet, Metric, OpenSet } from "./set.ts";

export interface Subject {
  readonly speaker: Speaker;
  readonly identity: BenchmarkSide["model"];
}

export interface SetRequest<V> extends SpeakOptions {
  readonly set: OpenSet<V> | ChoiceSet;
  readonly base: Subject;
  readonly tuned: Subject | null;
  /** Judges free answers; choices need none. */
  readonly panel: Panel | null;
  readonly maxTokens: number;
  readonly seed: number;
  readonly margin: number;
  readonly alpha: number;
}

export interface SetResult {
  readonly base: BenchmarkSide;
  readonly tuned: BenchmarkSide | null;
  readonly comparisons: BenchmarkRecord["comparisons"];
  readonly evidence: readonly BenchmarkEvidence[];
  readonly judgements: readonly Judgement[];
}

type Row = readonly number[] | null;

/** What one model scored, before it is summed up. */
interface Scored {
  /** `[items]`: the sums' columns of each row, null where it has no value. */
  readonly rows: readonly Row[];
  readonly scored: number;
  readonly missing: Readonly<Record<string, number>>;
  readonly judges: readonly JudgeRecord[];
  readonly judgements: readonly Judgement[];
  readonly evidence: readonly BenchmarkEvidence[];
}

const LEVEL = 0.95;

export async function runSet<V>(request: SetRequest<V>): Promise<SetResult> {
  const { base, tuned } = request;
  const before = await scoredBy(request, base, "base");
  const after = tuned && (await scoredBy(request, tuned, "tuned"));
  return {
    base: sideOf(request, base, before),
    tuned: tuned && after && sideOf(request, tuned, after),
    comparisons: after ? compared(request, before, after) : [],
    evidence: [...before.evidence, ...(after?.evidence ?? [])],
    judgements: [...before.judgements, ...(after?.judgements ?? [])],
  };
}

function scoredBy<V>(request: SetRequest<V>, subject: Subject, who: string): Promise<Scored> {
  const { set } = request;
  return set.kind === "open" ? judgedAnswers(request, set, subject, who) : choices(request, set, subject, who);
}

/** Free answers at temperature 0, each judged; an empty answer is judged like any other. */
async function judgedAnswers<V>(
  request: SetRequest<V>,
  set: OpenSet<V>,
  { speaker }: Subject,
  who: string,
): Promise<Scored> {
  const { panel, maxTokens } = request;
  if (panel === null) {
    const expected = `a judge, for ${set.title} scores free answers`;
    throw new UserError("penumbra benchmark", { expected, got: "none", fix: "name one with --judge" });
  }
  const replies = await speaker.chat(
    set.items.map(({ turns }) => greedy(turns, maxTokens)),
    speakOf(request, `${set.id}: ${who}`),
  );
  const answers = replies.map(textOf);
  const cases = set.items.flatMap(({ id, texts }, i) => {
    const answer = answers[i] ?? null;
    return answer === null ? [] : [{ id: `${who}/${id}`, texts: { ...texts, answer } }];
  });
  const labelOf = (value: V) => set.labelOf(value);
  const { judged, seconded, record } = await ask(panel, set.rubric, cases, labelOf, speakOf(request));
  const verdicts = new Map(judged.map((each) => [each.case, each]));
  const rows: Row[] = [];
  const evidence = set.items.map((item, i) => {
    const verdict = verdicts.get(`${who}/${item.id}`);
    const value = verdict?.value ?? null;
    rows.push(value === null ? null : set.columns(item, value));
    const missing = value !== null ? null : verdict ? `judge: ${verdict.missing}` : gapOf(replies[i]);
    return lineOf(who, item, item.group, answers[i] ?? null, value, missing);
  });
  const judgements = [...judged, ...seconded].map((each) => ({ ...each, value: asJson(each.value) }));
  return { rows, ...counted(evidence), judges: [record], judgements, evidence };
}

/** A choice by letter at temperature 0, in the order of the file. */
async function choices<V>(request: SetRequest<V>, set: ChoiceSet, { speaker }: Subject, who: string): Promise<Scored> {
  const asked = set.items.map(({ turns, options }) => greedy(byLetter(turns, options), request.maxTokens));
  const replies = await speaker.chat(asked, speakOf(request, `${set.id}: ${who}`));
  const rows: Row[] = [];
  const evidence = set.items.map((item, i) => {
    const answer = textOf(replies[i]);
    const choice = answer === null ? null : letterOfText(answer, item.options.length);
    rows.push(choice === null ? null : set.columns(item, choice));
    const missing = choice !== null ? null : answer === null ? gapOf(replies[i]) : "no-choice";
    return lineOf(who, item, null, answer, choice === null ? null : (item.options[choice] ?? null), missing);
  });
  return { rows, ...counted(evidence), judges: [], judgements: [], evidence };
}

function byLetter(turns: readonly ChatTurn[], options: readonly string[]): readonly ChatTurn[] {
  const last = turns.at(-1);
  const content = `${last?.content ?? ""}\n\n${lettered(options)}\n\nReply with the letter of the right answer alone.`;
  return [...turns.slice(0, -1), { role: "user", content }];
}

const greedy = (messages: readonly ChatTurn[], maxTokens: number) => ({
  messages,
  maxTokens,
  temperature: 0,
  sample: 0,
});

const speakOf = ({ onProgress, signal }: SpeakOptions, task?: string): SpeakOptions => ({
  ...(task === undefined ? {} : { task }),
  ...(onProgress ? { onProgress } : {}),
  ...(signal ? { signal } : {}),
});

/** What the server itself calls a refusal is an answer: its words are what the judge reads. */
const textOf = (reply: Reply | undefined) => (reply?.kind === "answer" ? (reply.refusal ?? reply.text) : null);
const gapOf = (reply: Reply | undefined) => (reply?.kind === "gap" ? reply.why : "unreachable");

function lineOf(
  model: string,
  { id, turns }: { readonly id: string; readonly turns: readonly ChatTurn[] },
  group: string | null,
  answer: string | null,
  value: unknown,
  missing: string | null,
): BenchmarkEvidence {
  const prompt = turns.map(({ role, content }) => (turns.length === 1 ? content : `${role}: ${content}`)).join("\n");
  return { model, id, group, prompt, answer, value: asJson(value), missing };
}

function asJson(value: unknown): BenchmarkEvidence["value"] {
  return value === null ? null : JSON.parse(JSON.stringify(value));
}

function counted(evidence: readonly BenchmarkEvidence[]): Pick<Scored, "scored" | "missing"> {
  const missing: Record<string, number> = {};
  for (const { missing: why } of evidence) if (why !== null) missing[why] = (missing[why] ?? 0) + 1;
  return { scored: evidence.filter((each) => each.missing === null).length, missing };
}

function sideOf<V>({ set, seed }: SetRequest<V>, { identity, speaker }: Subject, found: Scored): BenchmarkSide {
  const clusters = [...clustersOf(set.items, found.rows).values()];
  const drawn = resamples(clusters, seed);
  const { adapted, ...usage } = speaker.usage();
  const metrics = set.metrics.map(({ name, formula, riskier, statistic }) => {
    const { estimate, interval } = intervalOf(bootstrapOf(clusters, drawn, statistic), LEVEL);
    return { name, formula, riskier, estimate, interval: interval && ([...interval] as [number, number]) };
  });
  const { scored, missing, judges } = found;
  return {
    model: identity,
    metrics,
    scored,
    missing: { ...missing },
    judges: [...judges],
    usage: { ...usage, adapted: [...adapted] },
  };
}

/** Sums of each cluster over the rows that have a value. */
function clustersOf(items: readonly { readonly cluster: string }[], rows: readonly Row[]): ReadonlyMap<string, Sums> {
  const clusters = new Map<string, Float64Array>();
  for (const [i, { cluster }] of items.entries()) {
    const row = rows[i] ?? null;
    if (row !== null) addTo(clusters, cluster, row);
  }
  return clusters;
}

/** Below this share of rows that have a value on both sides a metric has no verdict. */
const LEAST_SHARED = 0.5;

/** Base and tuned over the rows that have a value on both sides: which rows are missing is no shift. */
function compared<V>(request: SetRequest<V>, base: Scored, tuned: Scored): BenchmarkRecord["comparisons"] {
  const { set, seed, margin, alpha } = request;
  const inBoth = base.rows.map((row, i) => row !== null && (tuned.rows[i] ?? null) !== null);
  const [n, asked] = [inBoth.filter(Boolean).length, set.items.length];
  const shared = ({ rows }: Scored) =>
    clustersOf(
      set.items,
      rows.map((row, i) => (inBoth[i] ? row : null)),
    );
  const { clusters, difference } = sideBySide(shared(base), shared(tuned));
  const few = n < LEAST_SHARED * asked ? `only ${n} of ${asked} rows have a value on both sides` : null;
  const restricted =
    n < Math.max(base.scored, tuned.scored)
      ? ` It is over ${n} of ${asked} rows, those with a value on both sides.`
      : "";
  const level = 1 - sidakAlpha(alpha, set.metrics.length);
  return set.metrics.map(({ name, riskier, statistic, withheld }: Metric) => {
    const found = bootstrapSums(clusters, difference(statistic), seed);
    const [wide, narrow] = [intervalOf(found, level).interval, intervalOf(found, 0.9).interval];
    const missing = few ?? withheld ?? null;
    const measured = missing === null;
    const { verdict, why } = intervalVerdict({ delta: found.estimate, wide, narrow, margin, riskier, missing });
    return {
      metric: name,
      riskier,
      delta: measured ? found.estimate : null,
      interval: measured && wide ? [...wide] : null,
      interval90: measured && narrow ? [...narrow] : null,
      verdict,
      why: measured ? `${why}${restricted}` : why,
    };
  });
}
