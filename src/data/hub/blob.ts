import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../../core/index.ts";
import { diskFault } from "../../store/index.ts";
import { ask, type HubClient, persistently } from "./client.ts";

export interface RemoteFile {
  readonly name: string;
  readonly path: string;
  /** 64 hexadecimal digits: the content's sha256; 40: git's sha1 of it as a blob. */
  readonly etag: string;
  readonly size: number;
}

interface Download {
  readonly client: HubClient;
  readonly id: string;
  readonly file: RemoteFile;
  readonly blobs: string;
}

/**
 * Brings a file to `blobs/<etag>`; returns the bytes that were fetched. A connection that breaks is taken up where it
 * ended; content that is not what the etag says is thrown away.
 */
export async function download(request: Download, onBytes: (bytes: number) => void): Promise<number> {
  const { client, file, blobs } = request;
  const final = join(blobs, file.etag);
  if ((await sizeOf(final)) === file.size) return 0;
  const partial = `${final}.incomplete`;
  let fetched = 0;
  await persistently(client, async () => {
    if ((await sizeOf(partial)) > file.size) await rm(partial);
    if ((await sizeOf(partial)) < file.size || file.size === 0)
      await append(request, partial, (bytes, at) => {
        fetched += bytes;
        onBytes(at);
      });
    if ((await sizeOf(partial)) < file.size) throw new Error("the connection ended early");
  });
  await verify(request, partial);
  await rename(partial, final);
  return fetched;
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}

/** Fetches what `partial` lacks; where the connection breaks, what came is kept. `onBytes`: how many came, where it is. */
async function append(
  { client, id, file }: Download,
  partial: string,
  onBytes: (bytes: number, at: number) => void,
): Promise<void> {
  const from = await sizeOf(partial);
  const headers: Record<string, string> = from > 0 ? { range: `bytes=${from}-` } : {};
  const response = await ask(client, { path: file.path, headers }, id);
  const start = startOf(response, from);
  const out = await open(partial, start === 0 ? "w" : "a");
  let at = start;
  try {
    for await (const chunk of response.body ?? []) {
      await out.write(chunk).catch((error: unknown) => {
        throw diskFault(error, partial, file.size - at);
      });
      at += chunk.byteLength;
      onBytes(chunk.byteLength, at);
    }
  } finally {
    await out.close();
  }
}

/** Where the answer's bytes belong: a server may ignore the Range and send the whole. */
function startOf(response: Response, asked: number): number {
  if (response.status !== 206) return 0;
  const start = Number(/^bytes (\d+)-/.exec(response.headers.get("content-range") ?? "")?.[1]);
  if (start === asked) return asked;
  throw new Error(`bytes from ${start} where ${asked} were asked for`);
}

async function verify({ id, file }: Download, partial: string): Promise<void> {
  const isSha256 = file.etag.length === 64;
  const hash = createHash(isSha256 ? "sha256" : "sha1");
  if (!isSha256) hash.update(`blob ${file.size}\0`);
  for await (const chunk of createReadStream(partial)) hash.update(chunk as Buffer);
  const found = hash.digest("hex");
  if (found === file.etag) return;
  await rm(partial);
  throw new UserError(`model ${id}`, {
    expected: `${file.name} with the ${isSha256 ? "sha256" : "git hash"} ${file.etag}`,
    got: found,
    fix: "pull again; where it stays so, the server or something on the way changes the file",
  });
}
