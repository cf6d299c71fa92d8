/** The same laws for every database: PGlite always, Postgres where PENUMBRA_TEST_DATABASE_URL names one. */
import { afterAll, beforeAll, describe, it } from "vitest";
import type { Database } from "../src/server/state/database.ts";
import { createKey, insertJob, type JobRow, type Key, migrate, randomText } from "../src/server/state/index.ts";
import { openPglite } from "../src/server/state/pglite.ts";
import { openPostgres } from "../src/server/state/postgres.ts";
import { noPostgres, temporarySchema } from "./postgres.ts";

interface Opened {
  readonly db: Database;
  /** Another connection to the same; where there is one alone, that. */
  readonly second: Database;
  close(): Promise<void>;
}

interface Kind {
  readonly name: string;
  readonly missing: string | null;
  open(): Promise<Opened>;
}

const kinds: readonly Kind[] = [
  {
    name: "PGlite",
    missing: null,
    open: async () => {
      const db = await openPglite(null);
      return { db, second: db, close: () => db.close() };
    },
  },
  {
    name: "Postgres",
    missing: noPostgres,
    open: async () => {
      const schema = await temporarySchema();
      const [db, second] = [await openPostgres(schema.url), await openPostgres(schema.url)];
      const close = async () => {
        await db.close();
        await second.close();
        await schema.drop();
      };
      return { db, second, close };
    },
  },
];

export interface Bench extends Pick<Opened, "db" | "second"> {
  /** A project of its own; gives its key. */
  project(): Promise<Key>;
  /** A job that waits. */
  job(projectId: string, metadata?: Record<string, string> | null): Promise<JobRow>;
  /** Ends all jobs of earlier laws, so that the next to be claimed is this law's. */
  clear(): Promise<unknown>;
}

export type Law = (name: string, check: (bench: Bench) => Promise<void>) => void;

/** Runs `laws` over every database; each has one of its own. */
export function onEachDatabase(title: string, laws: (law: Law) => void): void {
  for (const { name, missing, open } of kinds)
    describe(`${title} on ${name}${missing ? ` (${missing})` : ""}`, () => {
      let opened: Opened | null = null;
      beforeAll(async () => {
        if (missing) return;
        opened = await open();
        await Promise.all([migrate(opened.db), migrate(opened.second)]);
      });
      afterAll(() => opened?.close());
      laws((law, check) =>
        it(law, async (context) => (opened ? check(benchOf(opened)) : context.skip(missing ?? "no database"))),
      );
    });
}

function benchOf({ db, second }: Opened): Bench {
  return {
    db,
    second,
    project: async () => (await createKey(db, { project: randomText(8), name: "k", role: "member" })).key,
    clear: () => db.run("update jobs set state = 'cancelled' where state in ('queued', 'running', 'paused')"),
    job: (projectId, metadata = null) =>
      insertJob(db, projectId, {
        request: { a: 1 },
        metadata,
        training_file: "file-x",
        training_sha256: "0",
        validation_file: null,
        validation_sha256: null,
      }),
  };
}
