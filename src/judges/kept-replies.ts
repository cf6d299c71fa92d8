/**
 * Replies of a model of this machine on disk, one file for each request: a long evaluation that was stopped goes on where
 * it was. `model` names all that a reply depends on besides the request.
 */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { parsedJson } from "../core/index.ts";
import { atomicWriteFile, hashJson } from "../store/index.ts";

export interface KeptReplies {
  /** Null where there is none, or where its file is damaged: it is then asked, and written, anew. */
  get<T>(request: unknown, schema: z.ZodType<T>): Promise<T | null>;
  put(request: unknown, reply: unknown): Promise<void>;
}

export const nothingKept: KeptReplies = { get: async () => null, put: async () => undefined };

const Entry = z.strictObject({ schemaVersion: z.literal(1), request: z.unknown(), reply: z.unknown() });

export function keptReplies(folder: string, model: unknown): KeptReplies {
  const of = hashJson(model);
  const pathOf = (request: unknown) => {
    const key = hashJson(request);
    return join(folder, of, key.slice(0, 2), `${key}.json`);
  };
  return {
    get: async (request, schema) => {
      const text = await readFile(pathOf(request), "utf8").catch(() => null);
      const entry = text === null ? null : Entry.safeParse(parsedJson(text));
      return entry?.success ? (schema.safeParse(entry.data.reply).data ?? null) : null;
    },
    put: async (request, reply) =>
      atomicWriteFile(pathOf(request), `${JSON.stringify({ schemaVersion: 1, request, reply })}\n`),
  };
}
