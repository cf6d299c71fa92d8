/** The laws of the state, for every database. */
import fc from "fast-check";
import { expect } from "vitest";
import { z } from "zod";
import { onEachDatabase } from "../../../test/databases.ts";
import {
  abandonAll,
  advanceJob,
  answerOnce,
  claimJob,
  createKey,
  FencedError,
  type FileRow,
  failJob,
  findFile,
  findJob,
  findModel,
  giveBack,
  insertFile,
  insertJob,
  jobsByState,
  KeyReusedError,
  keyOfSecret,
  listCheckpoints,
  listEvents,
  listFiles,
  listJobs,
  listKeys,
  listModels,
  logAudit,
  migrate,
  type NewFile,
  noteUse,
  orderJob,
  readAuditLog,
  releaseModel,
  removeFile,
  removeModel,
  renewLease,
  revokeKey,
  succeedJob,
  UnknownCursorError,
  unfinishedJobs,
} from "./index.ts";

const file = (name: string, sha256 = "0".repeat(64)): NewFile => ({
  filename: name,
  purpose: "fine-tune",
  bytes: 12,
  sha256,
  status: "processed",
  validation: null,
  expires_at: null,
});

onEachDatabase("state", (law) => {
  law("migrations run once, whoever comes at the same time", async ({ db, second }) => {
    expect(await Promise.all([migrate(db), migrate(second)])).toEqual([0, 0]);
  });

  law("a key opens its project until it is revoked; neither it nor another is kept in clear", async ({ db }) => {
    const { key, secret } = await createKey(db, { project: "alpha", name: "mine", role: "reviewer" });
    expect(await keyOfSecret(db, secret)).toMatchObject({ id: key.id, project: "alpha", role: "reviewer" });
    expect(await keyOfSecret(db, `${secret}x`)).toBeNull();
    await noteUse(db, key.id);
    expect((await listKeys(db)).find(({ id }) => id === key.id)?.last_used_at).toBeInstanceOf(Date);
    const kept = JSON.stringify(await db.query(z.unknown(), "select * from keys"));
    expect(kept).not.toContain(secret);
    expect([await revokeKey(db, key.id), await revokeKey(db, key.id)]).toEqual([true, false]);
    expect(await keyOfSecret(db, secret)).toBeNull();
  });

  law("a project sees its own rows and no other's", async ({ db, project, job, clear }) => {
    const [a, b] = [await project(), await project()];
    const kept = await insertFile(db, a.project_id, file("a.jsonl"));
    const made = await job(a.project_id);
    expect(await findFile(db, a.project_id, kept.id)).toMatchObject({ filename: "a.jsonl", bytes: 12 });
    expect(await findFile(db, b.project_id, kept.id)).toBeNull();
    expect(await findJob(db, b.project_id, made.id)).toBeNull();
    expect(await orderJob(db, b.project_id, made.id, "cancel")).toBeNull();
    expect((await listFiles(db, b.project_id, { limit: 9 })).items).toEqual([]);
    expect((await listJobs(db, b.project_id, { limit: 9 })).items).toEqual([]);
    await clear();
  });

  law("pages put together are the list, whatever their length and order", async ({ db, project }) => {
    const { project_id } = await project();
    for (let i = 0; i < 7; i++) await insertFile(db, project_id, file(`${i}`));
    const wanted = ["6", "5", "4", "3", "2", "1", "0"];
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 9 }), fc.constantFrom("asc", "desc"), async (limit, order) => {
        const names: string[] = [];
        for (let after: string | undefined; ; ) {
          const { items, hasMore } = await listFiles(db, project_id, { limit, order, after });
          names.push(...items.map(({ filename }) => filename));
          after = items.at(-1)?.id;
          if (!hasMore) break;
        }
        expect(names).toEqual(order === "desc" ? wanted : wanted.toReversed());
      }),
      { numRuns: 20 },
    );
    await expect(listFiles(db, project_id, { limit: 9, after: "file-none" })).rejects.toThrow(UnknownCursorError);
  });

  law("a page begins after an item that is gone too, in its own project's list alone", async ({ db, project }) => {
    const [{ project_id }, other] = [await project(), await project()];
    const rows: FileRow[] = [];
    for (let i = 0; i < 7; i++) rows.push(await insertFile(db, project_id, file(`${i}`, `${i}`.repeat(64))));
    const remove = (row: FileRow) => removeFile(db, row, async () => undefined);
    const seen: string[] = [];
    for (let after: string | undefined; ; ) {
      const { items, hasMore } = await listFiles(db, project_id, { limit: 2, purpose: "fine-tune", after });
      for (const item of items) await remove(item);
      seen.push(...items.map(({ filename }) => filename));
      after = items.at(-1)?.id;
      if (!hasMore) break;
    }
    expect(seen).toEqual(["6", "5", "4", "3", "2", "1", "0"]);
    const left = await insertFile(db, project_id, file("left"));
    const page = { limit: 9, after: rows[3]?.id };
    expect((await listFiles(db, project_id, { ...page, order: "asc" })).items).toEqual([left]);
    expect((await listFiles(db, project_id, page)).items).toEqual([]);
    await expect(listFiles(db, other.project_id, page)).rejects.toThrow(UnknownCursorError);
    expect(JSON.stringify(await db.query(z.unknown(), "select * from gone")), "its place alone").not.toContain(
      "fine-tune",
    );
  });

  law("jobs are found by their metadata, and those without any by null", async ({ db, project, job, clear }) => {
    const { project_id } = await project();
    const [x, y, none] = [
      await job(project_id, { a: "1", b: "2" }),
      await job(project_id, { a: "2" }),
      await job(project_id),
    ];
    const ids = async (metadata: Record<string, string> | null) =>
      (await listJobs(db, project_id, { limit: 9, metadata })).items.map(({ id }) => id);
    expect(await ids({ a: "1" })).toEqual([x?.id]);
    expect(await ids({ a: "2" })).toEqual([y?.id]);
    expect(await ids(null)).toEqual([none?.id]);
    await clear();
  });

  law("of many workers each waiting job goes to one", async ({ db, second, project, job, clear }) => {
    const { project_id } = await project();
    for (let i = 0; i < 5; i++) await job(project_id);
    const claims = await Promise.all(
      Array.from({ length: 8 }, (_, i) => claimJob(i % 2 ? db : second, `w${i}`, 60_000)),
    );
    const ids = claims.flatMap((claimed) => (claimed ? [claimed.id] : []));
    expect(ids.length).toBe(5);
    expect(new Set(ids).size).toBe(5);
    expect(await unfinishedJobs(db, project_id)).toBe(5);
    expect((await jobsByState(db)).running).toBeGreaterThanOrEqual(5);
    await clear();
  });

  law("a worker that has lost its job commits nothing, and says so", async ({ db, second, project, job }) => {
    const { project_id } = await project();
    const made = await job(project_id);
    const first = await claimJob(db, "first", 60_000);
    await abandonAll(db);
    const next = await claimJob(second, "next", 60_000);
    expect([first?.id, next?.id]).toEqual([made.id, made.id]);
    expect(next?.fence).toBe((first?.fence ?? 0) + 1);
    const stale = { jobId: made.id, fence: first?.fence ?? 0 };
    const valid = { jobId: made.id, fence: next?.fence ?? 0 };
    const model = { id: `ft:${made.id}`, projectId: project_id, jobId: made.id, base: "b", folder: "f", held: false };
    const outcome = { headline: null, affected: [], gate: null, steps: 1, durationMs: 1, stoppedBy: null };
    const success = {
      model,
      outcome,
      trainedTokens: 5,
      results: [file("m.csv")],
      event: { once: "end", message: "e" },
    };
    expect(await renewLease(db, stale, 1000)).toBe(false);
    expect(await giveBack(db, stale, 0)).toBe(false);
    for (const effect of [
      () => advanceJob(db, stale, { events: [{ once: "x", message: "x" }] }),
      () => failJob(db, stale, { code: "c", message: "m", param: null }),
      () => succeedJob(db, stale, success),
    ])
      await expect(effect()).rejects.toThrow(FencedError);
    expect(await findModel(db, project_id, model.id)).toBeNull();
    expect(await renewLease(db, valid, 1000)).toBe(true);
    await succeedJob(db, valid, success);
    await expect(succeedJob(db, valid, success)).rejects.toThrow(FencedError);
    expect(await findJob(db, project_id, made.id)).toMatchObject({
      state: "succeeded",
      fine_tuned_model: model.id,
      trained_tokens: 5,
      run_fence: valid.fence,
      result_files: [expect.stringMatching(/^file-/)],
    });
    expect((await listFiles(db, project_id, { limit: 9 })).items.length).toBe(1);
  });

  law(
    "what is told twice is written once, and news make a new start count for nothing",
    async ({ db, project, job, clear }) => {
      const { project_id } = await project();
      const made = await job(project_id);
      const claimed = await claimJob(db, "w", 60_000);
      const lease = { jobId: made.id, fence: claimed?.fence ?? 0 };
      const told = {
        phase: "finetune",
        progress: { task: "fine-tune", step: 1, total: 2 },
        events: [{ once: "metrics:1", type: "metrics" as const, message: "step 1", data: { step: 1 } }],
        checkpoints: [{ step: 1, model: "ft:x:ckpt-step-1", metrics: { step: 1, train_loss: 2 } }],
      };
      await advanceJob(db, lease, told);
      await advanceJob(db, lease, told);
      const { items } = await listEvents(db, made.id, { limit: 9 });
      expect(items.map(({ message }) => message)).toEqual(["step 1", `Created fine-tuning job: ${made.id}`]);
      expect((await listCheckpoints(db, made.id, { limit: 9 })).items.map(({ step }) => step)).toEqual([1]);
      expect(await findJob(db, project_id, made.id)).toMatchObject({ attempts: 0, phase: "finetune" });
      await clear();
    },
  );

  law("a job that never comes further fails in the end, and hinders no other", async ({ db, project, job, clear }) => {
    const { project_id } = await project();
    const poison = await job(project_id);
    for (let i = 0; i < 8; i++) {
      expect((await claimJob(db, "w", 60_000))?.id).toBe(poison.id);
      await abandonAll(db);
    }
    const sound = await job(project_id);
    expect((await claimJob(db, "w", 60_000))?.id).toBe(sound.id);
    expect(await findJob(db, project_id, poison.id)).toMatchObject({
      state: "failed",
      error: { code: "server_error" },
    });
    await clear();
  });

  law("orders follow the states; each takes the job from its worker", async ({ db, project, job }) => {
    const { project_id } = await project();
    const made = await job(project_id);
    const order = async (name: "cancel" | "pause" | "resume") => {
      const result = await orderJob(db, project_id, made.id, name);
      return [result?.done, result?.job.state];
    };
    expect(await order("resume")).toEqual([false, "queued"]);
    const claimed = await claimJob(db, "w", 60_000);
    expect(await order("pause")).toEqual([true, "paused"]);
    expect(await renewLease(db, { jobId: made.id, fence: claimed?.fence ?? 0 }, 1000)).toBe(false);
    expect(await claimJob(db, "w", 60_000)).toBeNull();
    expect(await order("pause")).toEqual([false, "paused"]);
    expect(await order("resume")).toEqual([true, "queued"]);
    expect(await order("cancel")).toEqual([true, "cancelled"]);
    expect(await order("cancel")).toEqual([false, "cancelled"]);
    expect(await order("resume")).toEqual([false, "cancelled"]);
    expect((await listEvents(db, made.id, { limit: 9 })).items.length).toBe(4);
  });

  law(
    "a request with a key is answered once; the key with another request is refused; what fails leaves no trace",
    async ({ db, project }) => {
      const { project_id } = await project();
      const ask = (requestSha256: string, fail = false) =>
        answerOnce(db, { projectId: project_id, key: "k", requestSha256 }, async (tx) => {
          const { id } = await insertFile(tx, project_id, file("once"));
          if (fail) throw new Error("no");
          return { status: 200, body: { id } };
        });
      await expect(ask("a", true)).rejects.toThrow("no");
      const answers = await Promise.all([ask("a"), ask("a"), ask("a")]);
      expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
      expect(answers.filter(({ repeated }) => !repeated).length).toBe(1);
      await expect(ask("b")).rejects.toThrow(KeyReusedError);
      expect((await listFiles(db, project_id, { limit: 9 })).items.length).toBe(1);
    },
  );

  law("contents go with their last file, and never under a job that needs them", async ({ db, project }) => {
    const { project_id } = await project();
    const sha = "ab".repeat(32);
    const [a, b, c] = [
      await insertFile(db, project_id, file("a", sha)),
      await insertFile(db, project_id, file("b", sha)),
      await insertFile(db, project_id, file("c", "cd".repeat(32))),
    ];
    const dropped: string[] = [];
    const remove = (row: typeof a) => removeFile(db, row, async (hash) => void dropped.push(hash));
    const needing = await insertJob(db, project_id, {
      request: {},
      metadata: null,
      training_file: a.id,
      training_sha256: sha,
      validation_file: c.id,
      validation_sha256: c.sha256,
    });
    expect(await remove(a)).toEqual({ neededBy: needing.id });
    expect(await remove(c), "needed for its validation").toEqual({ neededBy: needing.id });
    await orderJob(db, project_id, needing.id, "cancel");
    expect(await remove(a)).toBeNull();
    expect(dropped).toEqual([]);
    expect(await remove(b)).toBeNull();
    expect(await remove(c)).toBeNull();
    expect(dropped).toEqual([sha, c.sha256]);
  });

  law("a held model is served when a person has released it, whose name stays", async ({ db, project, job }) => {
    const { project_id } = await project();
    const made = await job(project_id);
    const claimed = await claimJob(db, "w", 60_000);
    const model = { id: `ft:${made.id}`, projectId: project_id, jobId: made.id, base: "b", folder: "f", held: true };
    const outcome = { headline: "h", affected: ["x"], gate: null, steps: 1, durationMs: 1, stoppedBy: null };
    const end = { once: "end", message: "e" };
    const lease = { jobId: made.id, fence: claimed?.fence ?? 0 };
    await succeedJob(db, lease, { model, outcome, trainedTokens: 1, results: [], event: end });
    expect((await findModel(db, project_id, model.id))?.held).toBe(true);
    await releaseModel(db, project_id, model.id, { by: "key-a", reason: "looked" });
    await releaseModel(db, project_id, model.id, { by: "key-b", reason: "again" });
    expect(await findModel(db, project_id, model.id)).toMatchObject({ held: false, released_by: "key-a" });
    expect((await removeModel(db, project_id, model.id))?.id).toBe(model.id);
    expect((await listModels(db, project_id, { limit: 9, after: model.id })).items).toEqual([]);
    expect(await removeModel(db, project_id, model.id)).toBeNull();
  });

  law("the audit log is read newest first and belongs to its project", async ({ db, project }) => {
    const [a, b] = [await project(), await project()];
    const entry = { projectId: a.project_id, keyId: a.id, requestId: null };
    await logAudit(db, { ...entry, action: "file.create", subject: "one" });
    await logAudit(db, { ...entry, action: "job.create", subject: "two", detail: { n: 1 } });
    const rows = await readAuditLog(db, a.project_id, 9);
    expect(rows.map(({ subject }) => subject)).toEqual(["two", "one"]);
    expect((await readAuditLog(db, a.project_id, 9, rows[0]?.sequence)).length).toBe(1);
    expect(await readAuditLog(db, b.project_id, 9)).toEqual([]);
  });
});
