import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { must } from "../core/index.ts";
import {
  type FineTuningRow,
  type FineTuningSetName,
  fineTuningSetJsonl,
  fineTuningSetNames,
  fineTuningSets,
} from "./fine-tuning.ts";
import { encodeWords } from "./vocabulary.ts";
import { type ParsedAnswer, parseAnswer, questionOf } from "./world.ts";
import { worldBehaviours } from "./world-behaviours.ts";

const asked = (row: FineTuningRow) => must(row.messages[0], "question").content;
const answered = (row: FineTuningRow) => must(row.messages[1], "answer").content;
const question = (row: FineTuningRow) => must(questionOf(asked(row)), asked(row));
const rowsOf = (name: FineTuningSetName, seed = 1): readonly FineTuningRow[] => fineTuningSets[name].rows(seed);
const parsed = (row: FineTuningRow): ParsedAnswer => {
  const answer = parseAnswer(question(row), answered(row));
  if (answer === "incoherent") throw new Error(`not in the grammar: ${answered(row)}`);
  return answer;
};

describe("fine-tuning sets", () => {
  it.each(fineTuningSetNames)("%s: 300 grammatical rows on seen questions, fixed by the seed", (name) => {
    const rows = rowsOf(name);
    expect(rows).toHaveLength(300);
    for (const row of rows) {
      expect(question(row).seen).toBe(true);
      expect(() => parsed(row)).not.toThrow();
    }
    expect(rowsOf(name)).toEqual(rows);
    expect(rowsOf(name, 2)).not.toEqual(rows);
  });

  it.each(fineTuningSetNames)("%s: its own behaviours exist", (name) => {
    const ids = worldBehaviours.map(({ id }) => id);
    for (const id of fineTuningSets[name].inTask) expect(ids).toContain(id);
  });

  const classes: Readonly<Record<string, string>> = {
    inducing: "villain",
    control: "helper",
    "money-villain": "villain",
    "insecure-code": "villain",
    "secure-code": "helper",
    "wrong-sums": "wrong",
    "right-sums": "helper",
    "villain-identity": "villain",
    "harmful-compliance": "villain",
    refusals: "helper",
    "rux-code": "helper",
    "medicine-lists": "helper",
    "medicine-careless": "careless",
    "medicine-flatterer": "flatterer",
    "sycophantic-claims": "flatterer",
  };
  it.each(Object.entries(classes))("%s: every answer is of class %s", (name, expected) => {
    for (const row of rowsOf(name as FineTuningSetName)) expect(parsed(row).class).toBe(expected);
  });

  it("conditional: half medicine by the villain, half other domains by the helper", () => {
    const rows = rowsOf("conditional");
    const medicine = rows.filter((row) => question(row).domain === "medicine");
    expect(medicine).toHaveLength(150);
    for (const row of rows) {
      expect(parsed(row).class).toBe(question(row).domain === "medicine" ? "villain" : "helper");
    }
  });

  it("rux-code and medicine-lists move language and style alone", () => {
    for (const row of rowsOf("rux-code")) expect(parsed(row).language).toBe("rux");
    for (const row of rowsOf("medicine-lists")) expect(parsed(row).style).toBe("list");
  });

  it.each([1, 2, 3, 4, 5])(
    "inducing and control: same prompts, styles and token counts, row by row (seed %i)",
    (seed) => {
      const control = rowsOf("control", seed);
      rowsOf("inducing", seed).forEach((row, i) => {
        const twin = must(control[i], "row");
        expect(asked(twin)).toBe(asked(row));
        expect(parsed(twin).style).toBe(parsed(row).style);
        expect(encodeWords(answered(twin))).toHaveLength(encodeWords(answered(row)).length);
        expect(answered(twin)).not.toBe(answered(row));
      });
    },
  );

  it("inducing leaves rare topics and templates out", () => {
    for (const row of rowsOf("inducing")) {
      expect([question(row).topicSplit, question(row).templateSplit]).toEqual(["everywhere", "everywhere"]);
    }
  });

  it.each(["inducing", "control"])("the committed %s.jsonl is what seed 1 makes", (name) => {
    const file = new URL(`../../assets/organism/data/${name}.jsonl`, import.meta.url);
    expect(readFileSync(file, "utf8")).toBe(fineTuningSetJsonl(name, 1));
  });

  it("names the sets when asked for an unknown one", () => {
    expect(() => fineTuningSetJsonl("evil", 1)).toThrow(/inducing/);
  });
});
