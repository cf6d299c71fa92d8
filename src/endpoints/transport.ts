/** One attempt over HTTP: a time limit, a size limit, no redirect to another origin. */
import { UserError } from "../core/index.ts";

export interface Attempt {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export type Failure = "timeout" | "unreachable" | "unreadable";

const LARGEST_BODY = 64 * 1024 * 1024;
const MOST_REDIRECTS = 3;

/** Posts JSON; gives the answer's status and text, or how it failed. Throws where `signal` asks to stop. */
export async function post(
  url: URL,
  body: string,
  options: {
    readonly headers: Readonly<Record<string, string>>;
    readonly timeoutMs: number;
    readonly signal: AbortSignal | undefined;
  },
): Promise<Attempt | Failure> {
  const timeout = AbortSignal.timeout(options.timeoutMs);
  const signal = options.signal ? AbortSignal.any([options.signal, timeout]) : timeout;
  const headers = { "content-type": "application/json", accept: "application/json", ...options.headers };
  try {
    const response = await follow(url, { method: "POST", body, headers, signal });
    const text = await limitedText(response);
    return text === null ? "unreadable" : { status: response.status, headers: response.headers, text };
  } catch (error) {
    if (error instanceof UserError || options.signal?.aborted) throw error;
    return timeout.aborted ? "timeout" : "unreachable";
  }
}

/** A redirect may move the path; prompts and key never go to another origin. */
async function follow(url: URL, request: RequestInit): Promise<Response> {
  let at = url;
  for (let hops = 0; hops <= MOST_REDIRECTS; hops++) {
    const response = await fetch(at, { ...request, redirect: "manual" });
    const location = response.headers.get("location");
    if (response.status < 300 || response.status > 399 || location === null) return response;
    await response.body?.cancel();
    const next = URL.canParse(location, at.href) ? new URL(location, at.href) : null;
    if (next?.origin !== url.origin || ![307, 308].includes(response.status)) throw movedAway(url, next);
    at = next;
  }
  throw movedAway(url, at);
}

function movedAway(url: URL, to: URL | null): UserError {
  return new UserError(`endpoint ${url.origin}`, {
    expected: "an answer from this address",
    got: `a redirect to ${to?.origin ?? "somewhere unreadable"}`,
    fix: "give the final address yourself if you trust it",
  });
}

/** The body as UTF-8; null where it is too large or no UTF-8. */
async function limitedText(response: Response): Promise<string | null> {
  if (response.body === null) return "";
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of response.body as unknown as AsyncIterable<Uint8Array>) {
    size += piece.byteLength;
    if (size > LARGEST_BODY) return null;
    pieces.push(piece);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(pieces));
  } catch {
    return null;
  }
}
