/** Files by their contents: `blobs/<first two digits>/<sha256>`. A blob is there whole or not at all. */
import { createHash, randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { diskFault } from "../store/index.ts";

export interface Received {
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
}

export class Blobs {
  readonly #folder: string;
  readonly #incoming: string;

  constructor(folder: string) {
    this.#folder = join(folder, "blobs");
    this.#incoming = join(folder, "incoming");
  }

  /** Makes the folders, and removes what an ended process had begun. `alone`: nobody else uses them. */
  async open(alone: boolean): Promise<void> {
    await mkdir(this.#incoming, { recursive: true });
    await mkdir(this.#folder, { recursive: true });
    if (!alone) return;
    for (const name of await readdir(this.#incoming)) await rm(join(this.#incoming, name), { force: true });
  }

  path(sha256: string): string {
    if (!/^[0-9a-f]{64}$/.test(sha256)) throw new Error(`no sha256: ${sha256}`);
    return join(this.#folder, sha256.slice(0, 2), sha256);
  }

  /** Writes a stream to a place of its own, flushed; whoever asked keeps it or discards it. */
  async receive(source: Readable): Promise<Received> {
    const path = join(this.#incoming, randomUUID());
    const file = await open(path, "wx", 0o600);
    const hash = createHash("sha256");
    let bytes = 0;
    try {
      for await (const chunk of source as AsyncIterable<Buffer>) {
        hash.update(chunk);
        bytes += chunk.length;
        await file.writeFile(chunk);
      }
      await file.sync();
    } catch (error) {
      await file.close();
      await rm(path, { force: true });
      throw diskFault(error, "the data folder", bytes);
    }
    await file.close();
    return { path, sha256: hash.digest("hex"), bytes };
  }

  async keep({ path, sha256 }: Pick<Received, "path" | "sha256">): Promise<void> {
    const final = this.path(sha256);
    await mkdir(join(this.#folder, sha256.slice(0, 2)), { recursive: true });
    await rename(path, final);
  }

  async discard({ path }: Pick<Received, "path">): Promise<void> {
    await rm(path, { force: true });
  }

  async remove(sha256: string): Promise<void> {
    await rm(this.path(sha256), { force: true });
  }

  read(sha256: string): Readable {
    return createReadStream(this.path(sha256));
  }
}
