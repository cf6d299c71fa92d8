/** What is kept of the faults of a file, for every database. */
import { expect } from "vitest";
import { z } from "zod";
import { onEachDatabase } from "../../../test/databases.ts";
import type { DataRecord } from "../../records/index.ts";
import { findFile, insertFile, listFiles, type NewFile, validationOf } from "./index.ts";

const faults = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ line: i + 1, code: "invalid_json", message: `unexpected token ${i}` }));

const record = (count: number): DataRecord => ({
  schemaVersion: 1,
  file: "/srv/incoming/x",
  sha256: "0".repeat(64),
  format: null,
  rows: count,
  usableRows: 0,
  faults: faults(count),
  tokens: null,
});

const file = (filename: string, validation: NewFile["validation"]): NewFile => ({
  filename,
  purpose: "fine-tune",
  bytes: 12,
  sha256: "0".repeat(64),
  status: "error",
  validation,
  expires_at: null,
});

onEachDatabase("faults", (law) => {
  law("of many the first are kept with their number; a list has one of each file", async ({ db, project }) => {
    const { project_id } = await project();
    const { id } = await insertFile(db, project_id, file("many", validationOf(record(100_000))));
    await insertFile(db, project_id, file("none", validationOf(record(0))));
    await insertFile(db, project_id, file("no rows", null));
    const kept = (await findFile(db, project_id, id))?.validation;
    expect([kept?.faults.length, kept?.faultCount, kept?.faults.at(-1)?.line]).toEqual([1000, 100_000, 1000]);
    const { items } = await listFiles(db, project_id, { limit: 9, order: "asc" });
    const short = items.map(({ validation }) => validation && [validation.faultCount, validation.faults]);
    expect(short).toEqual([[100_000, faults(1)], [0, []], null]);
  });

  law("a file of an earlier version, with all its faults and no number, is read as one of this", async (bench) => {
    const { db, project } = bench;
    const { project_id } = await project();
    const { id } = await insertFile(db, project_id, file("old", null));
    const { file: _, ...old } = record(1200);
    await db.query(z.unknown(), "update files set validation = $2::jsonb where id = $1", [id, JSON.stringify(old)]);
    const found = (await findFile(db, project_id, id))?.validation;
    expect([found?.faultCount, found?.faults.length]).toEqual([1200, 1000]);
    const { items } = await listFiles(db, project_id, { limit: 9 });
    expect(items[0]?.validation).toMatchObject({ faultCount: 1200, faults: faults(1) });
  });
});
