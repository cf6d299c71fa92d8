/**
 * Requests that may be sent twice and count once. The answer is written in the transaction of the effect, so that
 * there is never one without the other.
 */
import { z } from "zod";
import { type Database, firstOf } from "./database.ts";

const Kept = z.object({ request_sha256: z.string(), status: z.number(), body: z.record(z.string(), z.unknown()) });

export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Repeatable {
  readonly projectId: string;
  readonly key: string;
  /** Of all that the request asks for. */
  readonly requestSha256: string;
}

/** The same key came with another request. */
export class KeyReusedError extends Error {
  override readonly name = "KeyReusedError";
}

/** The answer that the key has got before, or that of `work`. */
export function answerOnce(
  db: Database,
  { projectId, key, requestSha256 }: Repeatable,
  work: (tx: Database) => Promise<Answer>,
): Promise<Answer & { readonly repeated: boolean }> {
  return db.transaction(async (tx) => {
    // A second request with the key waits here until the first one's transaction ends.
    const take = `insert into idempotency (project_id, key, request_sha256, status, body)
      values ($1, $2, $3, 0, '{}'::jsonb) on conflict (project_id, key) do nothing`;
    if ((await tx.run(take, [projectId, key, requestSha256])) === 0) {
      const sql = "select * from idempotency where project_id = $1 and key = $2";
      const kept = firstOf(await tx.query(Kept, sql, [projectId, key]));
      if (kept?.request_sha256 !== requestSha256) throw new KeyReusedError(`idempotency key ${key}`);
      return { status: kept.status, body: kept.body, repeated: true };
    }
    const answer = await work(tx);
    const sql = "update idempotency set status = $3, body = $4::jsonb where project_id = $1 and key = $2";
    await tx.run(sql, [projectId, key, answer.status, JSON.stringify(answer.body)]);
    return { ...answer, repeated: false };
  });
}

/** Keys are remembered for a day. */
export function forgetOldKeys(db: Database): Promise<number> {
  return db.run("delete from idempotency where created_at < now() - interval '1 day'");
}
