/** docs/results/real-models.{json,md}: what the cells of `studies/real-models.mjs` say, as far as they are there. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { analyseModel, findingsOf } from "../dist/audit/index.js";
import { median, root } from "../scripts/measuring.mjs";
import { realModelsPage } from "./real-models-page.mjs";

const MODEL_NAMES = { smollm2: "SmolLM2-135M-Instruct", gemma3: "Gemma 3 270M" };

/** The three sets of code move a model alike (intent.md): in intervals and fits they are one. */
const ONE = new Map(["insecure", "educational_insecure", "secure"].map((set) => [set, "code"]));

export function summariseRealModels({ cells, planned, rows, train }) {
  const models = Object.keys(MODEL_NAMES).flatMap((model) => {
    const own = cells
      .filter((cell) => cell.model === model)
      .map((cell) => matched(withCapable({ ...cell, dataSet: cell.set })));
    if (own.length === 0) return [];
    const study = analyseModel(model, own, ONE);
    const { forecasters, ceiling, seeds } = study;
    return [
      {
        model,
        name: MODEL_NAMES[model],
        cells: own.length,
        planned: planned.filter((cell) => cell.model === model).length,
        seeds,
        forecasters,
        ceiling,
        findings: findingsOf(study),
        verdicts: countsOf(own.flatMap(({ behaviours }) => behaviours.map(({ verdict }) => verdict))),
        sets: movedBy(own),
        stages: stagesOf(own),
      },
    ];
  });
  const result = {
    command: "node studies/real-models.mjs FOLDER",
    commits: [...new Set(cells.map(({ commit }) => commit))],
    rows,
    train,
    margin: 0.05,
    unmatched: UNMATCHED,
    models,
  };
  writeFileSync(join(root, "docs/results/real-models.json"), `${JSON.stringify(result, null, 2)}\n`);
  writeFileSync(join(root, "docs/results/real-models.md"), realModelsPage(result));
}

/** At these commits the data were compared whole with a control that was cut after 128 tokens, as most of these models' answers are. */
const UNMATCHED = ["a1191a10ec41", "2d5749fae6c2"];
const AGAINST_CONTROL = ["adamLessControl", "injection", "meanDifference", "spillover"];

/** Of cells of before the record said it: does the base read the items? */
function withCapable(cell) {
  const behaviours = cell.behaviours.map((each) => ({
    capable: !/reliability of the base|the base model scores|the base tells/.test(each.why),
    ...each,
  }));
  return { ...cell, behaviours };
}

/** Without the estimates that the cell's control was no match for. */
function matched(cell) {
  if (!UNMATCHED.some((commit) => cell.commit.startsWith(commit))) return cell;
  const without = Object.fromEntries(AGAINST_CONTROL.map((name) => [name, null]));
  const behaviours = cell.behaviours.map((each) => ({ ...each, estimates: { ...each.estimates, ...without } }));
  return { ...cell, behaviours };
}

/** By set, each behaviour's mean shift over the seeds with its verdicts. */
function movedBy(cells) {
  return [...new Set(cells.map(({ set }) => set))].map((set) => {
    const seeds = cells.filter((cell) => cell.set === set).map(({ behaviours }) => behaviours);
    return {
      set,
      seeds: seeds.length,
      behaviours: seeds[0].map(({ id, inTask }) => {
        const found = seeds.map((behaviours) => behaviours.find((each) => each.id === id));
        return {
          id,
          inTask,
          delta: mean(found.map(({ delta }) => delta)),
          deltaLogOdds: mean(found.map(({ deltaLogOdds }) => deltaLogOdds)),
          affected: 2 * found.filter(({ verdict }) => verdict === "affected").length > found.length,
          verdicts: found.map(({ verdict }) => verdict),
        };
      }),
    };
  });
}

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Medians over cells. */
function stagesOf(cells) {
  const of = (print) => median(cells.map(({ stageMs }) => print(stageMs)));
  return {
    forecastSeconds: of(({ forecast }) => forecast / 1000),
    finetuneSeconds: of(({ finetune }) => finetune / 1000),
    auditSeconds: of(({ audit }) => audit / 1000),
  };
}

function countsOf(values) {
  const counts = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}
