/** One JSON line for each thing that happened. Bodies, headers, file names and training rows are never logged. */
import { type DestinationStream, type Logger, pino } from "pino";

export type Log = Logger;

/** Where a careless caller hands one in all the same. */
const SECRETS = ["authorization", "*.authorization", "secret", "*.secret", "key.sha256", "messages", "*.messages"];

export function openLog(level: string, destination?: DestinationStream): Log {
  const options = { level, base: null, redact: { paths: SECRETS, censor: "[redacted]" } };
  return destination ? pino(options, destination) : pino(options, pino.destination({ fd: 2, sync: true }));
}

/** What may be told of an error: its name, code and the places in our code. Messages can quote what a client sent. */
export function faultOf(error: unknown): { readonly name: string; readonly code?: string; readonly at: string[] } {
  if (!(error instanceof Error)) return { name: typeof error, at: [] };
  const { code } = error as NodeJS.ErrnoException;
  const at = (error.stack ?? "")
    .split("\n")
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 8);
  return { name: error.name, ...(code ? { code } : {}), at: at.map((line) => line.trim()) };
}
