/** `penumbra trace --serve`: the page and the files of a graph over HTTP, to this machine alone and for reading alone. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { UserError } from "../core/index.ts";

export interface GraphServer {
  readonly address: string;
  close(): Promise<void>;
}

const LOCAL = "127.0.0.1";
const types: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  json: "application/json; charset=utf-8",
};

/** `files`: contents by name; `graph.html` stands at the root too. Port 0: any that is free. */
export async function serveGraph(files: Readonly<Record<string, string>>, port: number): Promise<GraphServer> {
  const contents = new Map(Object.entries(files).map(([name, content]) => [`/${name}`, content]));
  contents.set("/", files["graph.html"] ?? "");
  const server = createServer((request, response) => answer(request, response, contents));
  await new Promise<void>((listening, failed) => {
    server.once("error", (error: NodeJS.ErrnoException) => failed(error.code === "EADDRINUSE" ? inUse(port) : error));
    server.listen(port, LOCAL, listening);
  });
  const { port: taken } = server.address() as AddressInfo;
  return {
    address: `http://${LOCAL}:${taken}/`,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

function answer(request: IncomingMessage, response: ServerResponse, contents: ReadonlyMap<string, string>): void {
  // Compared as it was sent: of a path like `//` no URL can be made.
  const [path = "/"] = (request.url ?? "/").split(/[?#]/);
  const content = contents.get(path);
  // A page of elsewhere that has its name resolve to this machine asks under that name.
  const isLocal = /^(127\.0\.0\.1|localhost)(:\d+)?$/.test(request.headers.host ?? "");
  const isRead = request.method === "GET" || request.method === "HEAD";
  const status = !isLocal ? 403 : !isRead ? 405 : content === undefined ? 404 : 200;
  response.writeHead(status, {
    "content-type": status === 200 ? (types[path.split(".").at(-1) ?? ""] ?? types.html) : "text/plain",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
  });
  response.end(status === 200 && request.method === "GET" ? content : undefined);
}

function inUse(port: number): UserError {
  return new UserError(`--port ${port}`, {
    expected: "a port that is free",
    got: "one in use",
    fix: "name another, or 0 for any",
  });
}
