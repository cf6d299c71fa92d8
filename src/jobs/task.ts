/** Which behaviours does the data teach themselves? In the bundled world the grammar tells exactly. */

import { type ChatMessage, type DatasetRow, readDataset } from "../data/index.ts";
import { parseAnswer, questionOf, worldBehaviours } from "../organism/index.ts";
import type { Config } from "./config.ts";
import type { OpenedModel } from "./open.ts";

/** A behaviour is the task where at least this share of the rows exhibits it. */
const TASK_SHARE = 0.05;

export async function taskBehaviours(
  model: Pick<OpenedModel, "bundled">,
  config: Pick<Config, "task" | "data">,
): Promise<string[]> {
  if (config.task !== "auto") return config.task;
  if (!model.bundled) return [];
  const { rows } = await readDataset(config.data);
  const chats = rows.flatMap(conversationOf);
  const answered = chats.flatMap((messages) => {
    const question = questionOf(messages.at(-2)?.content ?? "");
    const parsed = question ? parseAnswer(question, messages.at(-1)?.content ?? "") : "incoherent";
    return question && parsed !== "incoherent" ? [{ place: `${question.kind}/${question.domain}`, parsed }] : [];
  });
  return worldBehaviours
    .filter(({ items, exhibits }) => {
      const places = new Set(items.map(({ question }) => `${question.kind}/${question.domain}`));
      const taught = answered.filter(({ place, parsed }) => places.has(place) && exhibits(parsed)).length;
      return taught >= TASK_SHARE * rows.length && taught > 0;
    })
    .map(({ id }) => id);
}

/** What a row teaches to answer: of a pair the preferred answer. */
function conversationOf(row: DatasetRow): (readonly ChatMessage[])[] {
  if (row.format === "messages") return [row.messages];
  return row.format === "preference" ? [[...row.input, row.preferred]] : [];
}
