/** Whatever a request's first line holds, it is answered, and the server goes on. */
import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type GraphServer, serveGraph } from "./graph-server.ts";

let server: GraphServer;
beforeAll(async () => {
  server = await serveGraph({ "graph.html": "the page", "graph.json": "{}" }, 0);
});
afterAll(() => server.close());

/** The first line and the body of the answer to a request for exactly `path`. */
async function answerTo(path: string): Promise<[status: number, body: string]> {
  const socket = connect(Number(new URL(server.address).port), "127.0.0.1");
  socket.end(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
  let said = "";
  socket.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  await once(socket, "close");
  const [head = "", body = ""] = said.split("\r\n\r\n");
  return [Number(head.split(" ")[1]), body];
}

it.each(["//", "///x", "//[", "http://[", "http://", "/%", "/%2e%2e/x", "*", "/graph.json/", "/../graph.json"])(
  "%s is not found",
  async (path) => {
    expect((await answerTo(path))[0]).toBe(404);
  },
);

it("gives each file under its name, whatever is asked beyond it", async () => {
  for (const path of ["/", "/?clickedId=1", "/graph.html", "/graph.html?a=//"])
    expect(await answerTo(path)).toEqual([200, expect.stringContaining("the page")]);
  expect(await answerTo("/graph.json")).toEqual([200, expect.stringContaining("{}")]);
});
