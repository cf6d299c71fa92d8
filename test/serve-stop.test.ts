/** A server that is told to stop: what hangs on it ends, a job is given back, and the supervisor hears of no failure. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { withKeys } from "../src/server/index.ts";
import { bundledRows, filesBelow, main } from "./penumbra.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "penumbra-stop-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Of files and jobs. */
const Told = z.looseObject({ id: z.string(), status: z.string() });
const read = async (answer: Response) => Told.parse(await answer.json());

async function start(): Promise<{ child: ChildProcess; address: string; ended: Promise<number | null> }> {
  const child = spawn(process.execPath, [main, "serve", "--port", "0", "--data", folder, "--log-level", "silent"]);
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  const address = await new Promise<string>((resolve) => {
    let said = "";
    child.stdout.on("data", (text) => {
      said += String(text);
      const found = /at (http:\S+)/.exec(said)?.[1];
      if (found) resolve(found);
    });
  });
  return { child, address, ended };
}

it("ends with 0 and without the end of an unfinished job's stream; the next server goes on", {
  timeout: 120_000,
}, async () => {
  const first = await start();
  const place = { folder, databaseUrl: null };
  const { secret } = await withKeys(place, (book) => book.create({ project: "p", name: "k", role: "member" }));
  const headers = { authorization: `Bearer ${secret}` };
  const form = new FormData();
  form.set("purpose", "fine-tune");
  form.set("file", new Blob([bundledRows(16)]), "train.jsonl");
  const file = await read(await fetch(`${first.address}/v1/files`, { method: "POST", headers, body: form }));
  const asked = { model: "organism", training_file: file.id, hyperparameters: { n_epochs: 50, batch_size: 4 } };
  const audit = { forecast: false, behaviours: ["wrong-capitals"], dictionary: "none" };
  const answer = await fetch(`${first.address}/v1/fine_tuning/jobs`, {
    method: "POST",
    headers: { ...headers, "content-type": "application/json" },
    body: JSON.stringify({ ...asked, x_penumbra: { audit, merged: false } }),
  });
  const { id } = await read(answer);
  const path = `/v1/fine_tuning/jobs/${id}`;
  const stream = await fetch(`${first.address}${path}/events?stream=true`, { headers });
  let told = "";
  for await (const text of stream.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const begun = told.includes("Step 1:");
    told += text;
    if (!begun && told.includes("Step 1:")) first.child.kill("SIGTERM");
  }
  expect(await first.ended).toBe(0);
  expect(told).not.toContain("[DONE]");
  // The embedded database says for itself what its files may be; its folder closes them.
  const made = ["database", ...filesBelow(folder).filter((file) => !file.startsWith("database"))];
  const open = made.filter((file) => (statSync(join(folder, file)).mode & 0o077) !== 0);
  if (process.platform !== "win32") expect(open, "what others may read").toEqual([]);
  const second = await start();
  const job = await read(await fetch(`${second.address}${path}`, { headers }));
  expect(["queued", "validating_files", "running"]).toContain(job.status);
  await fetch(`${second.address}${path}/cancel`, { method: "POST", headers });
  second.child.kill("SIGTERM");
  expect(await second.ended).toBe(0);
});
