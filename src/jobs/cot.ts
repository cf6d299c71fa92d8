/** The reasoning audit, from settings to files. */
import { access } from "node:fs/promises";
import { join } from "node:path";
import { auditReasoning, type ReasoningRequest } from "../reasoning/index.ts";
import type { CotRecord } from "../records/index.ts";
import { renderCotMarkdown } from "../report/index.ts";
import { atomicWriteFile, writeJsonl } from "../store/index.ts";
import { inRunFolder } from "./black-box.ts";
import type { RunOptions } from "./part.ts";
import { publish } from "./publish.ts";
import { type QuestionSource, questionsOf } from "./questions.ts";
import type { PublishOptions } from "./redaction.ts";

export interface CotOptions {
  readonly questions: QuestionSource;
  /** Gets cot.json, cot.md and the evidence; null: nothing is written. */
  readonly folder: string | null;
}

export async function cot(
  request: Omit<ReasoningRequest, "items" | "what" | "file">,
  { questions, folder }: CotOptions,
  options: RunOptions & PublishOptions = {},
): Promise<CotRecord> {
  const chosen = await questionsOf(questions, request.seed);
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
  return access(path).then(
    () => true,
    () => false,
  );
}
