/**
 * Training files are read with a tokenizer in a process of their own: it takes seconds for a megabyte, in which a server
 * that did it itself would answer nobody.
 */
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { UserError } from "../../core/index.ts";
import { DataRecord } from "../../records/index.ts";
import { tooMany } from "../http/errors.ts";

/** A file, and the folder of the model whose tokenizer reads it. */
interface Subject {
  readonly file: string;
  readonly tokenizer: string;
  /** Tokens of a row that are trained on. */
  readonly maxLength: number;
}

export type ReadingOrder =
  | (Subject & { readonly task: "count"; readonly objective: "sft" | "dpo" })
  | (Subject & { readonly task: "preview"; readonly limit: number });

/** What a count gives: `faults` is how many there are. */
export const Counts = DataRecord.pick({ rows: true, usableRows: true, tokens: true }).extend({ faults: z.int() });
export type Counts = z.infer<typeof Counts>;

export const ReadingAnswer = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("read"), value: z.unknown() }),
  z.strictObject({ kind: z.literal("refused"), expected: z.string(), got: z.string(), fix: z.string() }),
  z.strictObject({ kind: z.literal("broken"), trace: z.string() }),
]);
export type ReadingAnswer = z.infer<typeof ReadingAnswer>;

/** Files that wait for their turn; further ones are sent away for so long. */
const MOST_WAITING = 16;
const WAIT_MS = 1000;

/** One file at a time, each in a process that ends with it, or when `stopping` says so. */
export class Reading {
  readonly #stopping: AbortSignal;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(stopping: AbortSignal) {
    this.#stopping = stopping;
  }

  /** Throws an error for the client where too many wait, and a `UserError` where the tokenizer or the file is at fault. */
  async ask<T>(order: ReadingOrder, answer: z.ZodType<T>): Promise<T> {
    if (this.#waiting >= MOST_WAITING) throw tooMany("Too many files wait to be read", "too_many_readings", WAIT_MS);
    this.#waiting++;
    const turn = this.#last.then(() => readInChild(order, this.#stopping));
    this.#last = turn.catch(() => undefined);
    try {
      return answer.parse(await turn);
    } finally {
      this.#waiting--;
    }
  }
}

async function readInChild(order: ReadingOrder, signal: AbortSignal): Promise<unknown> {
  const child = fork(childPath(), [], {
    execArgv: [],
    stdio: ["ignore", "ignore", "ignore", "ipc"],
    signal,
    killSignal: "SIGKILL",
  });
  const said = await new Promise<unknown>((resolve, reject) => {
    child.once("message", resolve);
    child.once("error", reject);
    child.once("close", () => reject(new Error("the process that reads a file ended without a word")));
    child.send(order);
  });
  const answer = ReadingAnswer.parse(said);
  if (answer.kind === "read") return answer.value;
  if (answer.kind === "broken") throw new Error(answer.trace);
  const { kind: _, ...fault } = answer;
  throw new UserError("training file", fault);
}

/** The built child, also when this file runs from its source (tests). */
function childPath(): string {
  const built = import.meta.url
    .replace(/\/src\/server\/run\/reading\.ts$/, "/dist/server/run/reading-child.js")
    .replace(/reading\.js$/, "reading-child.js");
  return fileURLToPath(built);
}
