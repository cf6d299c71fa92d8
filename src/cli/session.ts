/** What a command talks through: people's text, the one JSON document, progress, and the wish to stop. */
import { createColors } from "picocolors";
import type { OnProgress } from "../core/index.ts";
import { progressLine } from "./progress.ts";

export type Colors = ReturnType<typeof createColors>;

export interface Session {
  readonly json: boolean;
  readonly signal: AbortSignal;
  readonly onProgress: OnProgress;
  /** Colours of what `print` writes to; plain text where that is no terminal. */
  readonly colors: Colors;
  /** A line for a person: stdout, or stderr where stdout belongs to the JSON document. */
  print(line?: string): void;
  /** The command's result: printed as JSON with `--json`, else not at all. */
  document(value: unknown): void;
  close(): void;
}

export function openSession({ json, signal }: { readonly json: boolean; readonly signal: AbortSignal }): Session {
  const people = json ? process.stderr : process.stdout;
  const progress = progressLine(process.stderr);
  return {
    json,
    signal,
    onProgress: progress.hear,
    colors: createColors(people.isTTY === true && !process.env.NO_COLOR && process.env.TERM !== "dumb"),
    print: (line = "") => {
      progress.clear();
      people.write(`${line}\n`);
    },
    document: (value) => {
      progress.clear();
      if (json) process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
    },
    close: progress.clear,
  };
}
