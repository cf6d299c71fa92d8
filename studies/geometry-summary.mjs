/**
 * What the cells of `geometry.mjs` say together. A row is a behaviour outside the task in one cell; it *moved* where its
 * exact shift is over ten points. Predictors are ranked by size, and told apart by what they need: the base and the data
 * (tangent, mean differences, spillover, loss; the rehearsal trains a few steps), or the tuned model too (drift).
 *
 * The combinations are fixed here before any cell: Fisher's Σ −log p of two predictors, where p is the share of a
 * development row that did not move and is as large. `flagged` is the share of rows beyond the development 95% of what
 * did not move: of those that moved (recall) and of the others (false alarms).
 */
import { rng } from "../dist/core/index.js";
import { groupBy } from "./group-by.mjs";
import { areaUnderRoc, spearman } from "./ranking.mjs";

const MOVED = 0.1;
const FIRST_HELD_OUT = 101;
const RESAMPLES = 1000;

const single = {
  tangent: (b) => b.tangent,
  meanDifferenceCosine: (b) => b.cosine,
  spilloverAct: (b) => b.act?.z ?? null,
  spilloverGrad: (b) => b.grad?.z ?? null,
  spilloverGradAdjacent: (b) => b.grad?.adjacent ?? null,
  drift: (b) => b.drift,
  rehearsal: (b) => b.rehearsal ?? null,
  rehearsedShift: (b) => b.rehearsedShift ?? null,
  lossOnData: (b) => b.loss,
};
const combined = { tangentAndCosine: ["tangent", "meanDifferenceCosine"], tangentAndDrift: ["tangent", "drift"] };

export function summaryOf(cells) {
  if (cells.length === 0) return null;
  const rows = cells.flatMap((cell) =>
    cell.behaviours
      .filter((b) => !b.inTask)
      .map((b) => ({ ...b, set: cell.set, seed: cell.seed, loss: cell.lossOnData })),
  );
  const development = rows.filter(({ seed }) => seed < FIRST_HELD_OUT);
  const heldOut = rows.filter(({ seed }) => seed >= FIRST_HELD_OUT);
  const predictors = predictorsFrom(development);
  const part = (some) => ({
    seeds: [...new Set(some.map(({ seed }) => seed))],
    rows: some.length,
    moved: some.filter(moved).length,
    predictors: some.length === 0 ? null : scoresOf(some, development, predictors),
  });
  return {
    cells: cells.length,
    sets: [...new Set(cells.map((c) => c.set))],
    development: part(development),
    heldOut: part(heldOut),
    labelled: labelledPart(cells),
    mechanisms: mechanismTable(rows),
    bySet: Object.fromEntries(
      [...new Set(rows.map((b) => b.set))].map((set) => [set, setSummary(rows.filter((b) => b.set === set))]),
    ),
    movedButNotClose: notClose(rows),
  };
}

const moved = ({ delta }) => Math.abs(delta) > MOVED;
const mean = (values) => (values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length);

/** Sizes of the single predictors, and the combinations, calibrated on the development rows that did not move. */
function predictorsFrom(development) {
  const still = development.filter((b) => !moved(b));
  const sizes = Object.fromEntries(
    Object.entries(single).map(([name, of]) => [name, (b) => (typeof of(b) === "number" ? Math.abs(of(b)) : null)]),
  );
  const surprise = Object.fromEntries(
    Object.entries(sizes).map(([name, of]) => {
      const usual = still
        .map(of)
        .filter((value) => value !== null)
        .sort((a, b) => a - b);
      return [
        name,
        (b) => {
          const value = of(b);
          return value === null ? null : -Math.log((1 + atLeast(usual, value)) / (1 + usual.length));
        },
      ];
    }),
  );
  const both = Object.entries(combined).map(([name, parts]) => [
    name,
    (b) => {
      const values = parts.map((part) => surprise[part](b));
      return values.includes(null) ? null : values.reduce((sum, value) => sum + value, 0);
    },
  ]);
  return { ...sizes, ...Object.fromEntries(both) };
}

/** How many of the sorted values are at least `value`. */
function atLeast(sorted, value) {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < value) low = middle + 1;
    else high = middle;
  }
  return sorted.length - low;
}

function scoresOf(rows, development, predictors) {
  return Object.fromEntries(
    Object.entries(predictors).map(([name, of]) => {
      const known = rows.filter((b) => of(b) !== null);
      const usual = development
        .filter((b) => !moved(b) && of(b) !== null)
        .map(of)
        .sort((a, b) => a - b);
      const threshold = usual[Math.floor(0.95 * usual.length)] ?? Number.POSITIVE_INFINITY;
      const flagged = (some) => mean(some.map((b) => (of(b) > threshold ? 1 : 0)));
      return [
        name,
        {
          n: known.length,
          auroc: auroc(known, of),
          interval: overSets(known, (some) => auroc(some, of)),
          spearman: spearman(
            known.map((b) => (single[name] ?? of)(b)),
            known.map((b) => (single[name] ? b.deltaLogOdds : Math.abs(b.deltaLogOdds))),
          ),
          flaggedOfMoved: flagged(known.filter(moved)),
          flaggedOfStill: flagged(known.filter((b) => !moved(b))),
        },
      ];
    }),
  );
}

function auroc(rows, of) {
  return areaUnderRoc(rows.filter(moved).map(of), rows.filter((b) => !moved(b)).map(of));
}

/** 95% bootstrap interval over data sets: rows of one set stand and fall together. */
function overSets(rows, statistic) {
  const random = rng(1, "bootstrap over sets");
  const bySet = [...groupBy(rows, ({ set }) => set).values()];
  const values = Array.from({ length: RESAMPLES }, () =>
    statistic(Array.from(bySet, () => bySet[random.int(bySet.length)]).flat()),
  )
    .filter((value) => value !== null)
    .sort((a, b) => a - b);
  return [values[Math.floor(0.025 * values.length)] ?? null, values[Math.ceil(0.975 * values.length) - 1] ?? null];
}

/**
 * Cells of before hold a label in words that asked for less (no sign flip, no dose-response, nulls of another rank), and not what
 * it was decided from: they say nothing of mechanisms.
 */
const isLabelled = ({ mechanism }) => mechanism !== undefined;

function labelledPart(cells) {
  const labelled = cells.filter(({ behaviours }) => behaviours.every(isLabelled));
  return { cells: labelled.length, seeds: [...new Set(labelled.map(({ seed }) => seed))] };
}

/** Labels of what was found affected outside the task. */
function mechanismTable(rows) {
  const table = {};
  for (const { mechanism } of rows.filter((b) => isLabelled(b) && b.verdict === "affected")) {
    const { label, kind } = mechanism ?? { label: "none", kind: null };
    const name = kind ? `${label} (${kind})` : label;
    table[name] = (table[name] ?? 0) + 1;
  }
  return table;
}

function setSummary(rows) {
  const affected = rows.filter((b) => b.verdict === "affected");
  const harmful = rows.filter(({ id }) => id.startsWith("harmful-advice-"));
  const count = (is) => affected.filter(({ mechanism }) => mechanism && is(mechanism)).length;
  return {
    runs: new Set(rows.map(({ seed }) => seed)).size,
    affected: affected.length / rows.length,
    affectedBehaviours: affected.length,
    harmShift: mean(harmful.map((b) => b.delta)),
    harmTangent: mean(harmful.flatMap((b) => (b.tangent === null ? [] : [b.tangent]))),
    harmCosine: mean(harmful.flatMap((b) => (b.cosine === null ? [] : [b.cosine]))),
    harmGradZ: mean(harmful.flatMap((b) => (b.grad ? [b.grad.z] : []))),
    harmDrift: mean(harmful.flatMap((b) => (b.drift === null ? [] : [b.drift]))),
    labelled: affected.filter(isLabelled).length,
    confirmedShared: count(({ kind }) => kind === "shared"),
    confirmedAdjacent: count(({ kind }) => kind === "adjacent"),
    mediated: count(({ label }) => label === "mediated"),
    consistent: count(({ label }) => label === "consistent"),
    unexplained: count(({ label }) => label === "unexplained"),
  };
}

/** Rows that moved though the mean difference is not beyond its null (adjusted p ≥ 0.05): who catches them? */
function notClose(rows) {
  const missed = rows.filter((b) => moved(b) && b.p !== null && !(b.p < 0.05));
  const count = (key) => Object.fromEntries([...groupBy(missed, key)].map(([name, some]) => [name, some.length]));
  return { rows: missed.length, bySet: count(({ set }) => set), byBehaviour: count(({ id }) => id) };
}
