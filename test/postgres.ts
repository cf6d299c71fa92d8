/** A schema of its own in the Postgres that PENUMBRA_TEST_DATABASE_URL names, for tests that need one. */
import { randomText } from "../src/server/state/index.ts";
import { openPostgres } from "../src/server/state/postgres.ts";

const url = process.env.PENUMBRA_TEST_DATABASE_URL;

/** Why there is none here; null where there is. */
export const noPostgres = url ? null : "PENUMBRA_TEST_DATABASE_URL names no database";

export async function temporarySchema(): Promise<{ readonly url: string; drop(): Promise<void> }> {
  const schema = `test_${randomText(12).toLowerCase()}`;
  const admin = await openPostgres(url ?? "");
  await admin.script(`create schema ${schema}`);
  return {
    url: `${url}${url?.includes("?") ? "&" : "?"}options=-csearch_path%3D${schema}`,
    drop: async () => {
      await admin.script(`drop schema ${schema} cascade`);
      await admin.close();
    },
  };
}
