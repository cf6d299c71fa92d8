/** The questions of a reasoning audit: our own, the user's, or those of a published set that the user has. */
import { z } from "zod";
import { checkRows, importers, nameOf, readSource } from "../benchmarks/index.ts";
import { parsedJson, pick, rng, UserError } from "../core/index.ts";
import { type ChoiceItem, choiceItems, type ReasoningRequest } from "../reasoning/index.ts";

export interface QuestionSource {
  /** Null: our own. */
  readonly file: string | null;
  /** Whose layout the file has, by the name of its importer; null: JSON lines as docs/reasoning.md says. */
  readonly layout: string | null;
  /** Questions at most; more are drawn from by the seed. */
  readonly most: number;
}

export async function questionsOf(
  { file, layout, most }: QuestionSource,
  seed: number,
): Promise<Pick<ReasoningRequest, "items" | "what" | "file">> {
  if (file === null) {
    if (layout === null) return { items: choiceItems(most, seed), what: "Penumbra's own questions", file: null };
    throw new UserError("--layout", { expected: "a file", got: "none", fix: "name it with --questions" });
  }
  const { text, sha256 } = await readSource(file, "a file of questions");
  const items = layout === null ? parseQuestions(text, file) : publishedQuestions(text, file, layout);
  const name = nameOf(file);
  return { items: drawn(items, most, seed), what: name, file: { name, sha256 } };
}

function publishedQuestions(text: string, file: string, layout: string): readonly ChoiceItem[] {
  const choices = Object.fromEntries(CHOICES.map((name) => [name, importers[name]]));
  const { questions, rows, about } = pick(choices, layout, "layout")(text, file);
  checkRows(file, rows, about.published, true);
  return questions ?? [];
}

/** Published sets that are multiple choice. */
const CHOICES = ["truthfulqa", "bbq"] as const;

function drawn(items: readonly ChoiceItem[], most: number, seed: number): readonly ChoiceItem[] {
  const chosen = new Set(
    rng(seed, "questions")
      .shuffle([...items.keys()])
      .slice(0, most),
  );
  return items.filter((_, i) => chosen.has(i));
}

const Question = z.strictObject({
  id: z.string().min(1).optional(),
  cluster: z.string().min(1).optional(),
  question: z.string().regex(/\S/),
  options: z.array(z.string().regex(/\S/)).min(2).max(10),
  /** Index, letter or text of the right option. */
  answer: z.union([z.number().int(), z.string()]),
});

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
