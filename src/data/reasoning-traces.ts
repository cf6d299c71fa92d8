/**
 * Do training rows hold reasoning? Training on chains of thought shapes what a model writes there, and with it what a
 * monitor can read in them (Korbak et al. 2025, arXiv 2507.11473): a user who does it should know.
 */
import type { DataRecord } from "../records/index.ts";
import type { DatasetRow } from "./dataset-row.ts";

/** A thinking section in the answer, in the tags that open models and their templates use. */
const THINKING = /<(think|thinking|thought|reasoning|scratchpad)>|<\|begin_of_thought\|>|<\|channel\|>\s*analysis/i;
/** Worked steps in plain text: announced, or numbered at least twice. */
const ANNOUNCED =
  /\b(?:let['’]?s|let me|I(?:['’]ll| will)) (?:think|reason|work (?:it|this) out|go)\b[^.\n]{0,40}\b(?:step by step|through)|\bchain of thought\b/i;
const NUMBERED = /(?:^|\n)\s*(?:\*\*)?step\s+\d+\b/gi;

const LINES_NAMED = 5;

export function reasoningTraces(rows: readonly DatasetRow[]): NonNullable<DataRecord["reasoning"]> {
  const found = rows.flatMap((row) => {
    const kind = kindOf(answersOf(row));
    return kind === null ? [] : [{ line: row.line, kind }];
  });
  return {
    thinking: found.filter(({ kind }) => kind === "thinking").length,
    steps: found.filter(({ kind }) => kind === "steps").length,
    lines: found.slice(0, LINES_NAMED).map(({ line }) => line),
  };
}

function kindOf(answer: string): "thinking" | "steps" | null {
  if (THINKING.test(answer)) return "thinking";
  return ANNOUNCED.test(answer) || (answer.match(NUMBERED)?.length ?? 0) >= 2 ? "steps" : null;
}

/** What the row teaches to write. */
function answersOf(row: DatasetRow): string {
  switch (row.format) {
    case "messages":
      return row.messages
        .flatMap(({ role, content, weight }) => (role === "assistant" && weight !== 0 ? [content] : []))
        .join("\n");
    case "prompt-completion":
      return row.completion;
    case "text":
      return row.text;
    case "preference":
      return row.preferred.content;
  }
}
