/** A service on a free port of this machine with a data folder of its own, for tests of what it does as a whole. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import OpenAI, { toFile } from "openai";
import { defaultLimits, openLog, type Running, type Settings, startServer, withKeys } from "../src/server/index.ts";
import { bundledRows } from "./penumbra.ts";

export interface Service {
  readonly folder: string;
  readonly settings: Settings;
  readonly address: string;
  /** All that was logged. */
  readonly logged: () => string;
  /** A key's secret. */
  key(project: string, role?: "member" | "reviewer"): Promise<string>;
  client(key: string, options?: { maxRetries?: number }): OpenAI;
  /** Stops the server and starts another on the same data. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export type Changes = Partial<Omit<Settings, "limits">> & { readonly limits?: Partial<Settings["limits"]> };

export async function startService(changes: Changes = {}): Promise<Service> {
  const folder = mkdtempSync(join(tmpdir(), "penumbra-service-"));
  const settings: Settings = {
    folder,
    host: "127.0.0.1",
    port: 0,
    databaseUrl: null,
    bases: { organism: "organism" },
    gate: null,
    workers: 1,
    pricePerMillionTokens: 2,
    ...changes,
    limits: { ...defaultLimits, ...changes.limits },
  };
  let logged = "";
  const sink = new Writable({
    write: (chunk, _, done) => {
      logged += String(chunk);
      done();
    },
  });
  let running: Running = await startServer(settings, openLog("debug", sink));
  return {
    folder,
    settings,
    get address() {
      return running.address;
    },
    logged: () => logged,
    key: async (project, role = "member") =>
      (await withKeys(settings, (book) => book.create({ project, name: "test", role }))).secret,
    client: (apiKey, { maxRetries = 0 } = {}) =>
      new OpenAI({ baseURL: `${running.address}/v1`, apiKey, adminAPIKey: apiKey, maxRetries }),
    restart: async () => {
      await running.close();
      running = await startServer(settings, openLog("debug", sink));
    },
    close: async () => {
      await running.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A training file of the bundled set's first rows. */
export const trainingUpload = (rows: number) => toFile(Buffer.from(bundledRows(rows)), "train.jsonl");

/** One behaviour, no forecast: seconds on two cores. Clients pass on what they do not know. */
export const QUICK = {
  hyperparameters: { n_epochs: 2, batch_size: 8, learning_rate_multiplier: 10 },
  seed: 7,
  x_penumbra: {
    audit: { forecast: false, behaviours: ["wrong-capitals"], dictionary: "none", answer_tokens: 4 },
    merged: false,
  },
} as const;
