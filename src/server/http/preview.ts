/** Rows as the trainer reads them: tokens, and which of them carry loss. */
import { type DatasetRow, encodeRow, rejectedConversation, type Tokenizer } from "../../data/index.ts";

/** Of a pair `rejected` holds the answer that is not preferred; null elsewhere. */
export function previewOf(row: DatasetRow, tokenizer: Tokenizer, maxLength: number) {
  const rejected = row.format === "preference" ? tokensOf(rejectedConversation(row), tokenizer, maxLength) : null;
  return { line: row.line, ...tokensOf(row, tokenizer, maxLength), rejected };
}

function tokensOf(row: DatasetRow, tokenizer: Tokenizer, maxLength: number) {
  const { ids, weights, truncated } = encodeRow(row, tokenizer, { maxLength });
  const tokens = [...ids].map((id) => tokenizer.tokenText(id));
  return { ids: [...ids], tokens, loss_spans: spansOf(weights), truncated };
}

/** `[from, to)` of the runs of tokens whose weight is not 0. */
function spansOf(weights: Float32Array): [number, number][] {
  const spans: [number, number][] = [];
  for (const [i, weight] of weights.entries()) {
    if (weight === 0) continue;
    const last = spans.at(-1);
    if (last?.[1] === i) last[1] = i + 1;
    else spans.push([i, i + 1]);
  }
  return spans;
}
