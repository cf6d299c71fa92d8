import { createHash } from "node:crypto";
import { lstat, mkdtemp, readdir, readFile, readlink, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { goldenFolder } from "../../../test/golden.ts";
import { type LocalHub, startHub } from "../../../test/hub-server.ts";
import { must, UserError } from "../../core/index.ts";
import { openModelFiles } from "../model-files.ts";
import { hubFromEnvironment } from "./account.ts";
import { type PullRequest, pullModel } from "./pull.ts";

const id = "some-org/Tiny.Model";
const commit = "0123456789abcdef0123456789abcdef01234567";
const weights = "model.safetensors";

let hub: LocalHub;
let folder: string;
let size: number;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "hub-"));
  const data = await readFile(join(goldenFolder("qwen2"), weights));
  size = data.length;
  const config = await readFile(join(goldenFolder("qwen2"), "config.json"));
  const files = {
    "config.json": config,
    "tokenizer.json": Buffer.from("{}"),
    [weights]: data,
    "pytorch_model.bin": Buffer.from("pickle"),
    "README.md": Buffer.from("card"),
    "onnx/model.onnx": Buffer.from("onnx"),
    "tiny-Q4_0.gguf": Buffer.from("GGUF"),
  };
  hub = await startHub({ id, commit, files, large: [weights, "tiny-Q4_0.gguf"] });
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await hub.close();
  await rm(folder, { recursive: true });
});

const pull = (change: Partial<PullRequest> = {}, token: string | null = null) =>
  pullModel({
    client: { endpoint: hub.endpoint, token, firstPauseMs: 2 },
    id,
    revision: "main",
    hub: folder,
    files: null,
    ...change,
  });
const repository = () => join(folder, "models--some-org--Tiny.Model");
const blobs = async () => (await readdir(join(repository(), "blobs"))).filter((name) => name !== ".lock");
const fetchesOf = (name: string) =>
  hub.log.filter(({ server, path }) => server === "storage" && path === `/${encodeURIComponent(name)}`);

describe("a pull", () => {
  test("lays the cache out as the Python libraries do, and the model is then found without a network", async () => {
    const seen: number[] = [];
    const pulled = await pull({ onProgress: ({ step }) => seen.push(step) });
    expect(pulled.files).toEqual(["config.json", weights, "tokenizer.json"]);
    expect(pulled.commit).toBe(commit);
    expect(await readFile(join(repository(), "refs", "main"), "utf8")).toBe(commit);
    const link = join(repository(), "snapshots", commit, weights);
    expect((await lstat(link)).isSymbolicLink()).toBe(true);
    const sha256 = createHash("sha256")
      .update(await readFile(join(goldenFolder("qwen2"), weights)))
      .digest("hex");
    expect(await readlink(link)).toBe(`../../blobs/${sha256}`);
    expect(await blobs()).toHaveLength(3);
    expect(seen.at(-1)).toBe(pulled.bytes);
    await hub.close();
    vi.stubEnv("HF_HUB_CACHE", folder);
    const model = await openModelFiles(id, { cacheDir: folder });
    expect([model.config.model_type, model.tensors.size]).toEqual(["qwen2", 27]);
  });

  test("of a dictionary fetches its folder alone, whatever else the repository holds", async () => {
    const at = "resid_post/layer_2_width_16k_l0_small";
    const names = [
      `${at}/config.json`,
      `${at}/params.safetensors`,
      `${at}/README.md`,
      "resid_post/layer_2_width_16k_l0_big/params.safetensors",
      "resid_post/../../outside/params.safetensors",
    ];
    const files = Object.fromEntries(names.map((name) => [name, Buffer.from(name)]));
    const scope = await startHub({ id, commit, files, large: [`${at}/params.safetensors`] });
    try {
      const asked = { client: { endpoint: scope.endpoint, token: null, firstPauseMs: 2 } };
      const pulled = await pull({ ...asked, dictionary: at });
      expect(pulled.files).toEqual(names.slice(0, 2));
      const read = (name: string) => readFile(join(pulled.folder, name), "utf8");
      for (const name of pulled.files) expect(await read(name)).toBe(name);
      expect((await pull({ ...asked, dictionary: "" })).files).toHaveLength(3);
      await expect(pull({ ...asked, dictionary: "resid_post/layer_2_width_16k_l0_medium" })).rejects.toThrow(
        /weights in resid_post.*name one of resid_post\/layer_2_width_16k_l0_(big|small)/,
      );
    } finally {
      await scope.close();
    }
  });

  test("done again, it fetches nothing", async () => {
    await pull();
    const before = hub.log.length;
    expect((await pull()).fetchedBytes).toBe(0);
    expect(hub.log.slice(before).every(({ method, path }) => method === "HEAD" || path.startsWith("/api/"))).toBe(true);
  });

  test("of one named file takes that file", async () => {
    const pulled = await pull({ files: ["tiny-Q4_0.gguf"] });
    expect(pulled.files).toEqual(["tiny-Q4_0.gguf"]);
    await expect(pull({ files: ["other.gguf"] })).rejects.toThrow(/name one of .*tiny-Q4_0\.gguf/);
  });

  test("gives the token to the hub and to nobody else", async () => {
    hub.faults.token = "hf_secret";
    await pull({}, "hf_secret");
    const asked = (server: string) => hub.log.filter((entry) => entry.server === server);
    expect(asked("hub").every(({ authorization }) => authorization === "Bearer hf_secret")).toBe(true);
    expect(asked("storage").length).toBeGreaterThan(0);
    expect(asked("storage").every(({ authorization }) => authorization === undefined)).toBe(true);
  });
});

describe("faults on the way", () => {
  test("a broken connection is taken up where it ended", async () => {
    Object.assign(hub.faults, { breakAfter: 10_000, breaks: 2 });
    const pulled = await pull();
    expect(pulled.fetchedBytes).toBe(pulled.bytes);
    const ranges = fetchesOf(weights).map(({ range }) => range);
    expect(ranges).toEqual([undefined, "bytes=10000-", "bytes=20000-"]);
  });

  test("a pull that was killed is resumed, and was not taken for a model before", async () => {
    Object.assign(hub.faults, { breakAfter: 5000, breaks: 99 });
    await expect(pull()).rejects.toThrow(/what has arrived is kept/);
    vi.stubEnv("HF_HUB_CACHE", folder);
    await expect(openModelFiles(id, { cacheDir: folder })).rejects.toThrow("penumbra models pull some-org/Tiny.Model");
    hub.faults.breaks = 0;
    const arrived = 5 * 5000;
    expect((await pull()).fetchedBytes).toBe(size - arrived + 2);
    expect((await blobs()).filter((name) => name.endsWith(".incomplete"))).toEqual([]);
  });

  test("a server that ignores the Range sends the whole again, and that is noticed", async () => {
    Object.assign(hub.faults, { breakAfter: 10_000, breaks: 1, ignoreRange: true });
    const pulled = await pull();
    expect(pulled.fetchedBytes).toBe(pulled.bytes + 10_000);
  });

  test("what is longer than the file should be is thrown away", async () => {
    const { folder: snapshot } = await pull();
    const blob = (await readlink(join(snapshot, weights))).slice("../../blobs/".length);
    await rm(join(repository(), "blobs", blob));
    await writeFile(join(repository(), "blobs", `${blob}.incomplete`), Buffer.alloc(size + 5));
    expect((await pull()).fetchedBytes).toBe(size);
  });

  test("other bytes than the hash promises are refused and removed, and no ref is written", async () => {
    hub.faults.corrupt = true;
    await expect(pull()).rejects.toThrow(/model\.safetensors with the sha256/);
    expect(await blobs()).toHaveLength(1);
    expect(await readdir(repository())).not.toContain("refs");
  });

  test("a busy server is asked again", async () => {
    hub.faults.statuses = [503, 429, 500];
    expect((await pull()).files).toHaveLength(3);
  });

  test("a stop is heard", async () => {
    const stop = new AbortController();
    hub.faults.breakAfter = 1000;
    hub.faults.breaks = 99;
    const client = { endpoint: hub.endpoint, token: null, firstPauseMs: 2, signal: stop.signal };
    const running = pull({ client, onProgress: () => stop.abort() });
    await expect(running).rejects.toThrow("cancelled");
  });
});

describe("refusals name what to do", () => {
  test.each([
    [403, /accept the model's terms at .*some-org\/Tiny\.Model/],
    [401, /no such model, or it is private.*HF_TOKEN/],
    [404, /status 404/],
  ])("status %i", async (status, message) => {
    hub.faults.statuses = [status];
    await expect(pull()).rejects.toThrow(message);
  });

  test("a gated model without a token, and with another's", async () => {
    hub.faults.token = "right";
    await expect(pull()).rejects.toThrow(/gated.*set HF_TOKEN/);
    await expect(pull({}, "wrong")).rejects.toThrow(/with the account of your token/);
  });

  test("nobody there", async () => {
    const client = { endpoint: "http://127.0.0.1:9", token: null, firstPauseMs: 2 };
    await expect(pull({ client })).rejects.toThrow(/HF_ENDPOINT/);
  });

  test.each(["../../etc", "a/b/c", "a\\b", "/etc/passwd", "org/..", ""])("the name %j", async (name) => {
    await expect(pull({ id: name })).rejects.toThrow(UserError);
    await expect(pull({ revision: `${name}/..` })).rejects.toThrow(UserError);
  });

  test("an environment that says offline, or a broken address", async () => {
    await expect(hubFromEnvironment({ HF_HUB_OFFLINE: "1" })).rejects.toThrow("HF_HUB_OFFLINE");
    await expect(hubFromEnvironment({ HF_ENDPOINT: "file:///etc" })).rejects.toThrow("HF_ENDPOINT");
    await expect(hubFromEnvironment({ HF_TOKEN: "a b" })).rejects.toThrow("HF_TOKEN");
    const { endpoint, token } = await hubFromEnvironment({ HF_ENDPOINT: "http://h/", HF_TOKEN: " t " });
    expect([endpoint, token]).toEqual(["http://h", "t"]);
  });
});

test("no list of files leads out of the cache", async () => {
  const evil = ["../../../evil.safetensors", "/tmp/evil.safetensors", "a/../../evil.json", "..", "model\0.safetensors"];
  hub.faults.answer = { sha: commit, siblings: [...evil, weights].map((rfilename) => ({ rfilename })) };
  expect((await pull()).files).toEqual([weights]);
  hub.faults.answer = { sha: "../../../x", siblings: [{ rfilename: weights }] };
  await expect(pull()).rejects.toThrow(UserError);
});

test("any answer of the hub is used or refused", async () => {
  const siblings = fc.array(fc.oneof(fc.jsonValue(), fc.record({ rfilename: fc.string() })));
  const answers = fc.oneof(fc.jsonValue(), fc.record({ sha: fc.constant(commit), siblings }));
  await fc.assert(
    fc.asyncProperty(answers, async (answer) => {
      hub.faults.answer = answer;
      const error = await pull().then(
        () => null,
        (reason: unknown) => reason,
      );
      expect(must(error, "a refusal")).toBeInstanceOf(UserError);
    }),
    { numRuns: 40 },
  );
});
