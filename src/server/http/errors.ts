/** What clients are told where something is not as it should be, in the form that the common API's clients read. */
import { HTTPException } from "hono/http-exception";
import { UserError } from "../../core/index.ts";
import { KeyReusedError, UnknownCursorError } from "../state/index.ts";
import type { ErrorBody } from "./schemas/common.ts";

type Status = 400 | 401 | 403 | 404 | 408 | 409 | 411 | 413 | 415 | 422 | 429 | 431 | 500 | 503;

interface Details {
  readonly status: Status;
  readonly code: string | null;
  readonly message: string;
  readonly param?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
}

export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: Status;
  readonly code: string | null;
  readonly param: string | null;
  readonly headers: Readonly<Record<string, string>>;

  constructor({ status, code, message, param = null, headers = {} }: Details) {
    super(message);
    Object.assign(this, { status, code, param, headers });
    this.status = status;
    this.code = code;
    this.param = param;
    this.headers = headers;
  }

  get body(): ErrorBody {
    const { message, param, code } = this;
    return { error: { message, type: typeOf(this.status), param, code } };
  }
}

function typeOf(status: Status): string {
  if (status === 401) return "authentication_error";
  if (status === 403) return "permission_error";
  if (status === 429) return "rate_limit_error";
  return status >= 500 ? "server_error" : "invalid_request_error";
}

export const invalid = (message: string, param: string | null = null, code: string | null = null) =>
  new ApiError({ status: 400, code, message, param });

export const notFound = (what: string, id: string, code: string, param: string | null = "id") =>
  new ApiError({ status: 404, code, message: `No such ${what}: ${id.slice(0, 100)}`, param });

export const tooMany = (message: string, code: string, waitMs: number) =>
  new ApiError({
    status: 429,
    code,
    message,
    headers: {
      "retry-after": String(Math.max(1, Math.ceil(waitMs / 1000))),
      "retry-after-ms": String(Math.ceil(waitMs)),
    },
  });

/** A quota: waiting a second would not help, and clients must not try. */
export const overQuota = (message: string, code: string) =>
  new ApiError({ status: 429, code, message, headers: { "x-should-retry": "false" } });

/** What an error that was thrown becomes; `secret` says that its own words must stay here. */
export function asApiError(error: unknown): { readonly error: ApiError; readonly secret: boolean } {
  if (error instanceof ApiError) return { error, secret: false };
  if (error instanceof KeyReusedError) {
    const message = "The idempotency key was used before with another request";
    return { error: invalid(message, "Idempotency-Key", "idempotency_key_reused"), secret: false };
  }
  if (error instanceof UnknownCursorError) {
    const message = `after: nothing in this list has or had the id ${error.after.slice(0, 100)}`;
    return { error: invalid(message, "after", "unknown_cursor"), secret: false };
  }
  if (error instanceof UserError) {
    // The subject may be a path of this machine.
    const { expected, got, fix } = error.fault;
    return { error: invalid(`expected ${expected}, got ${got}; fix: ${fix}`), secret: false };
  }
  if (error instanceof HTTPException && error.status < 500) {
    const status = error.status as Status;
    return {
      error: new ApiError({ status, code: null, message: error.message || "The request is not valid" }),
      secret: false,
    };
  }
  const message = "The server had an error while processing the request";
  return { error: new ApiError({ status: 500, code: "server_error", message }), secret: true };
}
