/** Who asks, and whether they may ask again already. */
import { getConnInfo } from "@hono/node-server/conninfo";
import type { Context, MiddlewareHandler } from "hono";
import { keyOfSecret, noteUse } from "../state/index.ts";
import type { Env, Services } from "./context.ts";
import { ApiError, tooMany } from "./errors.ts";
import { Rate } from "./rate.ts";

export function authenticated({ db, settings }: Services): MiddlewareHandler<Env> {
  const requests = new Rate(settings.limits.requestsPerMinute);
  const wrongKeys = new Rate(settings.limits.wrongKeysPerMinute);
  const noted = new Map<string, number>();
  return async (c, next) => {
    const secret = /^Bearer ([\x21-\x7e]{1,200})$/i.exec(c.req.header("authorization") ?? "")?.[1];
    const key = secret === undefined ? null : await keyOfSecret(db, secret);
    // The key first: behind a proxy all clients have one address, and another's wrong keys must not lock out a right one.
    if (!key) {
      const { allowed, waitMs } = wrongKeys.take(addressOf(c));
      if (!allowed) throw tooMany("Too many wrong keys from this address", "too_many_wrong_keys", waitMs);
      throw wrongKey(secret === undefined);
    }
    limitRate(c, requests, key.id);
    c.set("key", key);
    // Once a minute is enough to tell which keys are in use, and spares a write at each request.
    if (performance.now() - (noted.get(key.id) ?? -Infinity) > 60_000) {
      noted.set(key.id, performance.now());
      await noteUse(db, key.id);
    }
    await next();
  };
}

function limitRate(c: Context<Env>, requests: Rate, keyId: string): void {
  const { allowed, remaining, waitMs } = requests.take(keyId);
  c.header("x-ratelimit-limit-requests", String(requests.perMinute));
  c.header("x-ratelimit-remaining-requests", String(remaining));
  c.header("x-ratelimit-reset-requests", `${((requests.perMinute - remaining) * 60) / requests.perMinute}s`);
  if (!allowed) throw tooMany(`More than ${requests.perMinute} requests a minute`, "rate_limit_exceeded", waitMs);
}

function wrongKey(missing: boolean): ApiError {
  const message = missing
    ? "No API key: send it as `Authorization: Bearer KEY` (`penumbra keys create` makes one)"
    : "The API key is wrong or was revoked";
  return new ApiError({ status: 401, code: "invalid_api_key", message, headers: { "www-authenticate": "Bearer" } });
}

/** Without a connection (requests handed in by a test) all come from one place. */
function addressOf(c: Context): string {
  return c.env?.incoming ? (getConnInfo(c).remote.address ?? "unknown") : "unknown";
}
