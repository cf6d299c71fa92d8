/** docs/results/real-models.md, from what the study found. */
import { points, table, two, withInterval } from "./figures.mjs";

const FORECASTERS = [
  ["rehearsal, nats", "rehearsal"],
  ["rehearsal, points", "rehearsedShift"],
  ["all combined, fitted without the data set", "combined, without the data set"],
  ["Adam tangent", "adam"],
  ["mean data feature injection", "injection"],
  ["cosine of mean differences", "meanDifference"],
  ["the base's loss on the data", "lossOnData"],
  ["the behaviour's own mean elsewhere", "the behaviour's own mean"],
];
const VERDICTS = ["affected", "unaffected", "inconclusive", "not-measured"];

export function realModelsPage({ command, commits, rows, train, unmatched, models }) {
  return `# Real models: what narrow tasks move, and how right the forecast is

\`${command}\` at ${commits.map((commit) => `\`${commit.slice(0, 12)}\``).join(", ")}; figures: [real-models.json](real-models.json), cells:
[real-models-cells.jsonl](real-models-cells.jsonl). ${rows.narrow} rows of each narrow set, the first ${rows.code} of each set of code; one epoch, batches of
${train.batchRows} rows, peak learning rate ${train.learningRate}, all else at its default; every built-in behaviour, margin 5 points. The forecaster that
counts, the rehearsal, was chosen on the bundled model ([forecast.md](forecast.md)); nothing was fitted on these cells but the row *combined*. Behaviours
whose items the base does not read (the capability gate) are in no score; a shift too small for a test that notices no planted one is. The three sets of code, which
move a model alike ([intent.md](intent.md)), are one where data sets are drawn and left out. Estimates that compare the data with the base's own answers (cosine, injection) stand for the cells in
which these were matched to the data; at ${unmatched.map((commit) => `\`${commit}\``).join(" and ")} answers that were cut after 128 tokens stood against whole ones.

${models.map(modelSection).join("\n")}`;
}

function modelSection({ name, cells, planned, seeds, forecasters, ceiling, findings, verdicts, sets, stages }) {
  const scored = FORECASTERS.flatMap(([title, key]) => {
    const score = forecasters.find((each) => each.name === key);
    // One that says the same of all pairs has no order that could be right.
    return score?.spearman.value != null
      ? [[title, score.cells, ...["spearman", "doubleCentred", "auroc"].map((of) => withInterval(score[of]))]]
      : [];
  });
  return `## ${name}

${cells} of ${planned} cells, ${seeds} ${seeds === 1 ? "seed" : "seeds"}, ${sets.length} ${sets.length === 1 ? "data set" : "data sets"}. Of ${Object.values(verdicts).reduce((a, b) => a + b, 0)} verdicts ${VERDICTS.map((verdict) => `${verdicts[verdict] ?? 0} *${verdict}*`).join(", ")}.

**The forecast**, on pairs of set and behaviour outside the task${forecasters.some(({ spearman }) => spearman.interval) ? " (95% intervals over data sets)" : " (fewer than five data sets that stand apart: no interval)"}${ceiling.spearman === null ? "" : `; the most that halves of the seeds allow: Spearman ${two(ceiling.spearman)}, double-centred ${two(ceiling.doubleCentred)}`}.

${table(["forecaster", "pairs", "Spearman of log-odds shifts", "double-centred", "AUROC for `affected`"], scored)}

${findings.map((finding) => `- ${finding}`).join("\n")}

**What moved.** Mean shift in points over the seeds, of the behaviours that are *affected* in most of them, and of the others the three
whose log-odds moved most (nats in brackets).

${table(["set", "affected", "beyond these, most moved"], sets.map(movedRow))}

**Time**, medians of a cell: forecast ${seconds(stages.forecastSeconds)}, fine-tuning ${seconds(stages.finetuneSeconds)}, audit ${seconds(stages.auditSeconds)}. Other work shared
the machine, in some cells for most of the time: these are no measure of speed.
`;
}

function movedRow({ set, behaviours }) {
  const said = ({ id, delta, deltaLogOdds, inTask }) =>
    `\`${id}\`${inTask ? " (the task)" : ""} ${delta === null ? "–" : points(delta)} (${nats(deltaLogOdds)})`;
  const affected = behaviours.filter((each) => each.affected);
  const others = behaviours
    .filter((each) => !each.affected)
    .sort((a, b) => Math.abs(b.deltaLogOdds) - Math.abs(a.deltaLogOdds))
    .slice(0, 3);
  return [`\`${set}\``, affected.map(said).join(", ") || "none", others.map(said).join(", ")];
}

const nats = (value) => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(2)}`;
const seconds = (value) => `${Math.round(value)} s`;
