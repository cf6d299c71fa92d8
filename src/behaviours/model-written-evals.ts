/**
 * Importer of model-written evaluations (Perez et al. 2022, arXiv 2212.09251; anthropics/evals, CC BY 4.0): JSON lines
 * `{question, answer_matching_behavior, answer_not_matching_behavior}`, persona files with `statement` and
 * `label_confidence`. One file is one behaviour. The users' own copy is read; nothing of it is kept here.
 *
 * 1. A question with two lettered options becomes a forced choice by the options' own words, asked in both orders: a
 *    small model reads no letters (see `forcedChoice`). A question to be answered Yes or No stays as it is, and so does
 *    one whose options stand in no such list or begin alike: it keeps its letters.
 * 2. Every fifth row, up to 40, becomes a contrast pair: directions and planted shifts never see an item.
 * 3. Rows that ask the same again are left out.
 *
 * Each row is a cluster of its own: the files do not say which rows were written together.
 */
import { basename } from "node:path";
import { z } from "zod";
import { UserError } from "../core/index.ts";
import type { Behaviour, BehaviourItem, ContrastPair, ItemVariant } from "./behaviour.ts";
import { asked, choosing, forcedChoice, paired } from "./build.ts";

const Answer = z.string().regex(/^\s*(\([AB]\)|Yes|No)\s*$/, "(A), (B), Yes or No");
const Row = z.strictObject({
  question: z.string().regex(/\S/, "a question"),
  statement: z.string().optional(),
  label_confidence: z.number().optional(),
  answer_matching_behavior: Answer,
  answer_not_matching_behavior: Answer,
});

/** What is asked, and the two answers: `matching` is the behaviour's. */
interface Question {
  readonly scenario: string;
  readonly matching: string;
  readonly other: string;
  /** Are the answers options of a choice, or Yes and No? */
  readonly choice: boolean;
}

/** The files whose behaviour is the wanted one: less of it is worse. The files themselves say nothing of that. */
const WANTED = ["agreeableness", "conscientiousness", "corrigible-neutral-hhh", "interest-in-science"];

const EVERY = 5;
const MOST_PAIRS = 40;
const FEWEST_ROWS = 20;

/** Parses the text of `file`, whose name names the behaviour. Throws a `UserError` with the line of the first fault. */
export function parseModelWrittenEvals(text: string, file: string, takenIds: readonly string[] = []): Behaviour {
  const name = basename(file).replace(/\.jsonl$/, "");
  const id = kebab(name);
  if (id === "" || takenIds.includes(id))
    throw new UserError(file, { expected: "a name of its own", got: id || name, fix: "rename the file" });
  const questions = distinct(questionsOf(text, file));
  if (questions.length < FEWEST_ROWS)
    throw new UserError(file, {
      expected: `${FEWEST_ROWS} different questions or more`,
      got: String(questions.length),
      fix: "give the whole file",
    });
  const isPair = (index: number) => index % EVERY === 0 && index / EVERY < MOST_PAIRS;
  return {
    id,
    title: `${name.replaceAll("-", " ")} (model-written)`,
    question: `Does it give the answers that the file ${name} counts as the behaviour?`,
    riskier: WANTED.includes(id) ? "down" : "up",
    weight: "sum",
    items: questions.flatMap((question, index) => (isPair(index) ? [] : [itemOf(question, index)])),
    pairs: questions.filter((_, index) => isPair(index)).map(pairOf),
    openPrompts: [],
  };
}

function questionsOf(text: string, file: string): readonly Question[] {
  return text.split("\n").flatMap((line, index) => {
    if (line.trim() === "") return [];
    const at = `${file} line ${index + 1}`;
    const parsed = Row.safeParse(json(line, at));
    if (parsed.success) return [questionOf(parsed.data, at)];
    const issue = parsed.error.issues[0];
    const got = `${issue?.path.join(".") ?? ""} ${issue?.message ?? "something else"}`.trim();
    throw new UserError(at, { expected: "a row of a model-written evaluation", got, fix: "correct that line" });
  });
}

function json(line: string, at: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new UserError(at, { expected: "JSON", got: "something else", fix: "correct that line" });
  }
}

/** The two options, each until the next or the end; whatever stands before them is the scenario. */
const OPTIONS =
  /^([\s\S]*?)(?:\n\s*(?:Choices|Options|Choose one)?:?\s*)?\n\s*\(A\)\s*([\s\S]*?)\s*\n\s*\(B\)\s*([\s\S]*)$/;

function questionOf(row: z.infer<typeof Row>, at: string): Question {
  const [matching, other] = [row.answer_matching_behavior.trim(), row.answer_not_matching_behavior.trim()];
  const lettered = matching.startsWith("(");
  if (matching === other || lettered !== other.startsWith("("))
    throw new UserError(at, {
      expected: "two different answers of one kind",
      got: `${matching}, ${other}`,
      fix: "correct that line",
    });
  if (!lettered) return { scenario: row.question.trim(), matching, other, choice: false };
  const [, scenario = "", a = "", b = ""] = OPTIONS.exec(row.question) ?? [];
  const [first, second] = [a.trim(), b.trim()];
  if (scenario.trim() === "" || first === "" || second === "" || overlap(first, second))
    return { scenario: row.question.trim(), matching, other, choice: false };
  const of = (letter: string) => (letter === "(A)" ? first : second);
  return { scenario: scenario.trim(), matching: of(matching), other: of(other), choice: true };
}

/** Of probabilities that are compared neither answer may begin the other. */
function overlap(a: string, b: string): boolean {
  return a.startsWith(b) || b.startsWith(a);
}

function itemOf(question: Question, index: number): BehaviourItem {
  const id = `row-${index + 1}`;
  return { id, cluster: id, variants: variantsOf(question) };
}

function variantsOf({ scenario, matching, other, choice }: Question): readonly ItemVariant[] {
  return choice ? forcedChoice(scenario, matching, other) : paired(asked(scenario), matching, other);
}

function pairOf({ scenario, matching, other, choice }: Question, index: number): ContrastPair {
  const options = index % 4 < 2 ? [matching, other] : [other, matching];
  const messages = choice ? choosing(scenario, options) : asked(scenario);
  return { messages, exhibiting: matching, other, half: index % 2 === 0 ? "select" : "check" };
}

function distinct(questions: readonly Question[]): readonly Question[] {
  return [...new Map(questions.toReversed().map((question) => [question.scenario, question])).values()].toReversed();
}

function kebab(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
}
