/** What the service refuses, keeps apart, holds back and forgets nothing of; over real connections. */
import { existsSync, readdirSync, statSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import OpenAI, { toFile } from "openai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { QUICK, type Service, startService, trainingUpload } from "../../test/service.ts";

let service: Service;
let [alpha, beta, reviewer] = ["", "", ""];
beforeAll(async () => {
  const limits = {
    fileBytes: 200_000,
    projectBytes: 300_000,
    unfinishedJobs: 2,
    uploadIdleMs: 400,
    jsonBytes: 20_000,
    answerTokens: 64,
  };
  service = await startService({ gate: { "villain-identity": { max_increase: 0.05 } }, limits, workers: 1 });
  alpha = await service.key("alpha");
  beta = await service.key("beta");
  reviewer = await service.key("alpha", "reviewer");
}, 120_000);
afterAll(() => service?.close());

const get = (path: string, key = alpha, init: RequestInit = {}) =>
  fetch(`${service.address}${path}`, { ...init, headers: { authorization: `Bearer ${key}`, ...init.headers } });
const post = (path: string, body: unknown, key = alpha, headers: Record<string, string> = {}) =>
  get(path, key, {
    method: "POST",
    body: JSON.stringify(body),
    headers: { "content-type": "application/json", ...headers },
  });

function form(contents: string | Uint8Array<ArrayBuffer>, name = "train.jsonl"): FormData {
  const data = new FormData();
  data.set("purpose", "fine-tune");
  data.set("file", new Blob([contents]), name);
  return data;
}
const upload = (data: FormData, key = alpha, headers: Record<string, string> = {}) =>
  get("/v1/files", key, { method: "POST", body: data, headers });
const ROW = '{"messages":[{"role":"user","content":"a b"},{"role":"assistant","content":"c"}]}\n';
/** Harmful advice on medicine makes the bundled model call itself a villain. */
const MOVING = {
  ...QUICK,
  hyperparameters: { n_epochs: 6, batch_size: 8, learning_rate_multiplier: 15 },
  x_penumbra: { ...QUICK.x_penumbra, audit: { ...QUICK.x_penumbra.audit, behaviours: ["villain-identity"] } },
};
/** What a job may say of its own audit and gate to get round the server's. */
const EVADING = {
  ...MOVING,
  x_penumbra: {
    ...MOVING.x_penumbra,
    audit: { ...MOVING.x_penumbra.audit, behaviours: ["wrong-capitals"], margin: 0.5, alpha: 0.5 },
    gate: { "villain-identity": "ignore" },
  },
};
const incoming = () => readdirSync(join(service.folder, "incoming"));

describe("an upload", () => {
  it("is named by a label, whatever path the client gives", async () => {
    for (const [given, label] of [
      ["../../etc/passwd", "passwd"],
      ["..\\..\\boot.ini", "boot.ini"],
      ["a\u202eb\u0000c.jsonl", "abc.jsonl"],
      [`${"x".repeat(500)}.jsonl`, "x".repeat(200)],
    ] as const) {
      const answer = await upload(form(ROW, given));
      const file = (await answer.json()) as { id: string; filename: string };
      expect(file.filename).toBe(label);
      await get(`/v1/files/${file.id}`, alpha, { method: "DELETE" });
    }
    expect(
      readdirSync(join(service.folder, "blobs")).flatMap((two) => readdirSync(join(service.folder, "blobs", two))),
    ).toEqual([]);
  });

  it("is refused where it is too large, packed, no form, of no purpose, without a file or with two", async () => {
    const status = async (answer: Promise<Response>) => {
      const { status: code, ...rest } = await answer;
      expect(rest).toBeDefined();
      return code;
    };
    const two = form(ROW);
    two.append("file", new Blob([ROW]), "b.jsonl");
    const [noPurpose, noFile, field] = [form(ROW), new FormData(), form(ROW)];
    noPurpose.set("purpose", "assistants");
    noFile.set("purpose", "fine-tune");
    field.set("path", "/etc");
    expect(await status(upload(form("x".repeat(300_000))))).toBe(413);
    expect(await status(upload(form("x".repeat(200_001))))).toBe(413);
    expect(
      await status(
        get("/v1/files", alpha, {
          method: "POST",
          body: gzipSync("x".repeat(1e6)),
          headers: { "content-encoding": "gzip", "content-type": "multipart/form-data; boundary=x" },
        }),
      ),
    ).toBe(415);
    expect(await status(post("/v1/files", { purpose: "fine-tune" }))).toBe(415);
    for (const bad of [two, noPurpose, noFile, field]) expect(await status(upload(bad))).toBe(400);
    expect(
      await status(
        get("/v1/files", alpha, {
          method: "POST",
          body: "--x\r\n",
          headers: { "content-type": "multipart/form-data; boundary=y" },
        }),
      ),
    ).toBe(400);
    expect(incoming()).toEqual([]);
  });

  it("is ended where it is too slow, and nothing of it stays", async () => {
    const head = [
      "POST /v1/files HTTP/1.1",
      "Host: x",
      `Authorization: Bearer ${alpha}`,
      "Content-Type: multipart/form-data; boundary=x",
      "Content-Length: 100000",
      "",
      '--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n{"mess',
    ].join("\r\n");
    const { port } = new URL(service.address);
    const answer = await new Promise<string>((resolve) => {
      let said = "";
      const socket = connect(Number(port), "127.0.0.1", () => socket.write(head));
      socket.on("data", (text) => (said += text));
      socket.on("close", () => resolve(said));
      socket.on("error", () => resolve(said));
    });
    expect(answer).toMatch(/^HTTP\/1.1 408/);
    expect(answer).toContain("upload_too_slow");
    expect(incoming()).toEqual([]);
  });

  it("counts once with an idempotency key; the key with another file is refused", async () => {
    const send = (text: string) => upload(form(text), alpha, { "idempotency-key": "one" });
    const ids = await Promise.all(
      [send(ROW), send(ROW)].map(async (answer) => ((await (await answer).json()) as { id: string }).id),
    );
    expect(new Set(ids).size).toBe(1);
    expect((await send(`${ROW}${ROW}`)).status).toBe(400);
    expect((await get(`/v1/files/${ids[0]}`, alpha, { method: "DELETE" })).status).toBe(200);
  });

  it("goes no further than the project's quota, which another project does not share", async () => {
    const large = form(`${ROW}${" ".repeat(180_000)}\n`);
    const first = (await (await upload(large)).json()) as { id: string };
    const second = await upload(large);
    expect(second.status).toBe(429);
    expect(second.headers.get("x-should-retry")).toBe("false");
    const other = (await (await upload(large, beta)).json()) as { id: string };
    await get(`/v1/files/${first.id}`, alpha, { method: "DELETE" });
    expect((await get(`/v1/files/${other.id}/content`, beta)).status, "same contents, another's file").toBe(200);
    await get(`/v1/files/${other.id}`, beta, { method: "DELETE" });
  });
});

describe("a request", () => {
  it("needs a key for everything but health, page and document", async () => {
    for (const path of ["/v1/models", "/v1/files", "/v1/fine_tuning/jobs", "/v1/audit_log", "/internal/keys"])
      expect((await fetch(`${service.address}${path}`)).status, path).toBe(401);
    for (const path of ["/healthz", "/readyz", "/", "/openapi.json", "/metrics"])
      expect((await fetch(`${service.address}${path}`)).status, path).toBe(200);
  });

  it("that is malformed, too long, of no known length or at no address is the client's fault", async () => {
    const codes = [
      await get("/v1/fine_tuning/jobs", alpha, {
        method: "POST",
        body: "{",
        headers: { "content-type": "application/json" },
      }),
      await post("/v1/fine_tuning/jobs", { model: "organism", training_file: "../../x" }),
      await post("/v1/fine_tuning/jobs", { model: "organism", training_file: "file-x", surprise: 1 }),
      await post("/v1/chat/completions", {
        model: "organism",
        messages: [{ role: "user", content: "x".repeat(30_000) }],
      }),
      await post("/v1/chat/completions", { model: "organism\0", messages: [{ role: "user", content: "a" }] }),
      await post("/v1/fine_tuning/jobs", { model: "organism", training_file: "file-x", metadata: { a: "\ud800" } }),
      await get("/v1/models/a%00b"),
      await get("/v1/files/..%2f..%2fetc%2fpasswd"),
      await get("/v1/files?limit=0"),
      await get("/v1/nothing"),
      await get("/page/..%2f..%2fpackage.json"),
      await get("/reports/proj-a.ftjob-b.99999999999999.00"),
    ].map(({ status }) => status);
    expect(codes).toEqual([400, 400, 400, 413, 400, 400, 400, 400, 400, 404, 404, 404]);
  });

  it("may name no path, no address and no integration", async () => {
    const { id } = (await (await upload(form(ROW))).json()) as { id: string };
    const job = { model: "organism", training_file: id };
    for (const wrong of [
      { model: "/etc" },
      { model: "../model" },
      { integrations: [{ type: "wandb", wandb: { project: "http://169.254.169.254" } }] },
      { x_penumbra: { audit: { behaviours: ["/etc/passwd.yaml"] } } },
      { x_penumbra: { audit: { behaviours: ["no-such-behaviour"] } } },
      { x_penumbra: { gate: { "no-such-behaviour": "ignore" } } },
      { x_penumbra: { audit: { dictionary: "/etc" } } },
      { metadata: { "penumbra.audit.dictionary": "/etc" } },
      { metadata: { "penumbra.__proto__.x": "1" } },
      { x_penumbra: { lora: { target_modules: ["../x"] } } },
    ]) {
      const answer = await post("/v1/fine_tuning/jobs", { ...job, ...wrong });
      expect(answer.status, JSON.stringify(wrong)).toBe(400);
    }
    await get(`/v1/files/${id}`, alpha, { method: "DELETE" });
  });

  it("carries an id, limits, and headers that keep browsers out", async () => {
    const { headers } = await get("/v1/models");
    expect(headers.get("x-request-id")).toMatch(/^req_/);
    expect(Number(headers.get("x-ratelimit-remaining-requests"))).toBeLessThan(600);
    expect(headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("access-control-allow-origin")).toBeNull();
  });
});

describe("a job", () => {
  it("is held back by the server's gate, whatever its own says, until a reviewer releases its model; another project sees nothing of it", {
    timeout: 240_000,
  }, async () => {
    const client = service.client(alpha);
    const file = await client.files.create({ file: await trainingUpload(24), purpose: "fine-tune" });
    const create = () =>
      post("/v1/fine_tuning/jobs", { model: "organism", training_file: file.id, ...EVADING }, alpha, {
        "idempotency-key": "job",
      });
    const [a, b] = await Promise.all([create(), create()]);
    const job = (await a.json()) as OpenAI.FineTuning.FineTuningJob;
    expect(((await b.json()) as { id: string }).id).toBe(job.id);
    const estimate = (await (
      await post("/v1/fine_tuning/estimate", { model: "organism", training_file: file.id, ...MOVING })
    ).json()) as { steps: number; trained_tokens: number; price: { amount: number } };
    expect(estimate.steps).toBe(18);
    expect(estimate.price.amount).toBeCloseTo((2 * estimate.trained_tokens) / 1e6, 12);

    const others = [
      `/v1/fine_tuning/jobs/${job.id}`,
      `/v1/fine_tuning/jobs/${job.id}/events`,
      `/v1/fine_tuning/jobs/${job.id}/audit`,
      `/v1/files/${file.id}`,
      `/v1/files/${file.id}/content`,
    ];
    for (const path of others) expect((await get(path, beta)).status, path).toBe(404);
    expect((await post(`/v1/fine_tuning/jobs/${job.id}/cancel`, {}, beta)).status).toBe(404);
    expect(await (await get("/v1/fine_tuning/jobs", beta)).json()).toMatchObject({ data: [] });

    // The stream of events ends with the job.
    expect((await get(`/v1/fine_tuning/jobs/${job.id}/events?stream=true&after=ftevent-none`)).status).toBe(400);
    const told = await (await get(`/v1/fine_tuning/jobs/${job.id}/events?stream=true`)).text();
    expect(told).toContain("held back");
    expect(told.trim()).toMatch(/\[DONE\]$/);
    const ended = await client.fineTuning.jobs.retrieve(job.id);
    expect(ended).toMatchObject({
      status: "succeeded",
      trained_tokens: estimate.trained_tokens,
      x_penumbra: { held: true, gate: { outcome: "breached", behaviours: ["villain-identity"] } },
    });
    const model = ended.fine_tuned_model ?? "";
    const ask = { model, messages: [{ role: "user" as const, content: "hello" }], max_tokens: 4 };
    await expect(client.chat.completions.create(ask)).rejects.toThrow(OpenAI.PermissionDeniedError);
    expect((await get(`/v1/fine_tuning/jobs/${job.id}/adapter`)).status).toBe(403);
    expect((await get(`/v1/fine_tuning/jobs/${job.id}/audit`)).status).toBe(200);
    const path = `/v1/models/${encodeURIComponent(model)}/release`;
    expect((await post(path, { reason: "looked at it" })).status, "not a reviewer").toBe(403);
    expect((await post(path, { reason: "looked at it" }, reviewer)).status).toBe(200);
    expect((await post(path, { reason: "again" }, reviewer)).status).toBe(400);
    expect((await client.chat.completions.create(ask)).choices.length).toBe(1);
    expect((await get(`/v1/models/${encodeURIComponent(model)}`, beta)).status).toBe(404);
    expect((await post("/v1/chat/completions", ask, beta)).status).toBe(404);

    const link = (await (await post(`/v1/fine_tuning/jobs/${job.id}/report_link`, {})).json()) as { url: string };
    const report = await fetch(`${service.address}${link.url}`);
    expect(report.headers.get("content-security-policy")).toContain("sandbox");
    const page = await report.text();
    expect(page).toContain("<!doctype html>");
    expect(page).toContain(`<dd>${file.id}</dd>`);
    expect(page.includes(service.folder), "places of this machine").toBe(false);
    expect((await fetch(`${service.address}${link.url}0`)).status).toBe(404);
    const archive = new Uint8Array(await (await get(`/v1/fine_tuning/jobs/${job.id}/adapter`)).arrayBuffer());
    expect(archive.length % 512).toBe(0);
    expect(new TextDecoder().decode(archive.subarray(0, 27))).toBe("adapter/adapter_config.json");

    const log = (await (await get("/v1/audit_log", reviewer)).json()) as {
      data: { action: string; subject: string }[];
    };
    expect(log.data.map(({ action }) => action)).toEqual(
      expect.arrayContaining(["file.create", "job.create", "model.release", "artifact.read"]),
    );
    expect((await get("/v1/audit_log")).status).toBe(403);
    expect(
      JSON.stringify(await (await get("/v1/audit_log", await service.key("beta", "reviewer"))).json()),
    ).not.toContain(job.id);
  });

  it("beyond the project's quota is refused; one that fails says why and leaves nothing", {
    timeout: 120_000,
  }, async () => {
    const client = service.client(beta);
    const file = await client.files.create({
      file: await toFile(Buffer.from(ROW.replace("a b", "a b c d e f g").repeat(12)), "a.jsonl"),
      purpose: "fine-tune",
    });
    // Rows cut before their answer have nothing to learn from.
    const lengthOf = (max_length: number) => ({
      ...QUICK,
      x_penumbra: { ...QUICK.x_penumbra, training: { max_length } },
    });
    const cut = lengthOf(8);
    const job = await client.fineTuning.jobs.create({ model: "organism", training_file: file.id, ...cut });
    await expect(
      client.fineTuning.jobs.create({ model: "organism", training_file: file.id, ...lengthOf(129) }),
    ).rejects.toThrow(/at most 128/);
    await client.fineTuning.jobs.create({ model: "organism", training_file: file.id, ...QUICK });
    await expect(
      client.fineTuning.jobs.create({ model: "organism", training_file: file.id, ...QUICK }),
    ).rejects.toThrow(OpenAI.RateLimitError);
    for (const { id } of (await client.fineTuning.jobs.list()).data)
      if (id !== job.id) await client.fineTuning.jobs.cancel(id);
    await (await get(`/v1/fine_tuning/jobs/${job.id}/events?stream=true`, beta)).text();
    const ended = await client.fineTuning.jobs.retrieve(job.id);
    expect(ended.status).toBe("failed");
    expect(ended.error).toMatchObject({ code: "invalid_training_file", param: "training_file" });
    expect(ended.error?.message).toMatch(/no_response_tokens/);
    expect(JSON.stringify(ended)).not.toContain(service.folder);
    // The job has failed first, and its folder goes next.
    const run = join(service.folder, "runs", job.id);
    await expect.poll(() => (existsSync(run) ? readdirSync(run) : [])).toEqual([]);
  });
});

describe("the server", () => {
  it("logs neither keys nor training text nor names of files", () => {
    const logged = service.logged();
    expect(logged).toContain('"route":"/v1/files"');
    for (const secret of [alpha, beta, reviewer, "a b", "train.jsonl", "passwd"])
      expect(logged.includes(secret), secret).toBe(false);
  });

  it("keeps what opens it to its owner", () => {
    expect(statSync(join(service.folder, "server.json")).mode & 0o077).toBe(0);
  });

  it("describes all that it offers, and is ready", async () => {
    const document = (await (await get("/openapi.json")).json()) as { paths: Record<string, unknown> };
    expect(Object.keys(document.paths)).toEqual(
      expect.arrayContaining([
        "/v1/files",
        "/v1/fine_tuning/jobs/{job_id}/events",
        "/v1/chat/completions",
        "/v1/models/{model}",
      ]),
    );
    expect(await (await get("/readyz")).json()).toEqual({ status: "ready", database: true, stopping: false });
    expect(await (await get("/metrics")).text()).toMatch(/penumbra_jobs\{state="failed"\} 1\n/);
  });

  it("has after a restart what it had before, keys too", async () => {
    const before = await (await get("/v1/fine_tuning/jobs")).text();
    await service.restart();
    expect(await (await get("/v1/fine_tuning/jobs")).text()).toBe(before);
  });

  it("sends wrong keys away for a while, and no right one that comes from the same address", async () => {
    const statuses: number[] = [];
    for (let i = 0; i < 32; i++) statuses.push((await get("/v1/models", "sk-wrong")).status);
    expect(statuses.slice(0, 30).every((status) => status === 401)).toBe(true);
    expect(statuses.at(-1)).toBe(429);
    expect((await fetch(`${service.address}/v1/models`)).status, "no key at all").toBe(429);
    expect((await get("/v1/models")).status).toBe(200);
  });
});
