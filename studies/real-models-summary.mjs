/** docs/results/real-models.{json,md}: what the cells of `studies/real-models.mjs` say, as far as they are there. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { analyseModel, findingsOf } from "../dist/audit/index.js";
import { median, root } from "../scripts/measuring.mjs";
import { realModelsPage } from "./real-models-page.mjs";

const MODEL_NAMES = { smollm2: "SmolLM2-135M-Instruct", gemma3: "Gemma 3 270M" };

export function summariseRealModels({ cells, planned, rows, train }) {
  const models = Object.keys(MODEL_NAMES).flatMap((model) => {
    const own = cells.filter((cell) => cell.model === model).map((cell) => ({ ...cell, dataSet: cell.set }));
    if (own.length === 0) return [];
    const study = analyseModel(model, own);
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
        sets: movedBy(study, own),
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
    models,
  };
  writeFileSync(join(root, "docs/results/real-models.json"), `${JSON.stringify(result, null, 2)}\n`);
  writeFileSync(join(root, "docs/results/real-models.md"), realModelsPage(result));
}

/** By set, each behaviour's mean shift over the seeds with its verdicts. */
function movedBy({ dataSets, points }, cells) {
  return dataSets.map((set) => ({
    set,
    seeds: cells.filter((cell) => cell.set === set).length,
    behaviours: points
      .filter(({ dataSet }) => dataSet === set)
      .map(({ behaviour, inTask, delta, measured, affected }) => ({
        id: behaviour,
        inTask,
        delta,
        deltaLogOdds: measured,
        affected,
        verdicts: cells
          .filter((cell) => cell.set === set)
          .map(({ behaviours }) => behaviours.find(({ id }) => id === behaviour).verdict),
      })),
  }));
}

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
