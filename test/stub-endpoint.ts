/** A local OpenAI-compatible server whose every answer is decided by the test: status, headers, body, delay, hang. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface StubRequest {
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever the client sent
  readonly body: any;
  /** How many came before it. */
  readonly index: number;
}

export type StubAnswer =
  | { readonly json: unknown; readonly status?: number; readonly headers?: Readonly<Record<string, string>> }
  | { readonly text: string; readonly status?: number; readonly headers?: Readonly<Record<string, string>> }
  /** Never answers, or breaks off in the middle. */
  | "hang"
  | "truncate"
  | "reset";

export interface Stub {
  readonly url: string;
  readonly seen: StubRequest[];
  /** Requests under way at once, at most so far. */
  mostAtOnce(): number;
  close(): Promise<void>;
}

export async function stubEndpoint(answer: (request: StubRequest) => StubAnswer | Promise<StubAnswer>): Promise<Stub> {
  const seen: StubRequest[] = [];
  let [now, most] = [0, 0];
  const server = createServer(async (incoming, outgoing) => {
    most = Math.max(most, ++now);
    outgoing.on("close", () => now--);
    const request = await received(incoming, seen.length);
    seen.push(request);
    send(outgoing, await answer(request));
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/v1`, seen, mostAtOnce: () => most, close: () => closed(server) };
}

async function received(incoming: IncomingMessage, index: number): Promise<StubRequest> {
  const pieces: Buffer[] = [];
  for await (const piece of incoming) pieces.push(piece);
  const text = Buffer.concat(pieces).toString("utf8");
  return { path: incoming.url ?? "", headers: incoming.headers, body: text === "" ? null : JSON.parse(text), index };
}

function send(outgoing: ServerResponse, answer: StubAnswer): void {
  if (answer === "hang") return;
  if (answer === "reset") {
    outgoing.destroy();
    return;
  }
  if (answer === "truncate") {
    outgoing.writeHead(200, { "content-type": "application/json", "content-length": "1000" });
    outgoing.write('{"choices":[{"mess', () => outgoing.destroy());
    return;
  }
  const body = "json" in answer ? JSON.stringify(answer.json) : answer.text;
  outgoing.writeHead(answer.status ?? 200, { "content-type": "application/json", ...answer.headers });
  outgoing.end(body);
}

async function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
}

/** A chat completion that says `content`. */
export function said(content: string | null, more: Readonly<Record<string, unknown>> = {}): StubAnswer {
  const { logprobs, finish_reason = "stop", refusal = null, reasoning_content, usage, ...rest } = more;
  const message = { role: "assistant", content, refusal, ...(reasoning_content ? { reasoning_content } : {}) };
  return {
    json: {
      id: "chatcmpl-1",
      object: "chat.completion",
      choices: [{ index: 0, message, finish_reason, logprobs: logprobs ?? null }],
      usage: usage ?? { prompt_tokens: 10, completion_tokens: 5 },
      ...rest,
    },
  };
}

/** What the user says last in a chat request. */
export function lastTurn(request: StubRequest): string {
  return String(request.body?.messages?.at(-1)?.content ?? "");
}
