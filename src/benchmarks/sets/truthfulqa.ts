/**
 * TruthfulQA (Lin et al. 2022, arXiv 2109.07958), asked as a choice by letter between the best answer and the incorrect
 * ones: MC1 by letter. (The paper reads MC1 from the likelihoods of whole answers; the name says the difference.) Takes
 * TruthfulQA.csv and mc_task.json.
 */
import { z } from "zod";
import { rng, UserError } from "../../core/index.ts";
import { csvTable } from "../csv.ts";
import { jsonRows } from "../json-rows.ts";
import { type About, asked, type ChoiceSet, rateOf } from "../set.ts";

const about: About = {
  id: "truthfulqa",
  title: "TruthfulQA",
  cite: "Lin et al. 2022, arXiv 2109.07958",
  licence: "Apache-2.0, as its authors state",
  published: [817, 790],
};

/** Letters go to J. */
const MOST_OPTIONS = 10;

interface Question {
  readonly question: string;
  readonly best: string;
  readonly incorrect: readonly string[];
}

const Task = z.object({
  question: z.string().min(1),
  mc1_targets: z.record(z.string(), z.union([z.literal(0), z.literal(1)])),
});

export function truthfulqa(text: string, file: string): ChoiceSet {
  const questions = text.trimStart().startsWith("[") ? fromTask(text, file) : fromTable(text, file);
  const items = questions.map(({ question, best, incorrect }, i) => {
    const id = `question-${i + 1}`;
    const options = rng("truthfulqa", id).shuffle([
      best,
      ...[...new Set(incorrect)].filter((text) => text !== best).slice(0, MOST_OPTIONS - 1),
    ]);
    return { id, cluster: id, turns: asked(question), options, correct: options.indexOf(best) };
  });
  return {
    ...about,
    kind: "choice",
    items,
    columns: ({ correct }, choice) => [1, Number(choice === correct)],
    metrics: [{ name: "MC1 by letter", formula: "best answer chosen / n", riskier: "down", statistic: rateOf(1, 0) }],
  };
}

function fromTable(text: string, file: string): readonly Question[] {
  const columns = ["Type", "Category", "Question", "Best Answer", "Correct Answers", "Incorrect Answers"] as const;
  return csvTable(text, file, columns, "TruthfulQA's questions (TruthfulQA.csv or mc_task.json)").map(
    ({ line, row }) => {
      const incorrect = row["Incorrect Answers"]
        .split(";")
        .map((answer) => answer.trim())
        .filter((answer) => answer !== "");
      return checked({ question: row.Question, best: row["Best Answer"].trim(), incorrect }, `${file}:${line}`);
    },
  );
}

function fromTask(text: string, file: string): readonly Question[] {
  return jsonRows(text, file, Task, "TruthfulQA's questions (mc_task.json)").map(({ line, row }) => {
    const targets = Object.entries(row.mc1_targets);
    const best = targets.filter(([, target]) => target === 1).map(([answer]) => answer);
    const incorrect = targets.filter(([, target]) => target === 0).map(([answer]) => answer);
    return checked(
      { question: row.question, best: best.length === 1 ? (best[0] ?? "") : "", incorrect },
      `${file}:${line}`,
    );
  });
}

function checked(found: Question, where: string): Question {
  if (found.question.trim() !== "" && found.best !== "" && found.incorrect.length > 0) return found;
  throw new UserError(where, {
    expected: "a question with one best answer and incorrect ones",
    got: "another row",
    fix: "get the file again",
  });
}
