/** Bodies of requests other than uploads: short, of a length that is said beforehand, not packed, and text throughout. */
import type { MiddlewareHandler } from "hono";
import { ApiError, invalid } from "./errors.ts";

export function shortBody(mostBytes: number): MiddlewareHandler {
  return async (c, next) => {
    const header = (name: string) => c.req.header(name);
    if (header("transfer-encoding") !== undefined)
      throw new ApiError({ status: 411, code: "length_required", message: "Send the body with its Content-Length" });
    if ((header("content-encoding") ?? "identity") !== "identity")
      throw new ApiError({ status: 415, code: "unsupported_encoding", message: "Send the body as it is, not packed" });
    if (Number(header("content-length") ?? 0) > mostBytes)
      throw new ApiError({ status: 413, code: "body_too_large", message: `A body may have ${mostBytes} bytes` });
    await next();
  };
}

/** Refuses what no database keeps as text: the character U+0000, and halves of surrogate pairs. */
export function plainText(): MiddlewareHandler {
  return async (c, next) => {
    if (/%00/.test(c.req.url)) throw notPlain();
    // The body is kept by hono: whoever parses it next reads it from there.
    if (/^application\/json/i.test(c.req.header("content-type") ?? "")) refuseOddText(await c.req.text());
    await next();
  };
}

/** Only an escape can bring either into JSON text. */
function refuseOddText(json: string): void {
  if (!/\\u(0000|d[89a-f])/i.test(json)) return;
  let odd = false;
  try {
    JSON.parse(json, (key, value: unknown) => {
      odd ||= isOdd(key) || (typeof value === "string" && isOdd(value));
      return value;
    });
  } catch {
    // No JSON, or nested beyond all sense: whoever reads it for good says so.
    return;
  }
  if (odd) throw notPlain();
}

export function isOdd(text: string): boolean {
  return text.includes("\0") || /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(text);
}

const notPlain = () => invalid("Text may hold neither U+0000 nor half of a surrogate pair", null, "invalid_text");
