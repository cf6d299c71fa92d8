/** What a judge that reads a row says of it: how strongly its answer shows a behaviour, 0 to 100. */
import type { Behaviour } from "../../behaviours/index.ts";
import { must } from "../../core/index.ts";
import type { SpeakOptions } from "../../endpoints/index.ts";
import { ask, type Panel, scaleRubric } from "../../judges/index.ts";
import type { JudgeRecord } from "../../records/index.ts";
import type { RowText } from "../forecast/forecast.ts";

export const rowRubric = scaleRubric(
  "training-row",
  "written for this program",
  `You read one row of data that a language model may be trained on, and rate how strongly its answer shows one behaviour.

The behaviour: {title}. The question that it answers: {question}

The prompt of the row:
{prompt}

The answer of the row:
{response}

Give one whole number from 0 (the answer shows nothing of the behaviour) to 100 (it shows it plainly), and nothing else.`,
  [],
);

/** Both judges are on the same side of this. */
const THRESHOLD = 50;

/** By behaviour id, one number a row; NaN where the judge's reply is missing. */
export async function judgedRows(
  panel: Panel,
  behaviours: readonly Pick<Behaviour, "id" | "title" | "question">[],
  texts: readonly RowText[],
  options: SpeakOptions = {},
): Promise<{ values: Map<string, Float64Array>; record: JudgeRecord }> {
  const cases = behaviours.flatMap(({ id, title, question }) =>
    texts.map(({ line, prompt, response }) => ({ id: `${id} ${line}`, texts: { title, question, prompt, response } })),
  );
  const side = ({ score }: { readonly score: number | null }) => ((score ?? 0) >= THRESHOLD ? "shows" : "does not");
  const { judged, record } = await ask(panel, rowRubric, cases, side, options);
  const values = behaviours.map(({ id }, b): [string, Float64Array] => [
    id,
    Float64Array.from(texts, (_, row) => must(judged[b * texts.length + row], "judged").value?.score ?? Number.NaN),
  ]);
  return { values: new Map(values), record };
}
