import type { Context } from "hono";
import type { Env } from "./context.ts";
import { invalid } from "./errors.ts";

/** Null: the request may count as often as it comes. */
export function idempotencyKey(c: Context<Env>): string | null {
  const key = c.req.header("idempotency-key");
  if (key === undefined) return null;
  if (!/^[\x21-\x7e]{1,200}$/.test(key))
    throw invalid("An idempotency key has 1 to 200 printable letters", "Idempotency-Key");
  return key;
}
