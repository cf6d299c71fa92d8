/** The reasoning audit, from settings to files. */
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { z } from "zod";
import { UserError } from "../core/index.ts";
import { auditReasoning, type ChoiceItem, choiceItems, type ReasoningRequest } from "../reasoning/index.ts";
import type { CotRecord } from "../records/index.ts";
import { renderCotMarkdown } from "../report/index.ts";
import { atomicWriteFile, writeJsonl } from "../store/index.ts";
import { inRunFolder } from "./black-box.ts";
import type { RunOptions } from "./part.ts";
import { publish } from "./publish.ts";

export interface CotOptions {
  /** A file of questions; null: our own. */
  readonly questions: string | null;
  /** Questions at most. */
  readonly items: number;
  /** Gets cot.json, cot.md and the evidence; null: nothing is written. */
  readonly folder: string | null;
}

export async function cot(
  request: Omit<ReasoningRequest, "items" | "what">,
  { questions, items, folder }: CotOptions,
  options: RunOptions = {},
): Promise<CotRecord> {
  const chosen = await questionsOf(questions, items, request.seed);
  const work = async () => {
    const { record, evidence, judgements } = await auditReasoning({ ...request, ...chosen, ...options });
    if (folder === null) return record;
    await writeJsonl(join(folder, "evidence", "reasoning.jsonl"), evidence);
    await writeJsonl(join(folder, "evidence", "judgements.jsonl"), judgements);
    await atomicWriteFile(join(folder, "cot.json"), `${JSON.stringify(record, null, 2)}\n`);
    await atomicWriteFile(join(folder, "cot.md"), renderCotMarkdown(record));
    if (await exists(join(folder, "audit.json"))) await publish(folder, options);
    return record;
  };
  return folder === null ? work() : inRunFolder(folder, work);
}

async function exists(path: string): Promise<boolean> {
  return readFile(path).then(
    () => true,
    () => false,
  );
}

const Question = z.strictObject({
  id: z.string().min(1).optional(),
  cluster: z.string().min(1).optional(),
  question: z.string().regex(/\S/),
  options: z.array(z.string().regex(/\S/)).min(2).max(10),
  /** Index, letter or text of the right option. */
  answer: z.union([z.number().int(), z.string()]),
});

async function questionsOf(
  file: string | null,
  most: number,
  seed: number,
): Promise<{ items: readonly ChoiceItem[]; what: string }> {
  if (file === null) return { items: choiceItems(most, seed), what: "Penumbra's own questions" };
  const text = await readFile(file, "utf8").catch(() => {
    throw new UserError(file, {
      expected: "a file of questions",
      got: "no such file",
      fix: "see docs/reasoning.md for its form",
    });
  });
  return { items: parseQuestions(text, file).slice(0, most), what: basename(file) };
}

/** JSON lines of `{question, options, answer}`; the right answer as index, letter or text. */
export function parseQuestions(text: string, file: string): readonly ChoiceItem[] {
  const lines = text.split("\n").flatMap((line, i) => (line.trim() === "" ? [] : [{ line, number: i + 1 }]));
  const items = lines.map(({ line, number }) => questionOf(line, `${file}:${number}`, number));
  if (items.length === 0)
    throw new UserError(file, {
      expected: "questions, one JSON object a line",
      got: "none",
      fix: "see docs/reasoning.md",
    });
  const twice = items.find(({ id }, i) => items.findIndex((other) => other.id === id) < i);
  if (twice) throw new UserError(file, { expected: "an id once", got: `${twice.id} twice`, fix: "rename one of them" });
  return items;
}

function questionOf(line: string, where: string, number: number): ChoiceItem {
  const wrong = (got: string) =>
    new UserError(where, { expected: '{"question", "options", "answer"}', got, fix: "correct that line" });
  const parsed = Question.safeParse(parsedJson(line));
  if (!parsed.success)
    throw wrong(`${parsed.error.issues[0]?.path.join(".") || "line"}: ${parsed.error.issues[0]?.message ?? "no JSON"}`);
  const { id = `question-${number}`, cluster = id, question, options, answer } = parsed.data;
  const correct = typeof answer === "number" ? answer : rightOption(answer, options);
  if (correct < 0 || correct >= options.length)
    throw wrong(`answer ${JSON.stringify(answer)}, which is none of its options`);
  if (new Set(options).size < options.length) throw wrong("two options that are the same");
  return { id, cluster, question, options, correct };
}

function rightOption(answer: string, options: readonly string[]): number {
  const exact = options.indexOf(answer);
  return exact >= 0 || !/^[A-J]$/.test(answer) ? exact : answer.charCodeAt(0) - 65;
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
