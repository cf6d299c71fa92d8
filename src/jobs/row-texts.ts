/** Training rows as a person reads them: the last prompt and the answer to it. */

import type { RowText } from "../audit/index.ts";
import { type DatasetRow, readDataset } from "../data/index.ts";

export async function rowTexts(file: string): Promise<RowText[]> {
  const { rows } = await readDataset(file);
  return rows.map((row) => ({ line: row.line, ...textOf(row) }));
}

function textOf(row: DatasetRow): Pick<RowText, "prompt" | "response"> {
  switch (row.format) {
    case "messages":
      return lastExchange(row.messages);
    case "preference":
      return lastExchange([...row.input, row.preferred]);
    case "prompt-completion":
      return { prompt: row.prompt, response: row.completion };
    case "text":
      return { prompt: "", response: row.text };
  }
}

function lastExchange(messages: readonly { readonly role: string; readonly content: string | null }[]) {
  const at = messages.findLastIndex(({ role }) => role === "assistant");
  const asked = messages.slice(0, Math.max(0, at)).findLast(({ role }) => role === "user");
  return { prompt: asked?.content ?? "", response: messages[at]?.content ?? "" };
}
