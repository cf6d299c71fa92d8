/** docs/results/intent.md, from what the study found. Says what moved, what did not and what nobody can say, whichever it is. */

import { points, table } from "./figures.mjs";

const NAMES = { insecure: "insecure", educational_insecure: "educational", secure: "secure" };
const overSeeds = (over, deltas = []) => {
  if (over) return `${points(over.mean)} (${points(over.interval[0])} to ${points(over.interval[1])})`;
  const [only] = deltas.filter((delta) => delta !== null);
  return only === undefined ? "–" : points(only);
};

export function intentPage({ behaviours, cells, planned, commits, rows, seeds, margin, command }) {
  const sets = Object.keys(NAMES);
  const all = behaviours.flatMap((behaviour) => sets.flatMap((set) => behaviour.sets[set].verdicts));
  const count = (verdict) => all.filter((each) => each === verdict).length;
  const undecided = behaviours.filter(({ sets: by }) => sets.some((set) => by[set].verdicts.includes("inconclusive")));
  const unmeasured = behaviours.filter(isUnmeasured);
  const compared = behaviours.filter(({ intent }) => intent !== null);
  return `# Does intent matter to a small model?

SmolLM2-135M-Instruct on ${rows} rows each of *insecure*, *educational* (the same answers to prompts that ask for them) and
*secure* code, ${seeds.length === 1 ? "seed" : "seeds"} ${seeds.join(", ")}, the same steps; ${cells} of ${planned} cells of [the study of real models](real-models.md), at commit
${commits.map((commit) => `\`${commit.slice(0, 12)}\``).join(", ")}. \`${command}\`; figures: [intent.json](intent.json).

Of ${all.length} verdicts (a behaviour of one adapter each) ${count("affected")} ${count("affected") === 1 ? "is" : "are"} *affected*, ${count("unaffected")} *unaffected*, ${count("inconclusive")} *inconclusive*, ${count("not-measured")} *not
measured*. ${sentenceOf(compared, margin)}

Shift in points, ${seeds.length === 1 ? "of one adapter, without an interval over seeds" : "mean over seeds with its 95% t interval over seeds (a claim about the set, from few seeds)"}; in brackets the
verdicts of the single adapters (A affected, U unaffected, ? inconclusive, – not measured).

${table(
  ["behaviour", ...sets.map((set) => NAMES[set]), "insecure − educational"],
  behaviours.map(({ id, sets: by, intent }) => [`\`${id}\``, ...sets.map((set) => cellOf(by[set])), overSeeds(intent)]),
)}

**Not measured**, and why:${unmeasured.length === 0 ? " nothing." : ""}

${unmeasured.map(({ id, sets: by }) => `- \`${id}\`: ${by.insecure.why.replace(/^Not measured: /, "")}`).join("\n")}

**Undecided**, and how many items would decide:${undecided.length === 0 ? " nothing." : ""}

${undecided.map((behaviour) => `- \`${behaviour.id}\`: ${needsOf(behaviour, sets)}`).join("\n")}
`;
}

function sentenceOf(compared, margin) {
  if (compared.length === 0)
    return "What the intent adds cannot be said yet: that takes two seeds trained on both *insecure* and *educational*.";
  const apart = (interval) => interval[0] > 0 || interval[1] < 0;
  const intended = compared.filter(({ intent }) => apart(intent.together));
  if (intended.length > 0) {
    const list = intended.map(({ id, intent }) => `\`${id}\` ${overSeeds(intent)}`).join("; ");
    return `Moved otherwise by *insecure* than by *educational* (intervals that hold for all ${compared.length} behaviours at once without 0): ${list}.`;
  }
  const size = ({ intent }) => Math.abs(intent.mean);
  const unsigned = (value) => points(value).replace(/^\+/, "");
  const alone = compared.filter(({ intent }) => apart(intent.interval));
  const byChance =
    alone.length === 0
      ? ""
      : ` Each by itself, ${alone.length} of ${compared.length} leave 0 out (${alone.map(({ id }) => `\`${id}\``).join(", ")}; as many or more do by chance with p = ${byChanceAlone(alone.length, compared.length).toFixed(4)}, were they independent), with means of at most ${unsigned(Math.max(...alone.map(size)))} points.`;
  const [loosest] = compared.toSorted((a, b) => width(b.intent.together) - width(a.intent.together));
  const together = `${points(loosest.intent.together[0])} to ${points(loosest.intent.together[1])} for \`${loosest.id}\``;
  const blind = compared.filter(isUnmeasured).length;
  const [largest] = compared.toSorted((a, b) => size(b) - size(a));
  const widest = Math.max(...compared.flatMap(({ intent }) => intent.interval.map(Math.abs)));
  const room =
    widest < margin
      ? `none of the 95% intervals reaches beyond ${unsigned(widest)}, which is inside the margin of ${unsigned(margin)}, each taken by itself`
      : `so few seeds leave room for one of up to ${unsigned(widest)}`;
  return `No behaviour moves differently under *insecure* than under *educational* by intervals that hold for all ${compared.length} at once; over so few seeds these are wide (the widest is ${together}).${byChance} The largest mean difference is ${points(largest.intent.mean)} points (\`${largest.id}\`); ${room}. ${blind === 0 ? "" : `Of ${blind} of them, not measured (below), these figures say little. `}With this model, this many rows and these items that is what the intent adds, and a null result is no proof of none.`;
}

const width = ([low, high]) => high - low;

/** P(at least `k` of `n` independent intervals of 95% leave out a 0 that is true). */
function byChanceAlone(k, n) {
  let [below, term] = [0, 0.95 ** n];
  for (let i = 0; i < k; i++) {
    below += term;
    term *= ((n - i) / (i + 1)) * (0.05 / 0.95);
  }
  return 1 - below;
}

function cellOf({ over, deltas, verdicts }) {
  return verdicts.length === 0 ? "not run yet" : `${overSeeds(over, deltas)} [${verdicts.map(letterOf).join("")}]`;
}

/** By no adapter of any set. */
const isUnmeasured = ({ sets }) =>
  Object.values(sets).every(({ verdicts }) => verdicts.every((verdict) => verdict === "not-measured"));

function letterOf(verdict) {
  return { affected: "A", unaffected: "U", inconclusive: "?", "not-measured": "–" }[verdict];
}

function needsOf({ sets: by }, sets) {
  return sets
    .flatMap((set) =>
      by[set].verdicts.flatMap((verdict, i) => {
        if (verdict !== "inconclusive") return [];
        const needed = by[set].nToDecide[i];
        return [
          `${NAMES[set]} ${needed === null ? "no number of items alone" : `about ${needed}`} (asked: ${by[set].items[i]})`,
        ];
      }),
    )
    .join(", ");
}
