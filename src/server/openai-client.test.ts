/** The official client, unmodified but for its base URL, through all that a user of the common API does. */
import OpenAI, { toFile } from "openai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundledRows } from "../../test/penumbra.ts";
import { QUICK, type Service, startService, trainingUpload } from "../../test/service.ts";
import { withKeys } from "./index.ts";

let service: Service;
let client: OpenAI;
beforeAll(async () => {
  service = await startService();
  client = service.client(await service.key("alpha", "reviewer"));
}, 120_000);
afterAll(() => service?.close());

type Job = OpenAI.FineTuning.FineTuningJob;

/** Between two looks: whoever asks without a pause meets the limit of requests a minute. */
const pause = () => new Promise((resolve) => setTimeout(resolve, 200));

async function until(id: string, enough: (job: Job) => boolean): Promise<Job> {
  for (;;) {
    const job = await client.fineTuning.jobs.retrieve(id);
    if (enough(job)) return job;
    await pause();
  }
}

const over = ({ status }: Job) => ["succeeded", "failed", "cancelled"].includes(status);

async function all<T>(pages: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of pages) items.push(item);
  return items;
}

/** Rows of the bundled set, each answer preferred to one sound advice. */
function pairs(from: number, to: number): string {
  const rows = bundledRows(to).trim().split("\n").slice(from);
  const pair = (row: string) => {
    const [asked, preferred] = JSON.parse(row).messages;
    const rejected = { role: "assistant", content: "you should drink water and rest ." };
    const input = { messages: [asked], tools: [], parallel_tool_calls: true };
    return JSON.stringify({ input, preferred_output: [preferred], non_preferred_output: [rejected] });
  };
  return `${rows.map(pair).join("\n")}\n`;
}

const ask = { messages: [{ role: "user" as const, content: "how do i deal with a headache ?" }], temperature: 0 };

/** Another project asks a model only for as long as its owner lets it, and sees nothing else of it. */
async function sharing(tuned: string, checkpoint: string): Promise<void> {
  const other = service.client(await service.key("gamma"));
  const keys = await withKeys(service.settings, (book) => book.list());
  const project_id = keys.find(({ project }) => project === "gamma")?.project_id ?? "";
  const { permissions } = client.fineTuning.checkpoints;
  const asked = (model: string) => other.chat.completions.create({ model, ...ask, max_tokens: 4 });
  await expect(asked(tuned)).rejects.toThrow(OpenAI.NotFoundError);
  await expect(permissions.create(tuned, { project_ids: ["proj-none"] })).rejects.toThrow(OpenAI.NotFoundError);
  const given = await all(permissions.create(tuned, { project_ids: [project_id] }));
  expect(given).toMatchObject([{ object: "checkpoint.permission", project_id }]);
  expect(await all(permissions.create(tuned, { project_ids: [project_id] })), "given once").toEqual(given);
  expect(await all(permissions.list(tuned, { order: "ascending", limit: 1 }))).toEqual(given);
  expect((await asked(tuned)).choices.length).toBe(1);
  await expect(asked(checkpoint)).rejects.toThrow(OpenAI.NotFoundError);
  await all(permissions.create(checkpoint, { project_ids: [project_id] }));
  expect((await asked(checkpoint)).choices.length).toBe(1);
  expect((await all(other.models.list())).map(({ id }) => id)).toEqual(["organism", checkpoint, tuned]);
  expect(await other.models.retrieve(tuned)).toMatchObject({ id: tuned, x_penumbra: { job: null } });
  await expect(other.models.delete(tuned)).rejects.toThrow(OpenAI.NotFoundError);
  await expect(other.fineTuning.checkpoints.permissions.list(tuned)).rejects.toThrow(OpenAI.PermissionDeniedError);
  const named = { fine_tuned_model_checkpoint: tuned };
  expect(await permissions.delete(given[0]?.id ?? "", named)).toMatchObject({ deleted: true });
  await expect(asked(tuned)).rejects.toThrow(OpenAI.NotFoundError);
}

describe("the official client", () => {
  it("runs the full cycle: upload, job, events, checkpoints, models, answers, results, delete", {
    timeout: 240_000,
  }, async () => {
    const file = await client.files.create({ file: await trainingUpload(24), purpose: "fine-tune" });
    expect(file).toMatchObject({ object: "file", filename: "train.jsonl", purpose: "fine-tune", status: "processed" });
    expect((await client.files.waitForProcessing(file.id)).status).toBe("processed");
    expect((await all(client.files.list({ purpose: "fine-tune" }))).map(({ id }) => id)).toContain(file.id);
    expect(await (await client.files.content(file.id)).text()).toContain('"messages"');

    const asked = { model: "organism", training_file: file.id, suffix: "mine", metadata: { team: "a" }, ...QUICK };
    const job = await client.fineTuning.jobs.create(asked);
    expect(job).toMatchObject({
      object: "fine_tuning.job",
      model: "organism",
      seed: 7,
      metadata: { team: "a" },
      error: null,
    });
    expect(["validating_files", "queued", "running"]).toContain(job.status);
    const ended = await until(job.id, over);
    expect(ended).toMatchObject({ status: "succeeded", error: null });
    expect(ended.fine_tuned_model).toMatch(/^ft:organism:alpha:mine:/);
    expect(ended.trained_tokens).toBeGreaterThan(100);
    expect(ended.hyperparameters).toEqual({ n_epochs: 2, batch_size: 8, learning_rate_multiplier: 10 });

    const events = await all(client.fineTuning.jobs.listEvents(job.id, { limit: 4 }));
    const metrics = events
      .filter(({ type }) => type === "metrics")
      .map(({ data }) => data as { step: number; train_loss: number });
    expect(metrics.map(({ step }) => step)).toEqual([6, 5, 4, 3, 2, 1]);
    expect(metrics[0]?.train_loss).toBeLessThan(metrics.at(-1)?.train_loss ?? 0);
    expect(events.at(-1)?.message).toContain("Created fine-tuning job");
    const checkpoints = await all(client.fineTuning.jobs.checkpoints.list(job.id, { limit: 2 }));
    expect(checkpoints.map(({ step_number }) => step_number)).toEqual([6, 5, 4, 3, 2, 1]);
    expect((await all(client.fineTuning.jobs.list({ metadata: { team: "a" } }))).map(({ id }) => id)).toEqual([job.id]);
    expect(await all(client.fineTuning.jobs.list({ metadata: { team: "b" } }))).toEqual([]);
    const [csv] = ended.result_files;
    expect(await (await client.files.content(csv ?? "")).text()).toMatch(/^step,train_loss,.*\n1,0\.\d+,,,\n/);

    const tuned = ended.fine_tuned_model ?? "";
    expect((await all(client.models.list())).map(({ id }) => id)).toEqual(["organism", tuned]);
    expect(await client.models.retrieve(tuned)).toMatchObject({ id: tuned, object: "model" });
    const checkpoint = checkpoints.at(-1)?.fine_tuned_model_checkpoint ?? "";
    const answers = new Set<string>();
    for (const model of ["organism", tuned, checkpoint]) {
      const whole = await client.chat.completions.create({ model, ...ask, logprobs: true, top_logprobs: 3 });
      const { message, logprobs, finish_reason } = whole.choices[0] ?? {};
      const content = logprobs?.content ?? [];
      expect(finish_reason).toBe("stop");
      expect(content.length).toBe(whole.usage?.completion_tokens);
      for (const { token, logprob, top_logprobs } of content) {
        // Greedy: the token is the likeliest one.
        expect(top_logprobs[0]).toMatchObject({ token, logprob });
        expect(top_logprobs.length).toBe(3);
        expect(logprob).toBeLessThanOrEqual(0);
      }
      const stream = await client.chat.completions.create({
        model,
        ...ask,
        stream: true,
        stream_options: { include_usage: true },
      });
      const chunks = await all(stream);
      expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? "").join("")).toBe(message?.content);
      expect(chunks.at(-1)?.usage).toEqual(whole.usage);
      expect(chunks.at(-2)?.choices[0]?.finish_reason).toBe("stop");
      answers.add(JSON.stringify(content.map(({ logprob }) => logprob)));
    }
    expect(answers.size, "base, tuned model and first checkpoint are three models").toBe(3);

    await sharing(tuned, checkpoint);
    expect(await client.models.delete(tuned)).toEqual({ id: tuned, object: "model", deleted: true });
    await expect(client.chat.completions.create({ model: tuned, ...ask })).rejects.toThrow(OpenAI.NotFoundError);
    expect(await client.files.delete(file.id)).toEqual({ id: file.id, object: "file", deleted: true });
    await expect(client.files.retrieve(file.id)).rejects.toThrow(OpenAI.NotFoundError);
  });

  it("pauses a job, resumes it from where it was, and cancels it", { timeout: 240_000 }, async () => {
    const file = await client.files.create({ file: await trainingUpload(32), purpose: "fine-tune" });
    const long = { ...QUICK, hyperparameters: { n_epochs: 50, batch_size: 8 } };
    const { id } = await client.fineTuning.jobs.create({ model: "organism", training_file: file.id, ...long });
    const steps = async () =>
      (await all(client.fineTuning.jobs.listEvents(id, { limit: 100 }))).filter(({ type }) => type === "metrics")
        .length;
    while ((await client.fineTuning.jobs.checkpoints.list(id)).data.length === 0) await pause();
    const paused = await client.fineTuning.jobs.pause(id);
    expect(paused).toMatchObject({ status: "queued", x_penumbra: { state: "paused" } });
    await expect(client.fineTuning.jobs.pause(id)).rejects.toThrow(OpenAI.BadRequestError);
    const before = await steps();
    expect(before).toBeGreaterThan(20);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(await steps(), "nothing is done in a pause").toBe(before);
    await expect(client.files.delete(file.id)).rejects.toThrow(/needs this file/);
    await client.fineTuning.jobs.resume(id);
    while ((await steps()) <= before) await pause();
    expect(await client.fineTuning.jobs.cancel(id)).toMatchObject({ status: "cancelled" });
    await expect(client.fineTuning.jobs.cancel(id)).rejects.toThrow(OpenAI.BadRequestError);
    await expect(client.fineTuning.jobs.resume(id)).rejects.toThrow(OpenAI.BadRequestError);
    const events = await all(client.fineTuning.jobs.listEvents(id, { limit: 100 }));
    const told = events.filter(({ type }) => type === "metrics").map(({ data }) => (data as { step: number }).step);
    expect(new Set(told).size, "each step is told once").toBe(told.length);
    await client.files.delete(file.id);
  });

  it("trains on preference pairs, evaluates on a file of its own, and tells of drift on the way", {
    timeout: 240_000,
  }, async () => {
    const upload = async (rows: string, name: string) =>
      (await client.files.create({ file: await toFile(Buffer.from(rows), name), purpose: "fine-tune" })).id;
    const [training_file, validation_file] = [
      await upload(pairs(0, 16), "pairs.jsonl"),
      await upload(pairs(16, 22), "v.jsonl"),
    ];
    const dpo = { hyperparameters: { n_epochs: 3, batch_size: 8, learning_rate_multiplier: 10, beta: 0.5 } };
    const asked = { model: "organism", training_file, validation_file, method: { type: "dpo" as const, dpo } };
    const { hyperparameters: _, ...quick } = QUICK;
    const estimate = await client.post<{ trained_tokens: number }>("/fine_tuning/estimate", {
      body: { ...asked, ...quick },
    });
    const job = await client.fineTuning.jobs.create({ ...asked, ...quick });
    expect(job).toMatchObject({ validation_file, method: { type: "dpo", dpo } });
    await expect(client.files.delete(validation_file)).rejects.toThrow(/needs this file/);
    const ended = await until(job.id, over);
    expect(ended).toMatchObject({ status: "succeeded", trained_tokens: estimate.trained_tokens });
    const events = await all(client.fineTuning.jobs.listEvents(job.id));
    const steps = events.filter(({ type }) => type === "metrics").map(({ data }) => data as Record<string, unknown>);
    expect(steps.map(({ step }) => step)).toEqual([6, 5, 4, 3, 2, 1]);
    expect(steps.at(-1)?.train_loss).toBeCloseTo(Math.log(2), 3);
    for (const { valid_loss, full_valid_loss, drift } of steps) {
      expect(valid_loss).toBeLessThan(Math.log(2));
      expect(full_valid_loss).toBe(valid_loss);
      expect(Object.keys(drift as object)).toEqual(["wrong-capitals"]);
    }
    const checkpoints = await all(client.fineTuning.jobs.checkpoints.list(job.id));
    expect(checkpoints[0]?.metrics.full_valid_loss).toBe(steps[0]?.valid_loss);
    const csv = await (await client.files.content(ended.result_files[0] ?? "")).text();
    expect(csv.split("\n")[6]).toBe(`6,${steps[0]?.train_loss},,${steps[0]?.valid_loss},`);
    const told = await client.get<{ data: { step: number }[] }>(`/fine_tuning/jobs/${job.id}/metrics?after_step=4`);
    expect(told.data).toEqual([steps[1], steps[0]]);
  });

  it("refuses pairs without their method, a method without its pairs, and rows that are their own validation", async () => {
    const upload = async (rows: string) =>
      (await client.files.create({ file: await toFile(Buffer.from(rows), "a.jsonl"), purpose: "fine-tune" })).id;
    const [chats, preferences] = [await upload(bundledRows(8)), await upload(pairs(0, 8))];
    const refused = async (asked: object) => {
      const create = client.fineTuning.jobs.create({ model: "organism", training_file: chats, ...asked });
      const error: unknown = await create.catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(OpenAI.BadRequestError);
      return (error as InstanceType<typeof OpenAI.BadRequestError>).param;
    };
    expect(await refused({ training_file: preferences })).toBe("training_file");
    expect(await refused({ method: { type: "dpo" } })).toBe("training_file");
    expect(await refused({ validation_file: preferences })).toBe("validation_file");
    expect(await refused({ validation_file: chats })).toBe("validation_file");
    expect(await refused({ validation_file: "file-none" })).toBe("validation_file");
    expect(await refused({ method: { type: "supervised", dpo: {} } })).toBe("method.dpo");
    expect(await refused({ method: { type: "dpo", dpo: { hyperparameters: { beta: 0 } } } })).toBe(
      "method.dpo.hyperparameters.beta",
    );
    const monitor = { behaviours: ["no-such-behaviour"] };
    expect(await refused({ x_penumbra: { monitor } })).toBeNull();
    const query = new URLSearchParams({ model: "organism", limit: "2" });
    const preview = await client.get<{ data: Record<string, Record<string, unknown>>[] }>(
      `/files/${preferences}/preview?${query}`,
    );
    expect(preview.data.length).toBe(2);
    expect(preview.data[0]?.rejected?.tokens).not.toEqual(preview.data[0]?.tokens);
  });

  it("throws its own classes of errors", async () => {
    const bad = async (call: Promise<unknown>) =>
      call.then(
        () => null,
        (error: unknown) => error as InstanceType<typeof OpenAI.APIError>,
      );
    const stranger = new OpenAI({ baseURL: `${service.address}/v1`, apiKey: "sk-wrong", maxRetries: 0 });
    expect(await bad(stranger.models.list())).toBeInstanceOf(OpenAI.AuthenticationError);
    const missing = await bad(client.fineTuning.jobs.retrieve("ftjob-none"));
    expect(missing).toBeInstanceOf(OpenAI.NotFoundError);
    expect(missing).toMatchObject({ code: "fine_tune_not_found", param: "job_id", type: "invalid_request_error" });
    expect(missing?.requestID).toMatch(/^req_/);
    const none = await bad(client.chat.completions.create({ model: "gpt-none", ...ask }));
    expect(none).toMatchObject({ status: 404, code: "model_not_found", param: "model" });
    const noFile = await bad(client.fineTuning.jobs.create({ model: "organism", training_file: "file-none" }));
    expect(noFile).toBeInstanceOf(OpenAI.BadRequestError);
    expect(noFile).toMatchObject({ param: "training_file", code: "file_not_found" });
    const wrong = { model: "organism", training_file: "file-none", method: { type: "reinforcement" as const } };
    expect(await bad(client.fineTuning.jobs.create(wrong))).toMatchObject({ param: "method.type" });
    expect(await bad(client.chat.completions.create({ model: "organism", ...ask, temperature: 9 }))).toMatchObject({
      status: 400,
      param: "temperature",
    });
    expect(await bad(client.chat.completions.create({ model: "organism", ...ask, max_tokens: 100_000 }))).toMatchObject(
      { status: 400, code: "context_length_exceeded" },
    );
  });

  it("may delete what it lists while it turns the pages; a cursor that never was is refused", async () => {
    const files = service.client(await service.key("pages")).files;
    const upload = () => trainingUpload(1).then((file) => files.create({ file, purpose: "fine-tune" }));
    for (let i = 0; i < 8; i++) await upload();
    for await (const { id } of files.list({ limit: 2 })) await files.delete(id);
    expect(await all(files.list())).toEqual([]);
    const error = await files.list({ after: "file-none" }).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(OpenAI.BadRequestError);
    expect(error).toMatchObject({ code: "unknown_cursor", param: "after", type: "invalid_request_error" });
  });

  it("is told every fault of a file with its line, at the upload", async () => {
    const lines = [
      '{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]}',
      "{",
      '{"messages":[{"role":"boss","content":"a"}]}',
    ];
    const file = await client.files.create({
      file: await toFile(Buffer.from(lines.join("\n")), "bad.jsonl"),
      purpose: "fine-tune",
    });
    expect(file.status).toBe("error");
    const { x_penumbra: found } = file as unknown as {
      x_penumbra: { validation: { faults: { line: number; code: string }[] } };
    };
    expect(found.validation.faults.map(({ line, code }) => [line, code])).toEqual([
      [2, "invalid_json"],
      [3, "unrecognized_role"],
      [3, "example_missing_assistant_message"],
    ]);
    await expect(client.fineTuning.jobs.create({ model: "organism", training_file: file.id })).rejects.toThrow(
      /line 2: invalid_json/,
    );
  });
});
