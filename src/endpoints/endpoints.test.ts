import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { type Stub, type StubAnswer, type StubRequest, said, stubEndpoint } from "../../test/stub-endpoint.ts";
import { CancelledError, UserError } from "../core/index.ts";
import { openEndpoint } from "./client.ts";
import { bearerFrom, parsedUrl } from "./key.ts";
import { askedWaitMs, backoffMs, isTransient } from "./retry.ts";
import type { ChatRequest, EndpointOptions } from "./speaker.ts";
import { type Clock, pooled, Turnstile } from "./turnstile.ts";
import { readChat, readCompletion, splitThinking } from "./wire.ts";

const folder = mkdtempSync(join(tmpdir(), "penumbra-endpoints-"));
const stubs: Stub[] = [];
afterEach(async () => {
  for (const stub of stubs.splice(0)) await stub.close();
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Time that passes only by sleeping. */
function fakeClock(): Clock & { readonly slept: number[] } {
  let now = 1_000_000;
  const slept: number[] = [];
  return {
    slept,
    now: () => now,
    sleep: async (ms) => {
      slept.push(ms);
      now += ms;
    },
  };
}

async function serving(answer: (request: StubRequest) => StubAnswer, options: Partial<EndpointOptions> = {}) {
  const stub = await stubEndpoint(answer);
  stubs.push(stub);
  const clock = fakeClock();
  const env = { TEST_KEY: "sk-secret-123" };
  const endpoint = openEndpoint({ url: stub.url, model: "m", retries: 3, ...options }, { clock, env });
  return { stub, clock, endpoint };
}

const hello = (content = "hello", more: Partial<ChatRequest> = {}): ChatRequest => ({
  messages: [{ role: "user", content }],
  maxTokens: 8,
  temperature: 0,
  sample: 0,
  ...more,
});

describe("an endpoint", () => {
  it("asks as the API wants it, and counts what was used", async () => {
    const { stub, endpoint } = await serving(() => said("hi"), { keyEnv: "TEST_KEY", price: { input: 1, output: 2 } });
    const [reply] = await endpoint.chat([hello("hello", { topLogprobs: 5 })]);
    expect(reply).toMatchObject({ kind: "answer", text: "hi", finish: "stop", tokens: null, cached: false });
    expect(stub.seen[0]).toMatchObject({
      path: "/v1/chat/completions",
      headers: { authorization: "Bearer sk-secret-123" },
    });
    expect(stub.seen[0]?.body).toEqual({
      model: "m",
      messages: [{ role: "user", content: "hello" }],
      max_tokens: 8,
      temperature: 0,
      seed: 0,
      logprobs: true,
      top_logprobs: 5,
    });
    expect(endpoint.usage()).toEqual({
      ...{ answers: 1, cached: 0, retries: 0, gaps: 0, promptTokens: 10, completionTokens: 5, cost: 2e-5, adapted: [] },
    });
  });

  it("gives answers in the order of the questions, so many at once and no more", async () => {
    const { stub, endpoint } = await serving(({ body }) => said(`re: ${body.messages[0].content}`), { concurrency: 3 });
    const asked = Array.from({ length: 20 }, (_, i) => hello(`q${i}`));
    const replies = await endpoint.chat(asked);
    expect(replies.map((reply) => reply.kind === "answer" && reply.text)).toEqual(asked.map((_, i) => `re: q${i}`));
    expect(stub.mostAtOnce()).toBeLessThanOrEqual(3);
  });

  it.each([
    ["429 with seconds", { json: {}, status: 429, headers: { "retry-after": "7" } }, 7000],
    ["503 with milliseconds", { json: {}, status: 503, headers: { "retry-after-ms": "1500" } }, 1500],
  ] as const)("waits as long as the server asks: %s", async (_, first, waitMs) => {
    const { clock, endpoint } = await serving(({ index }) => (index === 0 ? first : said("late")));
    expect(await endpoint.chat([hello()])).toMatchObject([{ text: "late" }]);
    expect(clock.slept).toContain(waitMs);
    expect(endpoint.usage().retries).toBe(1);
  });

  it.each([
    ["server-error", { json: { error: { message: "boom" } }, status: 500 }, 4],
    ["rate-limited", { json: {}, status: 429 }, 4],
    ["rate-limited", { json: {}, status: 429, headers: { "retry-after": "99999" } }, 1],
    ["rejected", { json: { error: { message: "filtered" } }, status: 400 }, 1],
    ["server-error", { json: {}, status: 500, headers: { "x-should-retry": "false" } }, 1],
    ["unreadable", { text: "<html>Bad gateway</html>" }, 4],
    ["unreadable", { json: { choices: [] } }, 4],
    ["unreadable", { json: { choices: [{ message: { content: 7 } }] } }, 4],
    ["unreachable", "truncate", 4],
    ["unreachable", "reset", 4],
    ["timeout", "hang", 4],
  ] as const)("gives a gap, never an answer: %s", async (why, answer, attempts) => {
    const { stub, endpoint } = await serving(() => answer, { timeoutMs: answer === "hang" ? 60 : 20_000 });
    expect(await endpoint.chat([hello()])).toEqual([{ kind: "gap", why, detail: expect.any(String) }]);
    expect(stub.seen.length).toBe(attempts);
    expect(endpoint.usage()).toMatchObject({ answers: 0, gaps: 1, promptTokens: null, cost: null });
  });

  it("stops where nothing is answered at all, and says what to do", async () => {
    const { stub, endpoint } = await serving(() => ({ json: {}, status: 500 }), { retries: 0, concurrency: 1 });
    const asked = Array.from({ length: 40 }, (_, i) => hello(`q${i}`));
    await expect(endpoint.chat(asked)).rejects.toThrow(/expected answers, got 12 failures in a row.*fix:/);
    expect(stub.seen.length).toBe(12);
  });

  it.each([
    [401, "invalid key sk-secret-123"],
    [403, "no"],
    [404, "no such model"],
  ])("tells the user of status %d in one line, without the key", async (status, message) => {
    const { endpoint } = await serving(() => ({ json: { error: { message } }, status }), { keyEnv: "TEST_KEY" });
    const error = await endpoint.chat([hello()]).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UserError);
    expect(String(error)).toContain(`status ${status}`);
    expect(String(error)).not.toContain("secret");
  });

  it("takes 403 for a filter once others were answered", async () => {
    const { endpoint } = await serving(({ index }) => (index === 0 ? said("hi") : { json: {}, status: 403 }));
    const replies = [...(await endpoint.chat([hello("a")])), ...(await endpoint.chat([hello("b")]))];
    expect(replies.map((reply) => reply.kind)).toEqual(["answer", "gap"]);
  });

  it("learns which parameters a server does not take, and says so", async () => {
    const { stub, endpoint } = await serving(({ body }) => {
      if ("seed" in body) return { json: { detail: "Unknown field: seed" }, status: 422 };
      if ("max_tokens" in body) return { json: { error: { message: "'max_tokens' is not supported" } }, status: 400 };
      return said("hi");
    });
    await endpoint.chat([hello("a"), hello("b")]);
    expect(stub.seen.at(-1)?.body).toEqual(expect.not.objectContaining({ seed: 0 }));
    expect(stub.seen.at(-1)?.body.max_completion_tokens).toBe(8);
    expect(endpoint.usage().adapted).toEqual(["max_tokens → max_completion_tokens", "seed left out"]);
  });

  it("follows a redirect on its own host and never to another", async () => {
    const away = await stubEndpoint(() => said("stolen"));
    stubs.push(away);
    const { endpoint } = await serving(
      ({ path }) =>
        path === "/elsewhere" ? said("here") : { json: {}, status: 307, headers: { location: "/elsewhere" } },
      { keyEnv: "TEST_KEY" },
    );
    expect(await endpoint.chat([hello()])).toMatchObject([{ text: "here" }]);
    const hostile = await serving(() => ({ json: {}, status: 307, headers: { location: `${away.url}/x` } }), {
      keyEnv: "TEST_KEY",
    });
    await expect(hostile.endpoint.chat([hello()])).rejects.toThrow(/a redirect to http:\/\/127/);
    expect(away.seen).toEqual([]);
  });

  it("stops when asked to, also in the middle of an answer", async () => {
    const { endpoint } = await serving(() => "hang", { timeoutMs: 60_000 });
    const controller = new AbortController();
    const asked = endpoint.chat([hello()], { signal: controller.signal });
    setTimeout(() => controller.abort(), 30);
    await expect(asked).rejects.toThrow(CancelledError);
  });

  it("reports its progress", async () => {
    const { endpoint } = await serving(() => said("hi"), { concurrency: 1 });
    const steps: number[] = [];
    await endpoint.chat([hello("a"), hello("b")], { onProgress: ({ step }) => steps.push(step) });
    expect(steps).toEqual([0, 1, 2]);
  });
});

describe("the answers on disk", () => {
  const cached = (name: string) => ({ cacheDir: join(folder, name), keyEnv: "TEST_KEY" });
  const files = (name: string) =>
    readdirSync(join(folder, name), { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".json"));

  it("are not asked for again, cost nothing again, and hold no key", async () => {
    const { stub, endpoint } = await serving(() => said("you sent sk-secret-123"), cached("kept"));
    const first = await endpoint.chat([hello()]);
    const [again] = await endpoint.chat([hello()]);
    expect(again).toEqual({ ...first[0], cached: true });
    expect(stub.seen.length).toBe(1);
    expect(endpoint.usage()).toMatchObject({ answers: 2, cached: 1, promptTokens: 10 });
    const [file = ""] = files("kept");
    expect(readFileSync(join(folder, "kept", file), "utf8")).not.toContain("secret");
  });

  it("tell apart all that the answer depends on", async () => {
    const { stub, endpoint } = await serving(() => said("x"), cached("apart"));
    const requests = [
      hello(),
      hello("other"),
      hello("hello", { sample: 1 }),
      hello("hello", { temperature: 1 }),
      hello("hello", { maxTokens: 9 }),
      hello("hello", { topLogprobs: 0 }),
    ];
    await endpoint.chat(requests);
    await endpoint.chat(requests);
    expect(stub.seen.length).toBe(requests.length);
  });

  it("are asked for again where a file is damaged; gaps are never kept", async () => {
    const { stub, endpoint } = await serving(
      ({ index }) => (index === 0 ? { text: "rubbish" } : said(`answer ${index}`)),
      { ...cached("damaged"), retries: 0 },
    );
    expect(await endpoint.chat([hello()])).toMatchObject([{ kind: "gap" }]);
    expect(await endpoint.chat([hello()])).toMatchObject([{ text: "answer 1" }]);
    const [file = ""] = files("damaged");
    for (const damage of ["", '{"schemaVersion":1', '{"schemaVersion":2}']) {
      writeFileSync(join(folder, "damaged", file), damage);
      expect(await endpoint.chat([hello()])).toMatchObject([{ kind: "answer", cached: false }]);
    }
    expect(stub.seen.length).toBe(5);
  });
});

describe("reading bodies", () => {
  it("takes log-probabilities of chats and of echoed completions", () => {
    const content = [{ token: "A", logprob: -0.1, top_logprobs: [{ token: "B", logprob: -9999 }] }];
    const chat = readChat({ choices: [{ message: { content: "A" }, logprobs: { content } }] });
    expect(chat?.answer.tokens).toEqual([{ token: "A", logprob: -0.1, top: content[0]?.top_logprobs, offset: null }]);
    const logprobs = {
      tokens: ["a", "b"],
      token_logprobs: [null, -2],
      top_logprobs: [null, { c: -1 }],
      text_offset: [0, 1],
    };
    const completion = readCompletion({ choices: [{ text: "ab", logprobs }] });
    expect(completion?.answer.tokens).toEqual([
      { token: "a", logprob: null, top: [], offset: 0 },
      { token: "b", logprob: -2, top: [{ token: "c", logprob: -1 }], offset: 1 },
    ]);
    expect(readCompletion({ choices: [{ text: "ab", logprobs: { ...logprobs, text_offset: [0] } }] })).toBeNull();
    expect(readChat({ choices: [{ message: {}, logprobs: { content: [{ token: "A", logprob: 0.5 }] } }] })).toBeNull();
  });

  it("keeps the thinking apart, wherever a server puts it", () => {
    const of = (message: unknown) => readChat({ choices: [{ message }] })?.answer;
    expect(of({ content: "B", reasoning_content: "hm" })).toMatchObject({ text: "B", reasoning: "hm" });
    expect(of({ content: "B", reasoning: "hm" })).toMatchObject({ text: "B", reasoning: "hm" });
    expect(of({ content: "<think>\nhm\n</think>\n\nB" })).toMatchObject({ text: "B", reasoning: "hm" });
    expect(splitThinking("hm</think>B")).toEqual({ text: "B", reasoning: "hm" });
    expect(splitThinking("<think> never ends")).toEqual({ text: "", reasoning: "never ends" });
    expect(splitThinking("no thinking")).toEqual({ text: "no thinking", reasoning: null });
  });

  it("never throws, whatever comes", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (body) => {
        for (const read of [readChat, readCompletion]) expect(read(body)?.answer.kind ?? "answer").toBe("answer");
      }),
    );
    fc.assert(fc.property(fc.string(), (text) => splitThinking(text).text.length <= text.length));
  });
});

describe("waiting", () => {
  const headers = (entries: Record<string, string>) => new Headers(entries);

  it("reads retry-after in all its forms, and nothing else", () => {
    const now = Date.parse("2026-01-01T00:00:00Z");
    expect(askedWaitMs(headers({ "retry-after": "Thu, 01 Jan 2026 00:00:05 GMT" }), now)).toBe(5000);
    expect(askedWaitMs(headers({ "retry-after": "Wed, 31 Dec 2025 00:00:00 GMT" }), now)).toBe(0);
    expect(askedWaitMs(headers({ "retry-after": "0.5" }), now)).toBe(500);
    for (const text of ["-3", "soon", "", "NaN", "2026"]) {
      const wait = askedWaitMs(headers({ "retry-after": text }), now);
      expect([text, wait]).toEqual([text, text === "2026" ? 2_026_000 : null]);
    }
    expect(askedWaitMs(headers({}), now)).toBeNull();
  });

  it("doubles up to 8 s, and takes at most half off", () => {
    expect([0, 1, 2, 9].map((attempt) => backoffMs(attempt, 0))).toEqual([500, 1000, 2000, 8000]);
    expect(backoffMs(0, 0.999)).toBeGreaterThan(250);
    expect([400, 401, 404, 422, 200].map((status) => isTransient(status, headers({})))).not.toContain(true);
    expect([408, 409, 429, 500, 503].every((status) => isTransient(status, headers({})))).toBe(true);
  });

  it("lets so many pass in a minute, and nobody while closed", async () => {
    const clock = fakeClock();
    const turnstile = new Turnstile(clock, 60);
    for (let i = 0; i < 4; i++) await turnstile.pass(undefined);
    expect(clock.slept).toEqual([1000, 1000, 1000]);
    turnstile.close(30_000);
    await turnstile.pass(undefined);
    expect(clock.slept.reduce((a, b) => a + b)).toBe(33_000);
  });

  it("stops the lanes after the first failure", async () => {
    const done: number[] = [];
    const work = async (n: number) => {
      if (n === 3) throw new Error("three");
      done.push(n);
    };
    await expect(pooled([1, 2, 3, 4, 5, 6], 1, work)).rejects.toThrow("three");
    expect(done).toEqual([1, 2]);
  });
});

describe("keys and addresses", () => {
  it("refuses addresses with credentials, other protocols, and no address", () => {
    for (const url of ["ftp://x/v1", "https://user:pw@x/v1", "https://x/v1?key=1", "x", ""]) {
      expect(() => parsedUrl(url)).toThrow(UserError);
    }
    expect(() => parsedUrl("https://user:hunter2@x/v1")).toThrow(/^(?!.*hunter2)/);
  });

  it("sends no key in the clear to another machine, and misses an absent one", () => {
    const env = { KEY: "sk-1" };
    expect(() => bearerFrom("KEY", new URL("http://example.org/v1"), env)).toThrow(/https/);
    expect(bearerFrom("KEY", new URL("http://localhost:8000/v1"), env).headers).toEqual({
      authorization: "Bearer sk-1",
    });
    expect(() => bearerFrom("NONE", new URL("https://example.org"), env)).toThrow(/export NONE/);
    expect(() => bearerFrom("KEY", new URL("https://example.org"), { KEY: "a\nb: c" })).toThrow(/no key/);
  });
});
