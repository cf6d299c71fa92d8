/**
 * What the Hugging Face hub says over HTTP. Redirects are followed by hand: a token goes to the hub alone, never to the
 * storage that it sends us to.
 */
import { setTimeout as pause } from "node:timers/promises";
import { CancelledError, UserError } from "../../core/index.ts";

export interface HubClient {
  /** Without a slash at its end. */
  readonly endpoint: string;
  /** Null: as nobody. */
  readonly token: string | null;
  readonly signal?: AbortSignal;
  /** Before the second attempt; doubled for each further one. Default 500. */
  readonly firstPauseMs?: number;
}

const MOST_REDIRECTS = 5;
const ATTEMPTS = 5;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 10_000;

/** Ends in UserErrors where trying again cannot help. */
export interface HubRequest {
  readonly path: string;
  readonly method?: "GET" | "HEAD";
  readonly headers?: Readonly<Record<string, string>>;
  /** Hands back the hub's own answer, redirect or not. */
  readonly stay?: boolean;
}

/** One answer with a status below 400 (or 416, which answers a Range beyond the end). */
export async function ask(client: HubClient, request: HubRequest, subject: string): Promise<Response> {
  return persistently(client, async () => {
    const response = await follow(client, request);
    if (response.ok || response.status === 416 || (request.stay && isRedirect(response))) return response;
    await response.body?.cancel();
    throw refusal(client, response, subject);
  });
}

/** Runs `work` again after faults of the network or the server, with growing pauses. */
export async function persistently<T>(client: HubClient, work: (attempt: number) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work(attempt);
    } catch (error) {
      if (client.signal?.aborted) throw new CancelledError("the download");
      if (error instanceof UserError) throw error;
      if (attempt === ATTEMPTS) throw unreachable(client, error);
      const wait = error instanceof Busy ? error.pauseMs : 0;
      await pause(
        Math.min(Math.max(wait, (client.firstPauseMs ?? FIRST_PAUSE_MS) * 2 ** (attempt - 1)), LONGEST_PAUSE_MS),
      );
    }
  }
}

/** The server asks to come back later. */
class Busy extends Error {
  readonly pauseMs: number;
  constructor(response: Response) {
    super(`status ${response.status}`);
    this.pauseMs = 1000 * (Number(response.headers.get("retry-after")) || 0);
  }
}

const isRedirect = ({ status, headers }: Response) => status >= 300 && status < 400 && headers.has("location");

async function follow(client: HubClient, { path, method = "GET", headers = {}, stay }: HubRequest): Promise<Response> {
  const home = new URL(client.endpoint);
  let url = new URL(client.endpoint + path);
  for (let hops = 0; hops <= MOST_REDIRECTS; hops++) {
    const own = url.origin === home.origin;
    const authorization: Record<string, string> =
      own && client.token !== null ? { authorization: `Bearer ${client.token}` } : {};
    const response = await fetch(url, {
      method,
      redirect: "manual",
      headers: { ...headers, ...authorization, "accept-encoding": "identity", "user-agent": "penumbra" },
      ...(client.signal ? { signal: client.signal } : {}),
    });
    const next = new URL(response.headers.get("location") ?? "", url);
    // The hub's own redirects (a renamed repository) are followed in any case: what they lead to knows the file.
    if (!isRedirect(response) || (stay && next.origin !== home.origin)) return response;
    if (stay && own && response.headers.has("x-linked-etag")) return response;
    if (!/^https?:$/.test(next.protocol)) throw new UserError("the hub", badRedirect(next.protocol));
    await response.body?.cancel();
    url = next;
  }
  throw new UserError("the hub", badRedirect(`more than ${MOST_REDIRECTS} redirects`));
}

const badRedirect = (got: string) => ({ expected: "a redirect to storage", got, fix: "check HF_ENDPOINT" });

function refusal({ endpoint, token }: HubClient, response: Response, subject: string): Error {
  const { status } = response;
  if (status === 408 || status === 429 || status >= 500) return new Busy(response);
  const code = response.headers.get("x-error-code") ?? "";
  const signIn = "set HF_TOKEN to a token of your account (hub, settings, access tokens)";
  if (code === "GatedRepo" || status === 403) {
    const terms = `accept the model's terms at ${endpoint}/${subject}`;
    return new UserError(`model ${subject}`, {
      expected: "a model that you may read",
      got: `a gated one (status ${status})`,
      fix: token === null ? `${terms} and ${signIn}` : `${terms} with the account of your token`,
    });
  }
  const got = status === 401 ? "a refusal: there is no such model, or it is private" : `status ${status}`;
  return new UserError(`model ${subject}`, {
    expected: "a model that the hub has",
    got: code === "RevisionNotFound" ? "no such revision" : code === "EntryNotFound" ? "no such file" : got,
    fix: token === null ? `check the name, or ${signIn}` : "check the name, and what your token may read",
  });
}

function unreachable({ endpoint }: HubClient, error: unknown): UserError {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return new UserError(`hub ${endpoint}`, {
    expected: "an answer",
    got: `${cause instanceof Error ? cause.message : String(cause)} after ${ATTEMPTS} attempts`,
    fix: "try again later (what has arrived is kept), or check the network and HF_ENDPOINT",
  });
}
