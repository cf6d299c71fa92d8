import fc from "fast-check";
import { Hono } from "hono";
import { expect, it } from "vitest";
import { isOdd, plainText, shortBody } from "./body.ts";
import { asApiError } from "./errors.ts";

const app = new Hono();
app.onError((error, c) => c.json(null, asApiError(error).error.status));
app.use(shortBody(1000), plainText());
app.post("/:name?", async (c) => c.json(await c.req.json()));

const send = (body: string, headers: Record<string, string> = {}) =>
  app.request("/", { method: "POST", body, headers: { "content-type": "application/json", ...headers } });

it("lets text through as it is, and refuses what no database keeps, wherever it stands", async () => {
  const odd = fc.string({
    unit: fc.constantFrom("a", "\\", "u", "0000", "\0", "\ud800", "\udc00", "🙂"),
    maxLength: 8,
  });
  await fc.assert(
    fc.asyncProperty(odd, odd, async (key, value) => {
      const body = JSON.stringify({ list: [{ [`k${key}`]: value }] });
      const { status } = await send(body);
      expect(status, body).toBe(isOdd(key) || isOdd(value) ? 400 : 200);
    }),
  );
  expect((await app.request("/a%00b", { method: "POST", body: "{}" })).status).toBe(400);
});

it("what is odd is what is not well-formed, by the language's own measure", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.nat(0xffff), (text, code) => {
      const given = text + String.fromCharCode(code);
      // Encoding and decoding loses exactly the lone halves.
      const wellFormed = Buffer.from(given).toString() === given;
      expect(isOdd(given)).toBe(!wellFormed || given.includes("\0"));
    }),
  );
});

it("refuses bodies that are long, packed or of no known length", async () => {
  const statuses = [
    await send(JSON.stringify("x".repeat(2000)), { "content-length": "2002" }),
    await send("{}", { "content-encoding": "gzip" }),
    await send("{}", { "transfer-encoding": "chunked" }),
  ].map(({ status }) => status);
  expect(statuses).toEqual([413, 415, 411]);
});
