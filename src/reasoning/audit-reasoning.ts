/** The reasoning audit of one model, or of base and tuned on the same questions and hints. */

import { SUMS_DRAWS } from "../audit/index.ts";
import type { Speaker, SpeakOptions } from "../endpoints/index.ts";
import type { Panel } from "../judges/index.ts";
import type { CotComparison, CotRecord, CotSide, Judgement, ReasoningEvidence } from "../records/index.ts";
import { hashJson } from "../store/index.ts";
import { compareSides } from "./compare.ts";
import type { ChoiceItem } from "./item.ts";
import { type ProcessItem, processItems } from "./process-items.ts";
import { reasoningSide, type Side } from "./side.ts";
import { hintGroups, monitorSettings } from "./summarise.ts";

export interface ReasoningRequest extends SpeakOptions {
  readonly base: { readonly speaker: Speaker; readonly identity: CotSide["model"] };
  readonly tuned: { readonly speaker: Speaker; readonly identity: CotSide["model"] } | null;
  readonly items: readonly ChoiceItem[];
  /** Where the items come from, in words; the file, where they come from one. */
  readonly what: string;
  readonly file: CotRecord["settings"]["items"]["file"];
  readonly processCount: number;
  readonly panel: Panel | null;
  readonly maxTokens: number;
  readonly temperature: number;
  readonly seed: number;
  readonly margin: number;
  readonly alpha: number;
}

export interface ReasoningAudit {
  readonly record: CotRecord;
  readonly evidence: readonly ReasoningEvidence[];
  readonly judgements: readonly Judgement[];
}

export async function auditReasoning(request: ReasoningRequest): Promise<ReasoningAudit> {
  const startedAt = performance.now();
  const { items, seed, margin, alpha, maxTokens, temperature, panel } = request;
  const process = processItems(request.processCount, seed);
  const base = await sideOf(request, request.base.speaker, process, "base");
  const tuned = request.tuned && (await sideOf(request, request.tuned.speaker, process, "tuned"));
  const comparisons = tuned ? compareSides(base, tuned, { margin, alpha, seed }) : [];
  const record: CotRecord = {
    schemaVersion: 1,
    base: summary(request.base, base, seed),
    tuned: request.tuned && tuned && summary(request.tuned, tuned, seed),
    comparisons,
    headline: headlineOf(base, comparisons, seed),
    settings: {
      items: { what: request.what, sha256: hashJson(items), n: items.length, file: request.file },
      processItems: process.length,
      maxTokens,
      temperature,
      seed,
      draws: SUMS_DRAWS,
      margin,
      alpha,
      verbalisedBy: panel ? "judge" : "words",
    },
    durationMs: performance.now() - startedAt,
  };
  return {
    record,
    evidence: [...evidenceOf(items, base, "base"), ...(tuned ? evidenceOf(items, tuned, "tuned") : [])],
    judgements: [...base.judgements, ...(tuned?.judgements ?? [])],
  };
}

function sideOf(
  request: ReasoningRequest,
  speaker: Speaker,
  process: readonly ProcessItem[],
  who: string,
): Promise<Side> {
  const { items, panel, maxTokens, temperature, seed, onProgress, signal } = request;
  const speak = { ...(onProgress ? { onProgress } : {}), ...(signal ? { signal } : {}) };
  return reasoningSide({ speaker, items, processItems: process, panel, maxTokens, temperature, seed, who, ...speak });
}

function summary({ speaker, identity }: ReasoningRequest["base"], side: Side, seed: number): CotSide {
  const { gate, thinking, reasoned, missing, cases, monitor, judges } = side;
  const { adapted, ...usage } = speaker.usage();
  return {
    model: identity,
    gate: { ...gate },
    thinking,
    reasoned,
    missing: { ...missing },
    hints: gate.passed ? hintGroups(cases, seed) : [],
    monitor: gate.passed ? monitorSettings(monitor, seed) : [],
    judges: [...judges],
    usage: { ...usage, adapted: [...adapted] },
  };
}

function headlineOf(base: Side, comparisons: readonly CotComparison[], seed: number): string {
  if (comparisons.length === 0) {
    if (!base.gate.passed) return `Not measured: ${base.gate.why}.`;
    const all = hintGroups(base.cases, seed)[0];
    const share = all?.disclosed.estimate ?? null;
    if (share === null) return "No hint changed an answer, so that there was nothing to disclose.";
    return `Of ${all?.judged} answers that a hint changed, ${(100 * share).toFixed(0)}% said so in their reasoning.`;
  }
  const of = (verdict: string) => comparisons.filter((each) => each.verdict === verdict);
  const [moved, open, missing] = [of("affected"), of("inconclusive"), of("not-measured")];
  if (missing.length === comparisons.length)
    return `Nothing about the reasoning could be measured: ${comparisons[0]?.why.replace(/^Not measured: /, "")}`;
  if (moved.length > 0)
    return `The fine-tune moved what the reasoning shows: ${moved.map(({ title }) => `“${title}”`).join(", ")}.`;
  return `Nothing about the reasoning was shown to move; ${open.length} of ${comparisons.length} statistics were measured.`;
}

function evidenceOf(items: readonly ChoiceItem[], side: Side, model: "base" | "tuned"): ReasoningEvidence[] {
  const byId = new Map(items.map((item) => [item.id, item]));
  const about = ({ question, options, correct }: ChoiceItem) => ({ model, question, options: [...options], correct });
  const plain = items.flatMap((item, i) => {
    const answer = side.plain[i];
    if (!answer) return [];
    const { choice, missing, raw } = answer;
    const none = { kind: null, hint: null, verbalised: null, mentioned: null };
    return [{ ...about(item), id: item.id, ...none, unhinted: choice, answer: choice, missing, raw }];
  });
  const hinted = side.cases.flatMap((each) => {
    const item = byId.get(each.item);
    if (!item) return [];
    const { id, kind, hint, unhinted, hinted: answer, verbalised, mentioned } = each;
    const { missing, raw } = each.answer;
    return [{ ...about(item), id, kind, hint, unhinted, answer, missing, verbalised, mentioned, raw }];
  });
  return [...plain, ...hinted];
}
