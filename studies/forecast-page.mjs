/** docs/results/forecast.md, from what `studies/forecast.mjs` found. */
import { percent, table, two, withInterval } from "./figures.mjs";

const FORECASTERS = [
  ["rehearsal, nats", "rehearsal"],
  ["rehearsal, points", "rehearsedShift"],
  ["all combined, fitted without the data set", "combined, without the data set"],
  ["Adam tangent", "adam"],
  ["plain tangent", "plain"],
  ["Adam tangent less the control's", "adamLessControl"],
  ["mean data feature injection", "injection"],
  ["cosine of mean differences", "meanDifference"],
  ["spillover S^grad", "spillover"],
  ["the base's loss on the data", "lossOnData"],
  ["the behaviour's own mean elsewhere", "the behaviour's own mean"],
];
/** SCIENCE §8. */
const PROMISED = { spearman: 0.9, shareOfCeiling: 0.8, auroc: 0.95 };

export function forecastPage({ organism: { development, heldOut, heldOutChances: chances } }) {
  const rehearsal = named(heldOut, "rehearsal");
  const share = rehearsal.doubleCentred.value / heldOut.ceiling.doubleCentred;
  return `# How right is the forecast?

\`node studies/forecast.mjs\` over the cells of the [geometry study](geometry.md): 16 data sets × 20 behaviours outside the task, the
bundled model. Development seeds ${development.seeds.join(", ")} (${development.cells} cells) are what the forecaster was chosen on; seeds ${heldOut.seeds.join(", ")}
(${heldOut.cells} cells, other rows, other trainings) were run when it was settled. Seeds are averaged: ${heldOut.offTask} pairs, ${heldOut.affected} of them
affected. Intervals (95%) over data sets; all figures in [forecast.json](forecast.json).

${table(
  [
    "forecaster",
    "pairs",
    "held out: Spearman of log-odds shifts",
    "double-centred",
    "AUROC for `affected`",
    "development: Spearman",
    "double-centred",
    "AUROC",
  ],
  [...FORECASTERS.map((each) => forecasterRow(each, heldOut, development)), ceilingRow(heldOut, development)],
)}

Promised were ${two(PROMISED.spearman)}, ${two(PROMISED.shareOfCeiling)} of the ceiling and ${two(PROMISED.auroc)}: the rehearsal ${rehearsal.spearman.value >= PROMISED.spearman && share >= PROMISED.shareOfCeiling ? "keeps the first two" : "does not keep the first two"} (${two(rehearsal.spearman.value)}, ${two(share)} of
the ceiling), and ${rehearsal.auroc.value >= PROMISED.auroc ? "the third" : "not the third"} (${two(rehearsal.auroc.value)}; in points ${two(named(heldOut, "rehearsedShift").auroc.value)}). In points it tells \`affected\` best, since the verdict is made in points; in
nats it ranks best. The combined fit spreads its small errors over the many cells that do not move, which costs it the rank. The
rehearsal reads items that the audit reads again and trains a fifth of the steps: what it says is early measurement as much as
forecast ([decision 17](../decisions/0017-rehearsal.md)).

## Chances and intervals

What is said in percent ([decision 18](../decisions/0018-calibrated-forecast.md)), on the held-out seeds, each data set from the development
seeds of the *other* data sets: neither the set nor the seed was seen. ${chances.shifts} single shifts, ${chances.affected} affected.

${table(
  ["forecast chance", "came true", "shifts"],
  chances.bins.map(({ forecast, observed, n }) => [percent(forecast, 1), percent(observed, 1), n]),
)}

Mean distance ${(100 * chances.error).toFixed(1)} points; squared error ${chances.brier.toFixed(3)} (of the overall rate alone: ${chances.brierOfRate.toFixed(3)}). Of ${chances.calledLikely} called likely
(half or more) ${chances.ofTheseAffected} were affected, of the ${chances.shifts - chances.calledLikely} others ${chances.affected - chances.ofTheseAffected}. ${percent(chances.coverage)} of the measured shifts lay in their interval (90% were promised); the
expected shift was off by ${chances.meanMissPoints.toFixed(1)} points on average. On the development seeds alone, each set from the others: ${(100 * development.curve.leftOut.error).toFixed(1)} points,
${percent(development.curve.leftOut.coverage)}. What costs the most is the conditional set, which spreads in the first steps and draws back later: a
rehearsal of a fifth sees the first half of that. The shipped curve is fitted to the development seeds.
`;
}

function named({ forecasters }, name) {
  return forecasters.find((each) => each.name === name);
}

function forecasterRow([title, name], heldOut, development) {
  const [held, dev] = [named(heldOut, name), named(development, name)];
  const whole = ["spearman", "doubleCentred", "auroc"].map((key) => withInterval(held[key]));
  return [title, held.cells, ...whole, ...["spearman", "doubleCentred", "auroc"].map((key) => two(dev[key].value))];
}

function ceilingRow(heldOut, development) {
  const of = ({ ceiling }) => [two(ceiling.spearman), two(ceiling.doubleCentred), ""];
  return ["ceiling from halves of the seeds", "", ...of(heldOut), ...of(development)];
}
