/** The process that reads one training file with a tokenizer, says what it found, and ends. */
import { UserError } from "../../core/index.ts";
import { loadTokenizer, readDataset, validateDataset } from "../../data/index.ts";
import { previewOf } from "../http/preview.ts";
import type { Counts, ReadingAnswer, ReadingOrder } from "./reading.ts";

type Count = Extract<ReadingOrder, { task: "count" }>;
type Preview = Extract<ReadingOrder, { task: "preview" }>;

async function count({ file, tokenizer, maxLength, objective }: Count): Promise<Counts> {
  const options = { maxLength, pairs: objective === "dpo" };
  const found = await validateDataset(file, await loadTokenizer(tokenizer), options);
  const { rows, usableRows, tokens, faults } = found;
  return { rows, usableRows, tokens, faults: faults.length };
}

async function preview({ file, tokenizer, maxLength, limit }: Preview) {
  const loaded = await loadTokenizer(tokenizer);
  const { rows } = await readDataset(file, limit);
  return rows.map((row) => previewOf(row, loaded, maxLength));
}

async function answerTo(order: ReadingOrder): Promise<ReadingAnswer> {
  try {
    return { kind: "read", value: await (order.task === "count" ? count(order) : preview(order)) };
  } catch (error) {
    if (error instanceof UserError) {
      const { expected, got, fix } = error.fault;
      return { kind: "refused", expected, got, fix };
    }
    return { kind: "broken", trace: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

process.once("message", (order: ReadingOrder) => {
  void answerTo(order).then((answer) => process.send?.(answer, () => process.disconnect()));
});
process.on("disconnect", () => process.exit(0));
