/** Answers on disk, one file for each request, named by its hash: what was paid for once is not asked again. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { atomicWriteFile, hashJson } from "../store/index.ts";

const Entry = z.strictObject({
  schemaVersion: z.literal(1),
  url: z.string(),
  request: z.record(z.string(), z.unknown()),
  /** The body of the answer as it came. */
  response: z.string(),
  at: z.string(),
});

export interface AnswersCache {
  get(url: URL, request: Readonly<Record<string, unknown>>): Promise<string | null>;
  put(url: URL, request: Readonly<Record<string, unknown>>, response: string): Promise<void>;
}

export const noCache: AnswersCache = { get: async () => null, put: async () => undefined };

/** A file that is cut short or of another schema is no answer, and is written anew. */
export function answersCache(folder: string): AnswersCache {
  const pathOf = (url: URL, request: Readonly<Record<string, unknown>>) => {
    const key = hashJson({ url: url.href, request });
    return join(folder, url.host.replace(/[^a-z0-9.-]/gi, "_"), key.slice(0, 2), `${key}.json`);
  };
  return {
    get: async (url, request) => {
      const text = await readFile(pathOf(url, request), "utf8").catch(() => null);
      return text === null ? null : (entryOf(text)?.response ?? null);
    },
    put: async (url, request, response) => {
      const entry = { schemaVersion: 1, url: url.href, request, response, at: new Date().toISOString() };
      await atomicWriteFile(pathOf(url, request), `${JSON.stringify(entry)}\n`);
    },
  };
}

function entryOf(text: string): z.infer<typeof Entry> | null {
  try {
    return Entry.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
