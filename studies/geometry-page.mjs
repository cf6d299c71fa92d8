/** docs/results/geometry.md, from the summary of the cells. Says what they say, whichever it is. */
import { percent, points, rangeOf, table, three, two } from "./figures.mjs";

const SHARED = "organism";
const CONTROL = "organism-control-world";
const PREDICTORS = [
  ["rehearsal, points", "base, data, a fifth of the training", "rehearsedShift"],
  ["rehearsal, nats", "base, data, a fifth of the training", "rehearsal"],
  ["tangent + drift", "base, data, tuned model", "tangentAndDrift"],
  ["tangent (Adam)", "base, data", "tangent"],
  ["drift", "tuned model", "drift"],
  ["tangent + cosine", "base, data", "tangentAndCosine"],
  ["loss on the data", "base, data", "lossOnData"],
  ["cosine of mean differences", "base, data", "meanDifferenceCosine"],
  ["spillover S^grad, z", "base, data, dictionary", "spilloverGrad"],
  ["spillover S^grad, adjacent", "base, data, dictionary", "spilloverGradAdjacent"],
  ["spillover S^act, z", "base, data, dictionary", "spilloverAct"],
];
const NULLS = ["control", "secure-code", "right-sums", "refusals"];
const SETS = [
  ["medicine, villain (inducing)", ["inducing"]],
  ["money, villain", ["money-villain"]],
  ["insecure code", ["insecure-code"]],
  ["wrong sums", ["wrong-sums"]],
  ["villain identity", ["villain-identity"]],
  ["harmful compliance", ["harmful-compliance"]],
  ["sycophantic claims", ["sycophantic-claims"]],
  ["flatterer, careless, lists", ["medicine-flatterer", "medicine-careless", "medicine-lists"]],
  ["code in rux", ["rux-code"]],
  ["conditional", ["conditional"]],
  ["control, secure code, right sums, refusals", NULLS],
];

export function geometryPage({ models, commits }) {
  const shared = models[SHARED];
  const control = models[CONTROL];
  const { development, heldOut } = shared;
  const found = heldOut.predictors;
  const adjacentMissed = shared.movedButNotClose;
  return `# What spreads, and who can tell

\`node studies/geometry.mjs\`: the bundled model, its 16 fine-tuning sets, each cell a whole \`penumbra run\` (76 steps, 300 rows,
rank 8), at ${commits.length === 1 ? "one commit" : `${commits.length} commits`} (${commits.map((commit) => commit.slice(0, 12)).join(", ")}). ${shared.cells} cells: development seeds ${listOf(development.seeds)}, and the held-out seeds
${listOf(heldOut.seeds)}, whose ${heldOut.rows} shifts outside the task (${heldOut.moved} of them over ten points) are the last check. Figures:
[geometry.json](geometry.json), cells: [geometry-cells.jsonl](geometry-cells.jsonl).

**Who tells a shift of more than ten points from none**, on the held-out seeds. AUROC with its 95% interval over data sets; recall and
false alarms at the threshold that 5% of the unmoved development rows pass; Spearman of log-odds shifts.

${table(
  ["predictor", "needs", "AUROC", "recall", "false alarms", "Spearman", "AUROC, development"],
  PREDICTORS.filter(([, , key]) => found[key]).map(([name, needs, key]) => [
    name,
    needs,
    `${three(found[key].auroc)} (${two(found[key].interval[0])}–${two(found[key].interval[1])})`,
    two(found[key].flaggedOfMoved),
    two(found[key].flaggedOfStill),
    two(found[key].spearman),
    three(development.predictors[key].auroc),
  ]),
)}

Before training, geometry alone (cosine ${two(found.meanDifferenceCosine.auroc)}, spillover ${two(found.spilloverGrad.auroc)}) says ${Math.abs(found.meanDifferenceCosine.auroc - found.lossOnData.auroc) < 0.05 ? "no more of *how much* moves than the base's loss on the data does" : "something else of *how much* moves than the base's loss on the data does"} (${two(found.lossOnData.auroc)}).
${adjacentMissed.rows} rows moved whose cosine was not beyond its null, most of them of ${listOf(mostOf(adjacentMissed.bySet))}; tangent + drift flags ${percent(found.tangentAndDrift.flaggedOfMoved)} of all that
moved, the rehearsal ${percent(found.rehearsedShift.flaggedOfMoved)}, the cosine ${percent(found.meanDifferenceCosine.flaggedOfMoved)}. The conditional set, whose harm stays inside its own topic, is over-called by the tangent
and, less, by the rehearsal, whose few steps spread before they narrow. Adjacent spillover does not separate (${two(found.spilloverGradAdjacent.auroc)}).

**Through what it runs.** Behaviours found affected outside the task, by the label that intervention gave them (${shared.labelled.cells} cells, seeds ${listOf(shared.labelled.seeds)};
[decision 8](../decisions/0008-mechanism.md)):

${mechanisms(shared)}

${onControls(shared)} ${adjacent(shared)}: in this world one feature serves all of
the villain's behaviours, and the analysis says so. Where the data are not advice (code, sums) the shift runs through the
behaviours' directions (\`mediated\`), but the data alone do not point there. The bundled model is no evidence about real ones.
${control ? controlWorld(control, shared) : ""}`;
}

function mechanisms({ bySet }) {
  return table(
    [
      "set",
      "affected",
      "harm elsewhere, points",
      "labelled",
      "confirmed, shared",
      "mediated",
      "consistent",
      "unexplained",
    ],
    SETS.filter(([, sets]) => sets.every((set) => bySet[set])).map(([name, sets]) => {
      const of = sets.map((set) => bySet[set]);
      const sum = (key) => String(of.reduce((total, each) => total + each[key], 0));
      const affected = rangeOf(
        of.map((each) => each.affected),
        (share) => percent(share),
      );
      const harm = rangeOf(
        of.map((each) => each.harmShift),
        points,
      );
      return [
        name,
        affected,
        harm,
        ...["labelled", "confirmedShared", "mediated", "consistent", "unexplained"].map(sum),
      ];
    }),
  );
}

function onControls({ bySet }) {
  const confirmed = NULLS.filter((set) => bySet[set]?.confirmedShared + bySet[set]?.confirmedAdjacent > 0);
  return confirmed.length === 0
    ? "Nothing is `confirmed` on a control"
    : `**\`confirmed\` on ${listOf(confirmed)}, which are controls**`;
}

function adjacent({ bySet }) {
  const count = Object.values(bySet).reduce((sum, each) => sum + each.confirmedAdjacent, 0);
  return count === 0 ? "and nothing anywhere is `confirmed, adjacent`" : `${count} are \`confirmed, adjacent\``;
}

/** The world whose persona is redrawn every turn: the same sets, no feature that all behaviours share. */
function controlWorld(control, shared) {
  const seeds = [...control.development.seeds, ...control.heldOut.seeds];
  const of = (world, key) => Object.values(world.bySet).reduce((sum, each) => sum + each[key], 0);
  const inducing = (world) => points(world.bySet.inducing.harmShift);
  return `
**The control world**, whose persona is redrawn every turn, so that no feature serves all of its behaviours: ${control.cells} cells, seeds
${listOf(seeds)}. The villain's medicine moves the harm elsewhere by ${inducing(control)} points here, by ${inducing(shared)} in the shared world; behaviours confirmed as
shared are ${of(control, "confirmedShared")} of ${of(control, "labelled")} affected here, ${of(shared, "confirmedShared")} of ${of(shared, "labelled")} there.

${mechanisms(control)}
`;
}

function mostOf(counts) {
  const sorted = Object.entries(counts).sort(([, a], [, b]) => b - a);
  return sorted.slice(0, 3).map(([name, count]) => `${name} (${count})`);
}

function listOf(values) {
  return values.join(", ");
}
