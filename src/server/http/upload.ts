/**
 * One file from a multipart body, streamed to disk: never whole in memory, never larger than allowed, never slower than
 * is decent. What the client calls the file is a label and no path.
 */
import { Readable } from "node:stream";
import type { ReadableStream as NodeWebStream } from "node:stream/web";
import { Busboy, type BusboyFileStream, type BusboyInstance } from "@fastify/busboy";
import { UserError } from "../../core/index.ts";
import type { Blobs, Received } from "../blobs.ts";
import type { Limits } from "../settings.ts";
import { ApiError, invalid } from "./errors.ts";

export interface Upload extends Received {
  readonly filename: string;
  readonly fields: Readonly<Record<string, string>>;
}

type UploadLimits = Pick<Limits, "fileBytes" | "uploadIdleMs" | "uploadMs">;

/** Of the form around the file: names, boundaries, the other fields. */
const FORM_BYTES = 64 * 1024;
const FIELDS = 16;
const FIELD_BYTES = 1024;

/** Whoever called keeps or discards what was received. */
export async function receiveUpload(request: Request, blobs: Blobs, limits: UploadLimits): Promise<Upload> {
  refuseByHeaders(request, limits.fileBytes);
  if (!request.body) throw invalid("The body is empty", "file");
  const body = Readable.fromWeb(request.body as NodeWebStream);
  const parser = parserOf(request, limits);
  const fields: Record<string, string> = Object.create(null);
  let filename = "";
  let [file, content]: [Promise<Received> | null, BusboyFileStream | null] = [null, null];
  const finished = new Promise<void>((resolve, reject) => {
    const fail = (error: unknown) => {
      body.unpipe(parser);
      body.destroy();
      content?.destroy(new Error("the upload has ended"));
      reject(error);
    };
    const watch = watchSpeed(body, limits, fail);
    parser.on("field", (name, value, nameCut, valueCut) => {
      if (nameCut || valueCut) fail(invalid(`The field ${labelOf(name)} is too long`, labelOf(name)));
      else if (name in fields) fail(invalid(`The field ${labelOf(name)} came twice`, labelOf(name)));
      else fields[name] = value;
    });
    parser.on("file", (name, stream, given) => {
      // `fail` destroys it; whoever reads it hears of that too.
      stream.on("error", fail);
      if (name !== "file" || file) {
        stream.resume();
        fail(invalid("The form must hold one file, called file", "file"));
        return;
      }
      filename = labelOf(given ?? "");
      content = stream;
      stream.once("limit", () => fail(tooLarge(limits.fileBytes)));
      file = blobs.receive(stream);
      file.catch(fail);
    });
    for (const event of ["partsLimit", "filesLimit", "fieldsLimit"] as const)
      parser.on(event, () => fail(invalid("The form has too many parts", null)));
    parser.on("error", () => fail(invalid("The body is no multipart form", null)));
    parser.on("finish", () => {
      watch.stop();
      resolve();
    });
    body.on("error", () => fail(invalid("The upload broke off", "file")));
    body.on("close", watch.stop);
    body.pipe(parser);
  });
  return settle({ finished, file: () => file, blobs, filename: () => filename, fields });
}

interface Settling {
  readonly finished: Promise<void>;
  readonly file: () => Promise<Received> | null;
  readonly blobs: Blobs;
  readonly filename: () => string;
  readonly fields: Readonly<Record<string, string>>;
}

async function settle({ finished, file, blobs, filename, fields }: Settling): Promise<Upload> {
  try {
    await finished;
  } catch (error) {
    const received = await file()?.catch(() => null);
    if (received) await blobs.discard(received);
    if (error instanceof UserError)
      throw new ApiError({ status: 503, code: "storage", message: "The storage is full" });
    throw error;
  }
  const received = await file();
  if (!received) throw invalid("The form holds no file", "file");
  return { ...received, filename: filename(), fields };
}

function refuseByHeaders(request: Request, fileBytes: number): void {
  const encoding = request.headers.get("content-encoding") ?? "identity";
  if (encoding !== "identity") {
    const message = `Content-Encoding ${labelOf(encoding)} is not taken: send the file as it is`;
    throw new ApiError({ status: 415, code: "unsupported_encoding", message });
  }
  const length = Number(request.headers.get("content-length") ?? 0);
  if (length > fileBytes + FORM_BYTES) throw tooLarge(fileBytes);
}

function parserOf(request: Request, { fileBytes }: UploadLimits): BusboyInstance {
  const type = request.headers.get("content-type") ?? "";
  if (!/^multipart\/form-data\s*;/i.test(type))
    throw new ApiError({
      status: 415,
      code: "unsupported_media_type",
      message: "Send the file as multipart/form-data",
    });
  try {
    const headers = { "content-type": type };
    return new Busboy({
      headers,
      limits: {
        fileSize: fileBytes,
        files: 1,
        fields: FIELDS,
        fieldSize: FIELD_BYTES,
        fieldNameSize: 100,
        headerPairs: 32,
      },
    });
  } catch {
    // The boundary is missing or malformed.
    throw invalid("The Content-Type names no boundary", null);
  }
}

const tooLarge = (bytes: number) =>
  new ApiError({
    status: 413,
    code: "file_too_large",
    message: `A file may have ${bytes} bytes`,
    param: "file",
  });

function watchSpeed(body: Readable, { uploadIdleMs, uploadMs }: UploadLimits, fail: (error: ApiError) => void) {
  const slow = () =>
    fail(
      new ApiError({
        status: 408,
        code: "upload_too_slow",
        message: "The upload was too slow",
        headers: { connection: "close" },
      }),
    );
  let idle = setTimeout(slow, uploadIdleMs);
  const whole = setTimeout(slow, uploadMs);
  const stop = () => {
    clearTimeout(idle);
    clearTimeout(whole);
  };
  body.on("data", () => {
    clearTimeout(idle);
    idle = setTimeout(slow, uploadIdleMs);
  });
  return { stop };
}

/** A name without what could lead or mislead: no folders, no control or direction characters, not long. */
export function labelOf(name: string): string {
  const last = name.split(/[\\/]/).at(-1) ?? "";
  const clean = last.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, "").trim();
  return [...clean].slice(0, 200).join("");
}
