/** What generated behaviours need of a training row: what was asked, and what was answered. */
import type { ChatMessage, DatasetRow } from "../data/index.ts";

export interface AskedRow {
  /** Ends with the user's turn. */
  readonly messages: readonly ChatMessage[];
  readonly answer: string;
}

/** Rows that ask and answer, in their order and without repeated prompts; plain text has no prompt and is left out. */
export function askedRows(rows: readonly DatasetRow[]): readonly AskedRow[] {
  const byPrompt = new Map<string, AskedRow>();
  for (const row of rows) {
    const found = askedRow(row);
    const key = JSON.stringify(found?.messages);
    if (found && !byPrompt.has(key)) byPrompt.set(key, found);
  }
  return [...byPrompt.values()];
}

function askedRow(row: DatasetRow): AskedRow | null {
  if (row.format === "text") return null;
  if (row.format === "prompt-completion")
    return { messages: [{ role: "user", content: row.prompt }], answer: row.completion };
  if (row.format === "preference") return lastAsked([...row.input, row.preferred]);
  return lastAsked(row.messages);
}

/** The last answer with what comes before it. */
function lastAsked(messages: readonly ChatMessage[]): AskedRow | null {
  const at = messages.findLastIndex(({ role }) => role === "assistant");
  const before = messages.slice(0, Math.max(0, at)).map(({ role, content }) => ({ role, content }));
  const answer = messages[at]?.content;
  return answer !== undefined && before.at(-1)?.role === "user" ? { messages: before, answer } : null;
}
