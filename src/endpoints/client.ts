/**
 * A client of any OpenAI-compatible endpoint. A request ends in an answer or in a gap that says why; only what the user
 * must mend (a wrong key, a model that is not there, nothing but failures) throws.
 */
import { CancelledError, parsedJson, rng, UserError } from "../core/index.ts";
import { hashJson } from "../store/index.ts";
import { type AnswersCache, answersCache, noCache } from "./answers-cache.ts";
import { bearerFrom, type Key, parsedUrl } from "./key.ts";
import { Meter } from "./meter.ts";
import { askedWaitMs, backoffMs, isTransient, LONGEST_WAIT_MS } from "./retry.ts";
import type { ChatRequest, CompletionRequest, Endpoint, EndpointOptions, Gap, Reply, SpeakOptions } from "./speaker.ts";
import { type Body, Tolerance } from "./tolerance.ts";
import { type Attempt, type Failure, post } from "./transport.ts";
import { type Clock, pooled, Turnstile, wallClock } from "./turnstile.ts";
import { errorMessage, type Read, readChat, readCompletion } from "./wire.ts";

/** After so many gaps without one answer between them nothing more is asked: the endpoint is down. */
const HOPELESS = 12;

/** What a call is made of besides its body. */
interface Route {
  readonly url: URL;
  readonly read: (body: unknown) => Read | null;
}

/** `clock` and `env` are the real ones unless told. */
export function openEndpoint(
  options: EndpointOptions,
  { clock = wallClock, env = process.env }: { readonly clock?: Clock; readonly env?: NodeJS.ProcessEnv } = {},
): Endpoint {
  const url = parsedUrl(options.url);
  const client = new Client(url, options, bearerFrom(options.keyEnv ?? null, url, env), clock);
  const { model } = options;
  return {
    name: `${model} at ${url.host}`,
    identity: { model, where: url.href },
    usage: () => client.meter.usage(),
    chat: (requests, speak) => client.ask("chat/completions", readChat, requests.map(chatBody(model)), speak),
    complete: (requests, speak) =>
      client.ask("completions", readCompletion, requests.map(completionBody(model)), speak),
  };
}

const chatBody = (model: string) => (request: ChatRequest) => ({
  model,
  messages: request.messages,
  max_tokens: request.maxTokens,
  temperature: request.temperature,
  seed: request.sample,
  ...(request.topLogprobs === undefined ? {} : { logprobs: true, top_logprobs: request.topLogprobs }),
});

const completionBody = (model: string) => (request: CompletionRequest) => ({
  model,
  prompt: request.prompt,
  max_tokens: request.maxTokens,
  temperature: request.temperature,
  seed: request.sample,
  echo: request.echo,
  ...(request.topLogprobs === undefined ? {} : { logprobs: request.topLogprobs }),
});

class Client {
  readonly meter: Meter;
  readonly #base: URL;
  readonly #options: EndpointOptions;
  readonly #key: Key;
  readonly #clock: Clock;
  readonly #turnstile: Turnstile;
  readonly #cache: AnswersCache;
  readonly #tolerance = new Tolerance();
  #gapsInARow = 0;

  constructor(base: URL, options: EndpointOptions, key: Key, clock: Clock) {
    this.#base = base;
    this.#options = options;
    this.#key = key;
    this.#clock = clock;
    this.#turnstile = new Turnstile(clock, options.requestsPerMinute);
    this.#cache = options.cacheDir ? answersCache(options.cacheDir) : noCache;
    this.meter = new Meter(options.price ?? null, () => this.#tolerance.adapted());
  }

  async ask(path: string, read: Route["read"], bodies: readonly Body[], speak: SpeakOptions = {}): Promise<Reply[]> {
    const { task = `ask ${this.#options.model}`, onProgress, signal } = speak;
    const route = { url: new URL(`${this.#base.href.replace(/\/$/, "")}/${path}`), read };
    let done = 0;
    onProgress?.({ task, step: 0, total: bodies.length });
    return pooled(bodies, this.#options.concurrency ?? 4, async (body) => {
      if (signal?.aborted) throw new CancelledError(task);
      const reply = await this.#reply(route, body, signal).catch((error: unknown) => {
        throw signal?.aborted ? new CancelledError(task) : error;
      });
      onProgress?.({ task, step: ++done, total: bodies.length });
      return reply;
    });
  }

  /** From the disk, else from the server. */
  async #reply(route: Route, body: Body, signal: AbortSignal | undefined): Promise<Reply> {
    const kept = await this.#cache.get(route.url, body);
    const before = kept === null ? null : route.read(parsedJson(kept));
    if (before) return this.meter.answered(before, true);
    const found = await this.#attempts(route, body, signal);
    if ("kind" in found) return this.#missed(found);
    this.#gapsInARow = 0;
    await this.#cache.put(route.url, body, found.text);
    return this.meter.answered(found.read, false);
  }

  async #attempts(
    route: Route,
    body: Body,
    signal: AbortSignal | undefined,
  ): Promise<Gap | { readonly read: Read; readonly text: string }> {
    const retries = this.#options.retries ?? 5;
    const draws = rng(hashJson(body), "backoff");
    for (let attempt = 0; ; attempt++) {
      await this.#turnstile.pass(signal);
      const sent = this.#tolerance.adapt(body);
      const got = await this.#post(route.url, sent, signal);
      const read = typeof got !== "string" && got.status === 200 ? route.read(parsedJson(got.text)) : null;
      if (read && typeof got !== "string") return { read, text: got.text };
      if (typeof got !== "string" && this.#tolerance.learns(sent, got.status, errorMessage(got.text))) continue;
      const gap = this.#gapOf(got);
      const waitMs = waitOf(got, attempt, draws.next(), this.#clock.now());
      if (waitMs === null || attempt >= retries) return gap;
      this.meter.retried();
      if (gap.why === "rate-limited") this.#turnstile.close(waitMs);
      await this.#clock.sleep(waitMs, signal);
    }
  }

  /** What comes back is freed of the key before anybody reads it. */
  async #post(url: URL, body: Body, signal: AbortSignal | undefined): Promise<Attempt | Failure> {
    const timeoutMs = this.#options.timeoutMs ?? 120_000;
    const got = await post(url, JSON.stringify(body), { headers: this.#key.headers, timeoutMs, signal });
    return typeof got === "string" ? got : { ...got, text: this.#key.scrub(got.text) };
  }

  /** Throws where the user must mend it. */
  #gapOf(got: Attempt | Failure): Gap {
    if (typeof got === "string") return { kind: "gap", why: got, detail: DETAIL[got] };
    const said = errorMessage(got.text);
    const { status } = got;
    // Where others were answered, 403 is a filter's word about this one prompt.
    const closed = status === 403 && this.meter.usage().answers === 0;
    if (closed || status === 401 || status === 404) throw this.#mistake(status, said);
    if (status === 200) return { kind: "gap", why: "unreadable", detail: `no completion: ${said}` };
    const why = status === 429 ? "rate-limited" : status >= 500 ? "server-error" : "rejected";
    return { kind: "gap", why, detail: `status ${status}: ${said}` };
  }

  #mistake(status: number, said: string): UserError {
    const missing = status === 404;
    return new UserError(`endpoint ${this.#base.href}`, {
      expected: missing ? `the model ${this.#options.model}` : "access",
      got: `status ${status}: ${said}`,
      fix: missing
        ? "check address (it ends in /v1 for most servers) and model"
        : "name the environment variable with the key",
    });
  }

  #missed(gap: Gap): Gap {
    this.meter.missed();
    // A rejection is an answer of a kind: the server is there.
    this.#gapsInARow = gap.why === "rejected" ? 0 : this.#gapsInARow + 1;
    if (this.#gapsInARow < HOPELESS) return gap;
    throw new UserError(`endpoint ${this.#base.href}`, {
      expected: "answers",
      got: `${HOPELESS} failures in a row, the last: ${gap.detail}`,
      fix: "see that the server runs and answers, then give the same command: what was answered is kept",
    });
  }
}

const DETAIL: Readonly<Record<Failure, string>> = {
  timeout: "no answer in time",
  unreachable: "no connection",
  unreadable: "an answer that is too large or no text",
};

/** Null: asking again would not help. */
function waitOf(got: Attempt | Failure, attempt: number, draw: number, nowMs: number): number | null {
  const backoff = backoffMs(attempt, draw);
  if (typeof got === "string") return backoff;
  if (got.status === 200) return backoff;
  if (!isTransient(got.status, got.headers)) return null;
  const asked = askedWaitMs(got.headers, nowMs);
  if (asked === null) return backoff;
  return asked > LONGEST_WAIT_MS ? null : asked;
}
