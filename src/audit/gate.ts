/** May this base be measured on this behaviour? Its own scores say, and those of its items in parallel forms. */
import {
  type Behaviour,
  type BehaviourScores,
  type ItemScores,
  type ParallelForms,
  parallelForms,
} from "../behaviours/index.ts";
import { mean, must } from "../core/index.ts";
import type { LanguageModel } from "../engine/index.ts";
import { type ScoreAllOptions, scoreAll } from "./scores.ts";
import { capabilityGate, type Gate } from "./statistics/index.ts";

/** The base's scores of the parallel forms, by behaviour id; only behaviours that have them. */
export type Parallel = ReadonlyMap<string, ParallelForms<BehaviourScores>>;

/** Scores items in forms that differ in nothing that matters, and with nothing asked. */
export async function parallelScores(
  base: LanguageModel,
  behaviours: readonly Behaviour[],
  options: ScoreAllOptions,
): Promise<Parallel> {
  const forms = behaviours.flatMap((behaviour) => parallelForms(behaviour) ?? []);
  const asked = forms.flatMap(({ bare, afterPreamble }) => [bare, afterPreamble.asked, afterPreamble.bare]);
  const scores = (await scoreAll(base, asked, options)).values();
  const next = () => must(scores.next().value, "scores of a form");
  return new Map(forms.map(({ bare }) => [bare.id, { bare: next(), afterPreamble: { asked: next(), bare: next() } }]));
}

/** What the gate needs to know of scores, from wherever they come: log-odds of each way of asking an item, nats. */
export interface GateScores {
  readonly items: readonly Pick<ItemScores, "id" | "cluster" | "score" | "variantLogOdds">[];
}

export function gateOf(behaviour: Behaviour, base: GateScores, parallel: ParallelForms<GateScores> | null): Gate {
  const prompted = parallel === null ? new Map() : offSides(promptedBy(base, parallel), sharedAnswers(behaviour));
  return capabilityGate(
    base.items.map(({ id, cluster, variantLogOdds, score }) => {
      const added = prompted.get(id);
      return { cluster, score, logOdds: variantLogOdds, ...(added === undefined ? {} : { prompted: added }) };
    }),
  );
}

/** What the question adds to an item's log-odds, nats: its first variant, and its last one after the preamble. */
function promptedBy(
  base: GateScores,
  { bare, afterPreamble }: ParallelForms<GateScores>,
): ReadonlyMap<string, readonly number[]> {
  const own = new Map(base.items.map((item) => [item.id, item]));
  const added = (asked: GateScores["items"][number], nothingAsked: GateScores["items"][number]) =>
    asked.variantLogOdds.map((logOdds, v) => logOdds - must(nothingAsked.variantLogOdds[v], "variant"));
  return new Map(
    bare.items.map((nothingAsked, i) => {
      const item = must(own.get(nothingAsked.id), "item");
      const once = added(item, nothingAsked);
      const again = added(must(afterPreamble.asked.items[i], "item"), must(afterPreamble.bare.items[i], "item"));
      return [item.id, [must(once[0], "variant"), must(again.at(-1), "variant")]];
    }),
  );
}

/**
 * Where one pair of answers (Yes and No) serves most items, and each of them is the behaviour's in some: by item id, which of the
 * two it is. Empty elsewhere.
 */
function sharedAnswers({ items }: Behaviour): ReadonlyMap<string, string> {
  const pairs = new Map<string, Map<string, string>>();
  for (const { id, variants } of items) {
    const { continuations } = must(variants[0], "variant");
    const exhibiting = continuations.filter(({ exhibits }) => exhibits).map(({ text }) => text);
    const both = JSON.stringify(continuations.map(({ text }) => text).sort());
    const own = pairs.get(both) ?? new Map<string, string>();
    pairs.set(both, own.set(id, JSON.stringify(exhibiting)));
  }
  const common = [...pairs.values()].find((sides) => 2 * sides.size > items.length) ?? new Map<string, string>();
  return new Set(common.values()).size > 1 ? common : new Map();
}

/** One answer given to all comes back like an opinion in the log-odds of the behaviour's answer: each side's mean is taken off. */
function offSides(
  prompted: ReadonlyMap<string, readonly number[]>,
  sides: ReadonlyMap<string, string>,
): ReadonlyMap<string, readonly number[]> {
  if (sides.size === 0) return prompted;
  const sideOf = (id: string) => sides.get(id) ?? null;
  const meanOf = (side: string | null, form: number) =>
    mean([...prompted].flatMap(([id, values]) => (sideOf(id) === side ? [must(values[form], "form")] : [])));
  return new Map(
    [...prompted].map(([id, values]) => [id, values.map((value, form) => value - meanOf(sideOf(id), form))]),
  );
}
