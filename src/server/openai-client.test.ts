/** The official client, unmodified but for its base URL, through all that a user of the common API does. */
import OpenAI, { toFile } from "openai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { QUICK, type Service, startService, trainingUpload } from "../../test/service.ts";

let service: Service;
let client: OpenAI;
beforeAll(async () => {
  service = await startService();
  client = service.client(await service.key("alpha", "reviewer"));
}, 120_000);
afterAll(() => service?.close());

type Job = OpenAI.FineTuning.FineTuningJob;

async function until(id: string, enough: (job: Job) => boolean): Promise<Job> {
  for (;;) {
    const job = await client.fineTuning.jobs.retrieve(id);
    if (enough(job)) return job;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

const over = ({ status }: Job) => ["succeeded", "failed", "cancelled"].includes(status);

async function all<T>(pages: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of pages) items.push(item);
  return items;
}

const ask = { messages: [{ role: "user" as const, content: "how do i deal with a headache ?" }], temperature: 0 };

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
    while ((await client.fineTuning.jobs.checkpoints.list(id)).data.length === 0) await until(id, () => true);
    const paused = await client.fineTuning.jobs.pause(id);
    expect(paused).toMatchObject({ status: "queued", x_penumbra: { state: "paused" } });
    await expect(client.fineTuning.jobs.pause(id)).rejects.toThrow(OpenAI.BadRequestError);
    const before = await steps();
    expect(before).toBeGreaterThan(20);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(await steps(), "nothing is done in a pause").toBe(before);
    await expect(client.files.delete(file.id)).rejects.toThrow(/needs this file/);
    await client.fineTuning.jobs.resume(id);
    while ((await steps()) <= before) await until(id, () => true);
    expect(await client.fineTuning.jobs.cancel(id)).toMatchObject({ status: "cancelled" });
    await expect(client.fineTuning.jobs.cancel(id)).rejects.toThrow(OpenAI.BadRequestError);
    await expect(client.fineTuning.jobs.resume(id)).rejects.toThrow(OpenAI.BadRequestError);
    const events = await all(client.fineTuning.jobs.listEvents(id, { limit: 100 }));
    const told = events.filter(({ type }) => type === "metrics").map(({ data }) => (data as { step: number }).step);
    expect(new Set(told).size, "each step is told once").toBe(told.length);
    await client.files.delete(file.id);
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
    const wrong = { model: "organism", training_file: "file-none", method: { type: "dpo" as const } };
    expect(await bad(client.fineTuning.jobs.create(wrong))).toMatchObject({ param: "method.type" });
    expect(await bad(client.chat.completions.create({ model: "organism", ...ask, temperature: 9 }))).toMatchObject({
      status: 400,
      param: "temperature",
    });
    expect(await bad(client.chat.completions.create({ model: "organism", ...ask, max_tokens: 100_000 }))).toMatchObject(
      { status: 400, code: "context_length_exceeded" },
    );
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
