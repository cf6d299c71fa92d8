/** Links that open one report for a while without a key: a browser's frame sends none. */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";

const VALID_MS = 10 * 60_000;

export class Links {
  /** Links die with the process. */
  readonly #secret = randomBytes(32);
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** `path` is below the server's address. */
  make(projectId: string, jobId: string): { readonly path: string; readonly expiresAt: Date } {
    const expires = this.#now() + VALID_MS;
    const said = `${projectId}.${jobId}.${expires}`;
    return { path: `/reports/${said}.${this.#sign(said)}`, expiresAt: new Date(expires) };
  }

  /** Null for a link that we did not make or that is past its time. */
  read(token: string): { readonly projectId: string; readonly jobId: string } | null {
    const [projectId = "", jobId = "", expires = "", signature = "", ...more] = token.split(".");
    if (more.length > 0) return null;
    const wanted = Buffer.from(this.#sign(`${projectId}.${jobId}.${expires}`));
    const given = Buffer.from(signature);
    if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return null;
    return Number(expires) > this.#now() ? { projectId, jobId } : null;
  }

  #sign(said: string): string {
    return createHmac("sha256", this.#secret).update(said).digest("hex");
  }
}
