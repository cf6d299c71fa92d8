/** Bodies of requests other than uploads: short, of a length that is said beforehand, and not packed. */
import type { MiddlewareHandler } from "hono";
import { ApiError } from "./errors.ts";

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
