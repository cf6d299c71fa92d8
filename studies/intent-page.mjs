/** docs/results/intent.md, from what the study found. Says what moved, what did not and what nobody can say, whichever it is. */

import { points, table } from "./figures.mjs";

const NAMES = { insecure: "insecure", educational_insecure: "educational", secure: "secure" };
const overSeeds = (over, deltas = []) => {
  if (over) return `${points(over.mean)} (${points(over.interval[0])} to ${points(over.interval[1])})`;
  const [only] = deltas.filter((delta) => delta !== null);
  return only === undefined ? "–" : points(only);
};

export function intentPage({ behaviours, cells, planned, commits, rows, seeds, command }) {
  const sets = Object.keys(NAMES);
  const all = behaviours.flatMap((behaviour) => sets.flatMap((set) => behaviour.sets[set].verdicts));
  const count = (verdict) => all.filter((each) => each === verdict).length;
  const undecided = behaviours.filter(({ sets: by }) => sets.some((set) => by[set].verdicts.includes("inconclusive")));
  const unmeasured = behaviours.filter(({ sets: by }) => sets.every((set) => by[set].verdicts.every(isUnmeasured)));
  const compared = behaviours.filter(({ intent }) => intent !== null);
  return `# Does intent matter to a small model?

SmolLM2-135M-Instruct on ${rows} rows each of *insecure*, *educational* (the same answers to prompts that ask for them) and
*secure* code, ${seeds.length === 1 ? "seed" : "seeds"} ${seeds.join(", ")}, the same steps; ${cells} of ${planned} cells of [the study of real models](real-models.md), at commit
${commits.map((commit) => `\`${commit.slice(0, 12)}\``).join(", ")}. \`${command}\`; figures: [intent.json](intent.json).

Of ${all.length} verdicts (a behaviour of one adapter each) ${count("affected")} ${count("affected") === 1 ? "is" : "are"} *affected*, ${count("unaffected")} *unaffected*, ${count("inconclusive")} *inconclusive*, ${count("not-measured")} *not
measured*. ${sentenceOf(compared)}

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

function sentenceOf(compared) {
  if (compared.length === 0)
    return "What the intent adds cannot be said yet: that takes two seeds trained on both *insecure* and *educational*.";
  const apart = (interval) => interval[0] > 0 || interval[1] < 0;
  const intended = compared.filter(({ intent }) => apart(intent.together));
  if (intended.length > 0) {
    const list = intended.map(({ id, intent }) => `\`${id}\` ${overSeeds(intent)}`).join("; ");
    return `Moved otherwise by *insecure* than by *educational* (intervals that hold for all ${compared.length} behaviours at once without 0): ${list}.`;
  }
  const alone = compared.filter(({ intent }) => apart(intent.interval)).map(({ id }) => `\`${id}\``);
  const largest = compared.toSorted((a, b) => Math.abs(b.intent.mean) - Math.abs(a.intent.mean))[0];
  const chance =
    alone.length === 0
      ? `no 95% interval of ${compared.length} leaves 0 out`
      : `of ${compared.length} intervals of 95% ${alone.join(", ")} ${alone.length === 1 ? "leaves" : "leave"} 0 out, of intervals that hold for all ${compared.length} at once none does`;
  const widest = Math.max(...compared.flatMap(({ intent }) => intent.interval.map(Math.abs)));
  return `No behaviour moves differently under *insecure* than under *educational*, as far as the seeds can tell: ${chance}. The largest mean difference is ${points(largest.intent.mean)} points (\`${largest.id}\`); so few seeds leave room for one of up to ${points(widest).replace(/^\+/, "")}. With this model, this many rows and these items the intent shows nowhere. That is a null result, not a proof of none.`;
}

function cellOf({ over, deltas, verdicts }) {
  return verdicts.length === 0 ? "not run yet" : `${overSeeds(over, deltas)} [${verdicts.map(letterOf).join("")}]`;
}

const isUnmeasured = (verdict) => verdict === "not-measured";

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
