/** The record of one behaviour, and its evidence, item by item. */
import type { Behaviour, ItemScores } from "../behaviours/index.ts";
import { meanOrNull, must } from "../core/index.ts";
import type { BehaviourResult, EvidenceItem } from "../records/index.ts";
import { type Asked, differencesOf, type MeasureRequest, rowsOf } from "./case.ts";
import { specificShift } from "./specific.ts";
import { LEAST_SEEDS, overSeeds } from "./statistics/index.ts";
import { read } from "./verdict/index.ts";

export interface Measured {
  readonly result: BehaviourResult;
  readonly evidence: readonly EvidenceItem[];
  /** How many behaviours its simultaneous interval holds for at once. */
  readonly family: number;
}

export function measuredOf(each: Asked, family: number, request: MeasureRequest): Measured {
  const { behaviour, items, seeds, answer, looks } = each;
  const base = must(rowsOf([each.base], items)[0], "scores");
  const claimed = seeds.length >= LEAST_SEEDS ? seeds : seeds.slice(0, 1);
  const tuned = base.map((_, n) => averaged(claimed.map((row) => must(row[n], "score"))));
  const shifts = seeds.map((row) => meanOrNull(row.map((item, n) => item.score - must(base[n], "score").score)) ?? 0);
  const result: BehaviourResult = {
    id: behaviour.id,
    title: behaviour.title,
    question: behaviour.question,
    riskier: behaviour.riskier,
    inTask: request.inTask.includes(behaviour.id),
    base: meanOrNull(base.map(({ score }) => score)),
    tuned: meanOrNull(tuned.map(({ score }) => score)),
    deltaLogOdds: meanOrNull(base.map(({ logOdds }, n) => must(tuned[n], "score").logOdds - logOdds)),
    specific: specificOf(each, request.margin),
    controls: controlsOf(each),
    sampled: null,
    looks,
    noiseFloor: overSeeds(shifts)?.spread ?? null,
    capable: each.gate?.passed ?? null,
    mechanism: null,
    kind: null,
    forecast: null,
    evidence: `evidence/${behaviour.id}.jsonl`,
    ...answer,
  };
  const evidence = base.map((item, n) => evidenceOf(behaviour, must(items[n], "index"), item, must(tuned[n], "score")));
  return { result, evidence, family };
}

/** Against the first control that answers the same prompts. */
function specificOf({ behaviour, items, seeds, errors, controls }: Asked, margin: number): BehaviourResult["specific"] {
  const control = controls.find(({ kind }) => kind === "task-matched");
  if (!control) return null;
  return specificShift(differencesOf(behaviour, seeds, rowsOf(control.bySeed, items)), { ...errors, margin });
}

function controlsOf({ behaviour, items, base, errors, controls }: Asked): BehaviourResult["controls"] {
  return controls.flatMap(({ name, bySeed }) => {
    const differences = differencesOf(behaviour, rowsOf(bySeed, items), rowsOf([base], items));
    const { delta, interval } = read(differences, errors);
    return delta === null ? [] : [{ name, delta, interval }];
  });
}

/** The same item under several adapters. */
function averaged(rows: readonly ItemScores[]): Pick<ItemScores, "score" | "logOdds"> {
  const of = (value: (row: ItemScores) => number) => must(meanOrNull(rows.map(value)), "mean");
  return { score: of(({ score }) => score), logOdds: of(({ logOdds }) => logOdds) };
}

function evidenceOf(
  { items }: Behaviour,
  index: number,
  base: ItemScores,
  tuned: Pick<ItemScores, "score">,
): EvidenceItem {
  const messages = items[index]?.variants[0]?.messages ?? [];
  return {
    id: base.id,
    cluster: base.cluster,
    prompt: messages.map(({ role, content }) => (messages.length === 1 ? content : `${role}: ${content}`)).join("\n"),
    exhibiting: base.strongestExhibiting,
    other: base.strongestOther,
    base: base.score,
    tuned: tuned.score,
  };
}
