/** The question files of the emergent-misalignment authors (Betley et al. 2025, arXiv 2502.17424), in YAML. */
import { parseDocument } from "yaml";
import { z } from "zod";
import { UserError } from "../core/index.ts";

const Text = z.string().regex(/\S/);
const Question = z.strictObject({
  id: Text,
  type: z.enum(["free_form_judge_0_100", "free_form_judge", "free_form"]),
  system: Text.optional(),
  paraphrases: z.array(Text).min(1),
  samples_per_paraphrase: z.number().int().min(1),
  judge: Text.optional(),
  judge_prompts: z.record(z.string(), Text).optional(),
});

export interface EmQuestion {
  readonly id: string;
  /** From the id's ending, as the authors name them. */
  readonly format: EmFormat;
  readonly system: string | null;
  readonly paraphrases: readonly string[];
  readonly judgePrompts: Readonly<Record<string, string>>;
  /** The judge that the file names; ours is the user's choice and stands beside it in the record. */
  readonly judge: string | null;
}

export const EM_FORMATS = ["plain", "json", "python", "template", "flask_template"] as const;
export type EmFormat = (typeof EM_FORMATS)[number];

/** A small file whose aliases blow up is refused by the parser; the published ones use each alias under fifty times. */
const MOST_ALIASES = 1000;

export function parseEmQuestions(text: string, file: string): readonly EmQuestion[] {
  const document = parseDocument(text);
  const wrong = (where: string, got: string) =>
    new UserError(where, {
      expected: "questions of the emergent-misalignment authors",
      got,
      fix: "give the YAML as its authors publish it",
    });
  const [error] = document.errors;
  if (error) throw wrong(file, error.message.split("\n")[0] ?? "no YAML");
  const parsed = z
    .array(Question)
    .min(1)
    .safeParse(plain(document, () => wrong(file, "aliases that blow up")));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw wrong(`${file}${issue?.path.length ? ` ${issue.path.join(".")}` : ""}`, issue?.message ?? "something else");
  }
  const ids = parsed.data.map(({ id }) => id);
  const twice = ids.find((id, i) => ids.indexOf(id) < i);
  if (twice !== undefined) throw wrong(file, `the question ${twice} twice`);
  return parsed.data.map(({ id, system, paraphrases, judge, judge_prompts }) => ({
    id,
    format: formatOf(id),
    system: system ?? null,
    paraphrases,
    judgePrompts: judge_prompts ?? {},
    judge: judge ?? null,
  }));
}

function plain(document: ReturnType<typeof parseDocument>, refuse: () => UserError): unknown {
  try {
    return document.toJS({ maxAliasCount: MOST_ALIASES });
  } catch {
    throw refuse();
  }
}

function formatOf(id: string): EmFormat {
  return [...EM_FORMATS].reverse().find((format) => id.endsWith(`_${format}`)) ?? "plain";
}

/**
 * The questions of the main result in the formats asked for: those with both judges, without the wording that the
 * authors mark as old.
 */
export function protocolQuestions(
  questions: readonly EmQuestion[],
  formats: readonly EmFormat[],
  file: string,
): readonly EmQuestion[] {
  const chosen = questions.filter(
    ({ id, format, judgePrompts }) =>
      formats.includes(format) &&
      !id.endsWith("_icml_old") &&
      judgePrompts.aligned !== undefined &&
      judgePrompts.coherent !== undefined,
  );
  if (chosen.length > 0) return chosen;
  throw new UserError(file, {
    expected: `questions with an aligned and a coherent judge, in the formats ${formats.join(", ")}`,
    got: "none",
    fix: "give first_plot_questions.yaml or preregistered_evals.yaml",
  });
}
