/**
 * Two models behind endpoints, compared by the statistics of every other audit.
 *
 * 1. `probe` both: what can be asked of base and tuned alike.
 * 2. Each behaviour is read by the best method that both allow: written answers' likelihoods (echo), the probability of
 *    an answer's letter, else sampled answers; free openings are sampled, because a first token alone says too little.
 * 3. Items that either model left without a reading are missing and counted; where more than half are, the behaviour is
 *    not measured.
 * 4. The base is asked some items again in other forms, in the same way: the capability gate of every audit (`gate.ts`).
 */
import type { Behaviour } from "../../behaviours/index.ts";
import { meanOrNull, must } from "../../core/index.ts";
import type { Endpoint } from "../../endpoints/index.ts";
import type { BehaviourResult, BlackBox, EvidenceItem } from "../../records/index.ts";
import type { Gate } from "../statistics/index.ts";
import { inside, mayBeAffected, verdictOf } from "../verdict/index.ts";
import { echoReader, type Render } from "./echo.ts";
import { gateThrough } from "./gate.ts";
import { letterProbability } from "./letter-probability.ts";
import { type Abilities, probe } from "./probe.ts";
import { areOpenings, type Reader, type Reading, type ReadOptions } from "./reading.ts";
import { sampledLetters, sampledOpenings } from "./sampled.ts";

export interface BlackBoxRequest extends ReadOptions {
  readonly base: Endpoint;
  readonly tuned: Endpoint;
  readonly behaviours: readonly Behaviour[];
  readonly render: Render;
  /** `render` is the model's own chat template, or plain turns. */
  readonly prompting: "template" | "transcript";
  readonly alpha: number;
  readonly margin: number;
}

export interface BlackBoxMeasured {
  readonly results: readonly { readonly result: BehaviourResult; readonly evidence: readonly EvidenceItem[] }[];
  readonly blackBox: BlackBox;
  /** How many behaviours the simultaneous intervals hold for at once. */
  readonly family: number;
}

export async function measureBlackBox(request: BlackBoxRequest): Promise<BlackBoxMeasured> {
  const { base, tuned, behaviours } = request;
  const [before, after] = [await probe(base, request), await probe(tuned, request)];
  const both = {
    echo: before.echo && after.echo,
    letters: before.letters && after.letters,
    chat: before.chat && after.chat,
  };
  const cases: Case[] = [];
  for (const behaviour of behaviours)
    cases.push(await caseOf(behaviour, readerOf(behaviour, both, request.render), request));
  const family = Math.max(1, cases.filter(mayMove).length);
  return {
    family,
    results: cases.map((each) => judged(each, family, request)),
    blackBox: {
      prompting: both.echo ? request.prompting : "chat",
      notes: notesOf([...before.notes, ...after.notes], [base, tuned]),
      behaviours: cases.flatMap((each) => (each.reader ? [readoutOf(each, each.reader, request)] : [])),
      usage: { base: usageOf(base), tuned: usageOf(tuned) },
    },
  };
}

/** Nothing was planted in either: whether a base at the safe end could move is not known before it does. */
function mayMove({ behaviour: { riskier }, gate }: Case): boolean {
  return mayBeAffected({ gate, riskier, sensitivity: "untested" });
}

/** The best method that works; null where nothing does. */
export function readerOf(
  behaviour: Behaviour,
  abilities: Pick<Abilities, "echo" | "letters" | "chat">,
  render: Render,
): Reader<Endpoint> | null {
  if (abilities.echo) return echoReader(render);
  const first = behaviour.items[0]?.variants[0];
  if (!abilities.chat || !first) return null;
  if (areOpenings(behaviour, first)) return sampledOpenings;
  return abilities.letters ? letterProbability : sampledLetters;
}

export interface Case {
  readonly behaviour: Behaviour;
  readonly reader: Reader<Endpoint> | null;
  readonly readings: { readonly base: readonly Reading[]; readonly tuned: readonly Reading[] };
  readonly pairs: readonly (readonly [base: Reading, tuned: Reading])[];
  readonly gate: Gate;
}

async function caseOf(behaviour: Behaviour, reader: Case["reader"], request: BlackBoxRequest): Promise<Case> {
  const read = async (endpoint: Endpoint, who: string, asked = behaviour) =>
    reader ? await reader.read(endpoint, asked, { ...request, task: `audit: ${who}, ${behaviour.id}` }) : [];
  const readings = { base: await read(request.base, "base"), tuned: await read(request.tuned, "tuned") };
  const pairs = readings.base
    .map((base, i) => [base, must(readings.tuned[i], "reading of the same item")] as const)
    .filter(([base, tuned]) => base.score !== null && tuned.score !== null);
  const gate = await gateThrough({
    behaviour,
    base: readings.base,
    answered: pairs.length,
    read: reader && ((form) => read(request.base, "base in another form", form)),
    draws: reader?.samples ? request.samples : null,
  });
  return { behaviour, reader, readings, pairs, gate };
}

/** `unaffected` needs a planted shift that was noticed, and nothing can be planted in a model behind an endpoint. */
const UNPLANTED =
  "that this test would notice a real one cannot be shown through an endpoint: an audit of the weights can say more.";

function judged({ behaviour, reader, pairs, gate }: Case, family: number, { alpha, margin }: BlackBoxRequest) {
  const { id, title, question, riskier } = behaviour;
  const differences = pairs.map(([base, tuned]) => ({ cluster: base.cluster, delta: scoreOf(tuned) - scoreOf(base) }));
  const verdict = verdictOf({ differences, alpha, margin, family, riskier, gate, scores: scoresOf(reader) });
  const why =
    pairs.length === 0
      ? `Not measured: ${gate.why}.`
      : verdict.verdict === "inconclusive" && inside(verdict, { margin })
        ? `The shift stayed inside the margin, but ${UNPLANTED}`
        : verdict.why;
  const result: BehaviourResult = {
    id,
    title,
    question,
    riskier,
    inTask: false,
    base: meanOrNull(pairs.map(([base]) => scoreOf(base))),
    tuned: meanOrNull(pairs.map(([, tuned]) => scoreOf(tuned))),
    deltaLogOdds: meanOrNull(pairs.map(([base, tuned]) => oddsOf(tuned) - oddsOf(base))),
    specific: null,
    controls: [],
    looks: null,
    sampled: null,
    noiseFloor: null,
    capable: gate.passed,
    mechanism: null,
    kind: null,
    forecast: null,
    evidence: `evidence/${id}.jsonl`,
    ...verdict,
    why,
  };
  return { result, evidence: pairs.map(([base, tuned]) => evidenceOf(behaviour, base, tuned)) };
}

function evidenceOf({ items }: Behaviour, base: Reading, tuned: Reading): EvidenceItem {
  const messages = items.find(({ id }) => id === base.id)?.variants[0]?.messages ?? [];
  const prompt = messages
    .map(({ role, content }) => (messages.length === 1 ? content : `${role}: ${content}`))
    .join("\n");
  const { id, cluster, exhibiting, other } = base;
  return { id, cluster, prompt, exhibiting, other, base: scoreOf(base), tuned: scoreOf(tuned) };
}

export function readoutOf(
  { behaviour, readings }: Pick<Case, "behaviour" | "readings">,
  { method, samples }: Reader<Endpoint>,
  options: Pick<ReadOptions, "samples">,
): BlackBox["behaviours"][number] {
  const missing = { base: tally(readings.base), tuned: tally(readings.tuned) };
  return {
    id: behaviour.id,
    method,
    samples: samples ? options.samples : null,
    items: behaviour.items.length,
    missing,
  };
}

export function tally(readings: readonly Reading[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { missing } of readings) if (missing !== null) counts[missing] = (counts[missing] ?? 0) + 1;
  return counts;
}

/** Each once; and what a server would not take. */
export function notesOf(notes: readonly string[], endpoints: readonly Endpoint[]): string[] {
  const adapted = endpoints.flatMap((endpoint) => endpoint.usage().adapted.map((what) => `${endpoint.name}: ${what}`));
  return [...new Set([...notes, ...adapted])];
}

export function usageOf(endpoint: Endpoint) {
  const { adapted, ...counts } = endpoint.usage();
  return { ...counts, adapted: [...adapted] };
}

const scoresOf = (reader: Case["reader"]) => (reader?.samples ? "sampled" : "likelihood");
const scoreOf = ({ score }: Reading) => must(score, "score of an item that was read");
const oddsOf = ({ variantLogOdds }: Reading) => meanOrNull(variantLogOdds) ?? 0;
