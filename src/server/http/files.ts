/** /v1/files: upload with every fault named, look, list, read, delete, and see what the trainer would see. */
import { Readable } from "node:stream";
import { createRoute, z } from "@hono/zod-openapi";
import { type DatasetRow, readDataset } from "../../data/index.ts";
import { rowLength, TrainConfig, validate } from "../../jobs/index.ts";
import { hashJson } from "../../store/index.ts";
import { Reading } from "../run/reading.ts";
import {
  answerOnce,
  bytesOfProject,
  type Database,
  type FileRow,
  findFile,
  holdContents,
  holdProject,
  insertFile,
  listFiles,
  logAudit,
  removeFile,
  validationOf,
} from "../state/index.ts";
import { type Api, audited, entryOf, type Services } from "./context.ts";
import { invalid, notFound, overQuota } from "./errors.ts";
import { idempotencyKey } from "./idempotency.ts";
import { previewOf } from "./preview.ts";
import { problems } from "./problems.ts";
import { Id, listBody, PageQuery } from "./schemas/common.ts";
import { FileDeleted, FileList, FileObject, fileObject, Preview, UPLOAD_PURPOSES } from "./schemas/files.ts";
import { ModelName } from "./schemas/jobs.ts";
import { receiveUpload, type Upload } from "./upload.ts";

const FileParams = z.object({ file_id: Id });
const json = <T extends z.ZodType>(description: string, schema: T) => ({
  description,
  content: { "application/json": { schema } },
});

const upload = createRoute({
  method: "post",
  path: "/v1/files",
  request: {
    body: {
      content: {
        "multipart/form-data": {
          schema: z.object({
            file: z.string().openapi({ format: "binary" }),
            purpose: z.enum(UPLOAD_PURPOSES),
            "expires_after[anchor]": z.literal("created_at").optional(),
            "expires_after[seconds]": z.coerce.number().int().min(3600).max(2_592_000).optional(),
          }),
        },
      },
    },
  },
  responses: { 200: json("The file, with every fault found in it", FileObject), ...problems },
});

const list = createRoute({
  method: "get",
  path: "/v1/files",
  request: {
    query: z.object({
      limit: z.coerce.number().int().min(1).max(10_000).default(10_000),
      after: Id.optional(),
      order: z.enum(["asc", "desc"]).default("desc"),
      purpose: z.string().max(64).optional(),
    }),
  },
  responses: { 200: json("Files, newest first", FileList), ...problems },
});

const retrieve = createRoute({
  method: "get",
  path: "/v1/files/{file_id}",
  request: { params: FileParams },
  responses: { 200: json("The file", FileObject), ...problems },
});

const remove = createRoute({
  method: "delete",
  path: "/v1/files/{file_id}",
  request: { params: FileParams },
  responses: { 200: json("It is gone", FileDeleted), ...problems },
});

const content = createRoute({
  method: "get",
  path: "/v1/files/{file_id}/content",
  request: { params: FileParams },
  responses: {
    200: {
      description: "Its bytes",
      content: { "application/octet-stream": { schema: { type: "string", format: "binary" } } },
    },
    ...problems,
  },
});

const preview = createRoute({
  method: "get",
  path: "/v1/files/{file_id}/preview",
  request: {
    params: FileParams,
    query: z.object({
      model: ModelName,
      limit: PageQuery.shape.limit,
      max_length: z.coerce.number().int().min(8).max(131_072).optional(),
    }),
  },
  responses: {
    200: json("The first rows as the trainer reads them, with the tokens that carry loss", Preview),
    ...problems,
  },
});

export function fileRoutes(app: Api, services: Services): void {
  const { db, blobs, settings, inference, stopping } = services;
  const reading = new Reading(stopping);

  // Told by the document, but not checked by it: the checker would read the whole body into memory.
  app.openAPIRegistry.registerPath(upload);
  app.post(upload.path, async (c) => {
    const projectId = c.var.key.project_id;
    const received = await receiveUpload(c.req.raw, blobs, settings.limits);
    try {
      const asked = fieldsOf(received);
      const { validation, status } = await check(received);
      const filename = received.filename || "upload.jsonl";
      const make = async (tx: Database) => {
        await refuseBeyondQuota(tx, projectId, received.bytes, settings.limits.projectBytes);
        await holdContents(tx, received.sha256);
        await blobs.keep(received);
        const { bytes, sha256 } = received;
        const row = await insertFile(tx, projectId, { filename, bytes, sha256, status, validation, ...asked });
        await logAudit(tx, entryOf(c, "file.create", row.id, { bytes, sha256 }));
        return { status: 200, body: fileObject(row) };
      };
      const key = idempotencyKey(c);
      if (key === null) return c.json((await db.transaction(make)).body, 200);
      const requestSha256 = hashJson({ what: "file", sha256: received.sha256, filename, purpose: asked.purpose });
      const { body } = await answerOnce(db, { projectId, key, requestSha256 }, make);
      return c.json(FileObject.parse(body), 200);
    } finally {
      await blobs.discard(received);
    }
  });

  app.openapi(list, async (c) => {
    const { items, hasMore } = await listFiles(db, c.var.key.project_id, c.req.valid("query"));
    const short = items.map(fileObject).map(withoutFaults);
    return c.json(listBody(short, hasMore), 200);
  });

  const found = async (projectId: string, id: string): Promise<FileRow> => {
    const file = await findFile(db, projectId, id);
    if (!file) throw notFound("File object", id, "file_not_found");
    return file;
  };

  app.openapi(retrieve, async (c) =>
    c.json(fileObject(await found(c.var.key.project_id, c.req.valid("param").file_id)), 200),
  );

  app.openapi(remove, async (c) => {
    const file = await found(c.var.key.project_id, c.req.valid("param").file_id);
    const kept = await removeFile(db, file, (sha256) => blobs.remove(sha256));
    if (kept)
      throw invalid(
        `The job ${kept.neededBy} needs this file; cancel it or wait for its end`,
        "file_id",
        "file_in_use",
      );
    await audited(services, c, "file.delete", file.id);
    return c.json({ id: file.id, object: "file" as const, deleted: true as const }, 200);
  });

  app.openapi(content, async (c) => {
    const file = await found(c.var.key.project_id, c.req.valid("param").file_id);
    await audited(services, c, "file.read", file.id);
    const stream = Readable.toWeb(blobs.read(file.sha256)) as ReadableStream;
    return c.body(stream, 200, {
      "content-type": "application/octet-stream",
      "content-length": String(file.bytes),
      "content-disposition": "attachment",
    });
  });

  app.openapi(preview, async (c) => {
    const { model, limit, max_length: wanted } = c.req.valid("query");
    const file = await found(c.var.key.project_id, c.req.valid("param").file_id);
    if (!Object.hasOwn(settings.bases, model)) throw notFound("model", model, "model_not_found", "model");
    const base = await inference.base(model);
    const { tokenizer, files } = base;
    const max_length = rowLength(wanted, base);
    const path = blobs.path(file.sha256);
    const { rows } = await readDataset(path, limit);
    const asked = { task: "preview", file: path, tokenizer: files.folder, maxLength: max_length, limit } as const;
    const data = areShort(rows)
      ? rows.map((row) => previewOf(row, tokenizer, max_length))
      : await reading.ask(asked, Preview.shape.data);
    return c.json({ object: "x_penumbra.preview" as const, model, max_length, data }, 200);
  });
}

/** Characters of rows, as JSON, that are put into tokens in a moment; more is left to a process of its own. */
const SHORT = 32_768;

const areShort = (rows: readonly DatasetRow[]) =>
  rows.reduce((sum, row) => sum + JSON.stringify(row).length, 0) <= SHORT;

function fieldsOf({ fields }: Upload): { purpose: string; expires_at: Date | null } {
  const { purpose, "expires_after[anchor]": anchor, "expires_after[seconds]": seconds, ...unknown } = fields;
  const [strange] = Object.keys(unknown);
  if (strange !== undefined) throw invalid(`Unknown field ${strange}`, strange);
  if (!UPLOAD_PURPOSES.some((known) => known === purpose))
    throw invalid(`purpose must be ${UPLOAD_PURPOSES.join(" or ")}`, "purpose");
  if (anchor === undefined && seconds === undefined) return { purpose: purpose ?? "", expires_at: null };
  const after = Number(seconds);
  if (anchor !== "created_at" || !Number.isInteger(after) || after < 3600 || after > 2_592_000)
    throw invalid("expires_after must be an anchor created_at and 3600 to 2592000 seconds", "expires_after");
  return { purpose: purpose ?? "", expires_at: new Date(Date.now() + 1000 * after) };
}

async function check({ path }: Upload): Promise<{ validation: FileRow["validation"]; status: FileRow["status"] }> {
  const found = await validate(path, null, TrainConfig.parse({}).maxLength);
  const status = found.faults.length === 0 && found.usableRows > 0 ? "processed" : "error";
  return { validation: validationOf(found), status };
}

async function refuseBeyondQuota(tx: Database, projectId: string, bytes: number, most: number): Promise<void> {
  await holdProject(tx, projectId);
  const used = await bytesOfProject(tx, projectId);
  if (used + bytes > most)
    throw overQuota(`The project's files have ${used} bytes; ${most} are allowed. Delete files first`, "storage_quota");
}

function withoutFaults(file: FileObject): FileObject {
  const { validation, ...rest } = file.x_penumbra;
  return { ...file, x_penumbra: { ...rest, validation: validation && { ...validation, faults: [] } } };
}
