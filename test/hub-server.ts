/** A local server that speaks the hub's protocol, and a second one that plays its storage: redirects, Range, ETag, faults. */
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface HubFiles {
  readonly id: string;
  readonly commit: string;
  readonly files: Readonly<Record<string, Buffer>>;
  /** Names of files that lie in the storage, under their sha256. */
  readonly large: readonly string[];
}

export interface Faults {
  /** The storage breaks the connection after so many bytes, this many times. */
  breakAfter?: number;
  breaks?: number;
  /** The storage answers a Range with the whole. */
  ignoreRange?: boolean;
  /** The storage sends other bytes. */
  corrupt?: boolean;
  /** Answers of the hub before the first good one. */
  statuses?: number[];
  /** Needed to read anything. */
  token?: string;
  /** What `/api/models` answers in place of the truth. */
  answer?: unknown;
}

export interface LocalHub {
  readonly endpoint: string;
  readonly faults: Faults;
  /** What was asked, in order: server, method, path, range, authorization. */
  readonly log: { server: "hub" | "storage"; method: string; path: string; range?: string; authorization?: string }[];
  close(): Promise<void>;
}

/** What a client has not read when the connection breaks is lost: time for it to read, on a busy machine too. */
const UNTIL_READ_MS = 200;

const sha256 = (data: Buffer) => createHash("sha256").update(data).digest("hex");
const gitSha1 = (data: Buffer) => createHash("sha1").update(`blob ${data.length}\0`).update(data).digest("hex");

export async function startHub({ id, commit, files, large }: HubFiles): Promise<LocalHub> {
  const faults: Faults = {};
  const log: LocalHub["log"] = [];
  const note = (server: "hub" | "storage", { method = "", url = "", headers }: IncomingMessage) =>
    log.push({
      server,
      method,
      path: url,
      ...(headers.range ? { range: headers.range } : {}),
      ...(headers.authorization ? { authorization: headers.authorization } : {}),
    });
  const storage = createServer((request, response) => {
    note("storage", request);
    const data = files[decodeURIComponent(request.url?.slice(1) ?? "")];
    if (!data) return void response.writeHead(404).end();
    sendRange(request, response, faults.corrupt ? Buffer.alloc(data.length, 7) : data, faults);
  });
  const storageAt = await listen(storage);
  const hub = createServer((request, response) => {
    note("hub", request);
    const status = faults.statuses?.shift();
    if (status !== undefined) return void response.writeHead(status, { "retry-after": "0" }).end();
    if (faults.token !== undefined && request.headers.authorization !== `Bearer ${faults.token}`)
      return void response.writeHead(401, { "x-error-code": "GatedRepo" }).end();
    if (request.url?.startsWith(`/api/models/${id}/revision/`)) {
      const truth = { sha: commit, siblings: Object.keys(files).map((rfilename) => ({ rfilename })) };
      return void response.end(JSON.stringify("answer" in faults ? faults.answer : truth));
    }
    const name = decodeURIComponent(request.url?.slice(`/${id}/resolve/${commit}/`.length) ?? "");
    const data = request.url?.startsWith(`/${id}/resolve/${commit}/`) ? files[name] : undefined;
    if (!data) return void response.writeHead(404, { "x-error-code": "EntryNotFound" }).end();
    if (large.includes(name)) {
      const headers = { "x-linked-etag": `"${sha256(data)}"`, "x-linked-size": data.length, "x-repo-commit": commit };
      return void response.writeHead(302, { ...headers, location: `${storageAt}/${encodeURIComponent(name)}` }).end();
    }
    response.setHeader("etag", `"${gitSha1(data)}"`);
    if (request.method === "HEAD") return void response.writeHead(200, { "content-length": data.length }).end();
    response.end(data);
  });
  return {
    endpoint: await listen(hub),
    faults,
    log,
    close: async () => void (await Promise.all([hub, storage].map(end))),
  };
}

function sendRange({ headers }: IncomingMessage, response: ServerResponse, data: Buffer, faults: Faults): void {
  const from = faults.ignoreRange ? 0 : Number(/^bytes=(\d+)-$/.exec(headers.range ?? "")?.[1] ?? 0);
  if (from >= data.length && from > 0) return void response.writeHead(416).end();
  const partial = from > 0;
  response.writeHead(partial ? 206 : 200, {
    "content-length": data.length - from,
    ...(partial ? { "content-range": `bytes ${from}-${data.length - 1}/${data.length}` } : {}),
  });
  if (faults.breakAfter !== undefined && (faults.breaks ?? 0) > 0) {
    faults.breaks = (faults.breaks ?? 0) - 1;
    response.write(data.subarray(from, from + faults.breakAfter), () =>
      setTimeout(() => response.destroy(), UNTIL_READ_MS),
    );
    return;
  }
  response.end(data.subarray(from));
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function end(server: Server): Promise<unknown> {
  server.closeAllConnections();
  return new Promise((done) => server.close(done));
}
