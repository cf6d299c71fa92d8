/** Scale-out: a server that only answers, and workers of their own, on one Postgres and one data folder. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { noPostgres, temporarySchema } from "../../test/postgres.ts";
import { QUICK, startService, trainingUpload } from "../../test/service.ts";
import { openLog, startWorker } from "./index.ts";

describe(`workers on Postgres${noPostgres ? ` (${noPostgres})` : ""}`, () => {
  it("take a job over from one that leaves, and make of it what one alone would", {
    timeout: 240_000,
  }, async (context) => {
    if (noPostgres) return context.skip(noPostgres);
    const schema = await temporarySchema();
    const service = await startService({ databaseUrl: schema.url, workers: 0 });
    const worker = () => startWorker({ ...service.settings, workers: 1 }, openLog("silent"));
    try {
      const client = service.client(await service.key("alpha"));
      const file = await client.files.create({ file: await trainingUpload(16), purpose: "fine-tune" });
      const asked = {
        model: "organism",
        training_file: file.id,
        ...QUICK,
        hyperparameters: { n_epochs: 12, batch_size: 8 },
      };
      const { id } = await client.fineTuning.jobs.create(asked);
      expect((await client.fineTuning.jobs.retrieve(id)).status).toBe("queued");
      const first = await worker();
      while ((await client.fineTuning.jobs.checkpoints.list(id)).data.length === 0) await pause();
      await first.close();
      expect((await client.fineTuning.jobs.retrieve(id)).status, "given back").toBe("queued");
      const begun = readdirSync(join(service.folder, "runs", id));
      const [second, third] = await Promise.all([worker(), worker()]);
      while ((await client.fineTuning.jobs.retrieve(id)).finished_at === null) await pause();
      await Promise.all([second.close(), third.close()]);
      const job = await client.fineTuning.jobs.retrieve(id);
      expect(job.status).toBe("succeeded");
      const steps = (await client.fineTuning.jobs.listEvents(id, { limit: 100 })).data.filter(
        ({ type }) => type === "metrics",
      );
      expect(steps.map(({ data }) => (data as { step: number }).step)).toEqual(
        Array.from({ length: 24 }, (_, i) => 24 - i),
      );
      expect(begun).toEqual(["1"]);
      expect(readdirSync(join(service.folder, "runs", id))).toEqual(["2"]);
      expect(existsSync(join(service.folder, "runs", id, "2", "adapter", "adapter_model.safetensors"))).toBe(true);
    } finally {
      await service.close();
      await schema.drop();
    }
  });
});

const pause = () => new Promise((resolve) => setTimeout(resolve, 200));
