/** What projects have in all, and what they let each other ask, on every database. */
import { expect } from "vitest";
import { onEachDatabase } from "../../../test/databases.ts";
import type { Database } from "./database.ts";
import {
  claimJob,
  holdProject,
  insertJob,
  listJobs,
  listPermissions,
  orderJob,
  permit,
  removeModel,
  sharedModel,
  sharedWith,
  succeedJob,
  unfinishedJobs,
  withdraw,
} from "./index.ts";

onEachDatabase("projects", (law) => {
  law("what a project may have in all holds for requests that come at once", async ({ db, second, project }) => {
    const { project_id } = await project();
    const take = (from: Database) =>
      from.transaction(async (tx) => {
        await holdProject(tx, project_id);
        if ((await unfinishedJobs(tx, project_id)) > 0) return false;
        await new Promise((resolve) => setTimeout(resolve, 20));
        await insertJob(tx, project_id, {
          request: {},
          metadata: null,
          training_file: "file-x",
          training_sha256: "0",
          validation_file: null,
          validation_sha256: null,
        });
        return true;
      });
    const taken = await Promise.all([take(db), take(second), take(db)]);
    expect(taken.filter(Boolean).length).toBe(1);
    const { items } = await listJobs(db, project_id, { limit: 1 });
    await orderJob(db, project_id, items[0]?.id ?? "", "cancel");
  });

  law(
    "another project asks what is shared with it, until it is withdrawn or the model goes",
    async ({ db, second, project, job }) => {
      const [own, other] = [await project(), await project()];
      const made = await job(own.project_id);
      const claimed = await claimJob(db, "w", 60_000);
      const id = `ft:${made.id}`;
      const model = { id, projectId: own.project_id, jobId: made.id, base: "b", folder: "f", held: false };
      const outcome = { headline: "h", affected: [], gate: null, steps: 1, durationMs: 1, stoppedBy: null };
      const lease = { jobId: made.id, fence: claimed?.fence ?? 0 };
      const event = { once: "end", message: "e" };
      await succeedJob(db, lease, { model, outcome, trainedTokens: 1, results: [], event });
      const shared = { model_id: id, name: `${id}:ckpt-step-1` };
      expect(await permit(db, shared, "proj-none")).toBeNull();
      const [first, again] = await Promise.all([
        permit(db, shared, other.project_id),
        permit(second, shared, other.project_id),
      ]);
      expect(again).toEqual(first);
      expect((await sharedModel(db, other.project_id, shared.name))?.id).toBe(id);
      expect(await sharedModel(db, other.project_id, id), "the checkpoint alone").toBeNull();
      expect((await sharedWith(db, other.project_id)).map(({ shared_as }) => shared_as)).toEqual([shared.name]);
      expect(await withdraw(db, { ...shared, name: id }, first?.id ?? "")).toBe(false);
      expect(await withdraw(db, shared, first?.id ?? "")).toBe(true);
      const after = { limit: 9, after: first?.id };
      expect((await listPermissions(db, shared, after)).items, "a page begins after what was withdrawn").toEqual([]);
      expect(await sharedModel(db, other.project_id, shared.name)).toBeNull();
      await permit(db, shared, other.project_id);
      await removeModel(db, own.project_id, id);
      expect(await sharedWith(db, other.project_id)).toEqual([]);
    },
  );
});
