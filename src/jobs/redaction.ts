/** Whether the report of a folder leaves texts out: said once, and kept in the folder until the user says otherwise. */
import { join } from "node:path";
import { z } from "zod";
import { atomicWriteFile } from "../store/index.ts";
import { readRecord } from "./read-record.ts";

export interface PublishOptions {
  /** From now on without prompts, answers and training rows. False says nothing: what was said before holds. */
  readonly redact?: boolean;
  /** From now on with them: the user has said `--no-redact`. */
  readonly unredact?: boolean;
}

const FILE = "report.json";
const Kept = z.strictObject({ schemaVersion: z.literal(1), redacted: z.boolean() });

/** Written before the report, so that one that was cut short is not made again with the texts. */
export async function keptRedaction(folder: string, { redact, unredact }: PublishOptions): Promise<boolean> {
  const before = redact || unredact ? null : await readRecord(folder, FILE, Kept);
  if (!redact && !unredact) return before?.redacted ?? false;
  const kept: z.infer<typeof Kept> = { schemaVersion: 1, redacted: redact ?? false };
  await atomicWriteFile(join(folder, FILE), `${JSON.stringify(kept, null, 2)}\n`);
  return kept.redacted;
}
