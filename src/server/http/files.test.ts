/** Large files: what is kept of their faults, and who else is answered while they are read. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { bundledRows } from "../../../test/penumbra.ts";
import { defaultLimits, openLog, type Running, type Settings, startServer, withKeys } from "../index.ts";
import { openDatabase } from "../state/index.ts";

const folder = mkdtempSync(join(tmpdir(), "penumbra-files-"));
const settings: Settings = {
  folder,
  host: "127.0.0.1",
  port: 0,
  databaseUrl: null,
  bases: { organism: "organism" },
  gate: null,
  workers: 0,
  pricePerMillionTokens: null,
  limits: defaultLimits,
};
let server: Running | null = null;
let authorization = "";
beforeAll(async () => {
  server = await startServer(settings, openLog("silent"));
  const key = await withKeys(settings, (book) => book.create({ project: "alpha", name: "test", role: "member" }));
  authorization = `Bearer ${key.secret}`;
}, 120_000);
afterAll(async () => {
  await server?.close();
  rmSync(folder, { recursive: true });
});

async function ask<T extends z.ZodType>(schema: T, path: string, init: RequestInit = {}): Promise<z.infer<T>> {
  const answer = await fetch(`${server?.address}${path}`, { ...init, headers: { authorization, ...init.headers } });
  return schema.parse(await answer.json());
}

const File = z.object({
  id: z.string(),
  status_details: z.string().optional(),
  x_penumbra: z.object({ validation: z.object({ fault_count: z.int(), faults: z.array(z.unknown()) }) }),
});

function upload(rows: string): Promise<z.infer<typeof File>> {
  const body = new FormData();
  body.set("purpose", "fine-tune");
  body.set("file", new Blob([rows]), "train.jsonl");
  return ask(File, "/v1/files", { method: "POST", body });
}

const Estimate = z.object({ rows: z.int(), tokens: z.int(), steps: z.int() });
const estimate = (training_file: string) =>
  ask(Estimate, "/v1/fine_tuning/estimate", {
    method: "POST",
    body: JSON.stringify({ model: "organism", training_file, hyperparameters: { n_epochs: 1, batch_size: 8 } }),
    headers: { "content-type": "application/json" },
  });

const Preview = z.object({ data: z.array(z.object({ line: z.int(), tokens: z.array(z.string()) })) });
const preview = (id: string, query: string) => ask(Preview, `/v1/files/${id}/preview?model=organism&${query}`);

/** The longest time between two turns of the event loop while `work` goes on, as a share of the whole. */
async function longestTurn(work: Promise<unknown>): Promise<number> {
  const begun = performance.now();
  let [last, longest, over] = [begun, 0, false];
  const look = () => {
    const now = performance.now();
    [longest, last] = [Math.max(longest, now - last), now];
    if (!over) setImmediate(look);
  };
  setImmediate(look);
  await work;
  over = true;
  look();
  return longest / (performance.now() - begun);
}

it("counts the tokens of a large file while others are answered", async () => {
  const rows = bundledRows(100);
  const small = await upload(rows);
  const { tokens } = await estimate(small.id);
  const large = await upload(rows.repeat(10));
  let found: unknown;
  const work = estimate(large.id).then((estimated) => {
    found = estimated;
  });
  // Whoever does it himself has one turn for all of it.
  expect(await longestTurn(work)).toBeLessThan(0.5);
  expect(found).toEqual({ rows: 1000, tokens: 10 * tokens, steps: 125 });
});

it("previews long rows as it does short ones, while others are answered", async () => {
  const row = (content: string) => `${JSON.stringify({ text: content })}\n`;
  const words = "you should drink water and rest . ";
  const [short, long] = [await upload(row(words).repeat(3)), await upload(row(words.repeat(4000)).repeat(3))];
  const lines = async (id: string) => (await preview(id, "limit=2&max_length=8")).data;
  const expected = await lines(short.id);
  expect(expected.map(({ line }) => line)).toEqual([1, 2]);
  expect(await longestTurn(lines(long.id))).toBeLessThan(0.5);
  expect(await lines(long.id)).toMatchObject(expected.map(({ line }) => ({ line })));
  expect((await lines(long.id)).map(({ tokens }) => tokens.length)).toEqual([8, 8]);
  // As many as the model has positions, which is what a job trains on.
  expect((await preview(long.id, "limit=2")).data.map(({ tokens }) => tokens.length)).toEqual([128, 128]);
});

it("keeps of a hundred thousand faults the first and their number, and lists none", async () => {
  const { id, x_penumbra } = await upload("x\n".repeat(100_000));
  expect(x_penumbra.validation.fault_count).toBe(100_000);
  expect(x_penumbra.validation.faults.length).toBe(1000);
  const { data } = await ask(z.object({ data: z.array(File) }), "/v1/files?limit=1");
  const details = expect.stringMatching(/^line 1: invalid_json: .* \(and 99999 more\)$/s);
  const validation = { fault_count: 100_000, faults: [] };
  expect(data).toMatchObject([{ id, status_details: details, x_penumbra: { validation } }]);
  // The embedded database is one process's at a time, and the server's until it ends.
  await server?.close();
  server = null;
  const db = await openDatabase(null, folder);
  const sql = "select length(validation::text) as bytes from files where id = $1";
  const [kept] = await db.query(z.object({ bytes: z.int() }), sql, [id]);
  await db.close();
  expect(kept?.bytes).toBeLessThan(200_000);
});
