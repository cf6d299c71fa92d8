/** `--redact` and `--no-redact`, for commands that write a report which an earlier one may have redacted. */
import type { Command } from "commander";

export interface RedactOption {
  /** Absent: as the folder's report was. */
  readonly redact?: boolean;
}

export function addRedactOption(command: Command): Command {
  return command
    .option("--redact", "leave training rows and answers out of the report, from now on")
    .option("--no-redact", "show them again; without either flag the report stays as it was");
}

/** What the flag asks of a publication. */
export const redaction = ({ redact }: RedactOption) =>
  redact === undefined ? {} : redact ? { redact: true } : { unredact: true };
