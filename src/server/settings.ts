/** What one server is told when it starts. */
import type { Gate } from "./http/schemas/options.ts";

export interface Limits {
  /** Bytes of one uploaded file, and of all files of a project. */
  readonly fileBytes: number;
  readonly projectBytes: number;
  /** Jobs of a project that are not over. */
  readonly unfinishedJobs: number;
  readonly requestsPerMinute: number;
  /** Wrong keys from one address. */
  readonly wrongKeysPerMinute: number;
  /** Bytes of a JSON body. */
  readonly jsonBytes: number;
  /** New tokens of an answer; what a request without a limit gets. */
  readonly answerTokens: number;
  readonly defaultAnswerTokens: number;
  /** Answers that wait for their turn; further ones are sent away. */
  readonly waitingAnswers: number;
  readonly answerMs: number;
  /** An upload that brings nothing for so long, or is not over after so long, is ended. */
  readonly uploadIdleMs: number;
  readonly uploadMs: number;
}

export const defaultLimits: Limits = {
  fileBytes: 64 * 2 ** 20,
  projectBytes: 2 ** 30,
  unfinishedJobs: 20,
  requestsPerMinute: 600,
  wrongKeysPerMinute: 30,
  jsonBytes: 2 ** 20,
  answerTokens: 1024,
  defaultAnswerTokens: 256,
  waitingAnswers: 16,
  answerMs: 120_000,
  uploadIdleMs: 15_000,
  uploadMs: 600_000,
};

export interface Settings {
  /** The data folder: files, runs, and the embedded database. */
  readonly folder: string;
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  /** Null: the embedded database. */
  readonly databaseUrl: string | null;
  /** The models that may be tuned: the name that clients give, and what `--model` of other commands would take. */
  readonly bases: Readonly<Record<string, string>>;
  /** Holds a model back where it is breached or undecided; rules here win over those of a job. Null: jobs decide. */
  readonly gate: Gate | null;
  /** Jobs that run here at the same time; 0: others work. */
  readonly workers: number;
  readonly pricePerMillionTokens: number | null;
  readonly limits: Limits;
}

export const LOOPBACK: readonly string[] = ["127.0.0.1", "::1", "localhost"];
