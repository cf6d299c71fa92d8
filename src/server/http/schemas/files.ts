import { z } from "@hono/zod-openapi";
import type { FileRow } from "../../state/index.ts";
import { listOf, Seconds, secondsOf } from "./common.ts";

export const UPLOAD_PURPOSES = ["fine-tune"] as const;

const Fault = z.strictObject({ line: z.int(), code: z.string(), message: z.string() }).openapi("Fault");

export const FileObject = z
  .strictObject({
    id: z.string(),
    object: z.literal("file"),
    bytes: z.int(),
    created_at: Seconds,
    expires_at: Seconds.optional(),
    filename: z.string(),
    purpose: z.string(),
    status: z.enum(["uploaded", "processed", "error"]),
    status_details: z.string().optional(),
    x_penumbra: z.strictObject({
      sha256: z.string(),
      /** Null for files that are not training data. */
      validation: z
        .strictObject({
          format: z.string().nullable(),
          rows: z.int(),
          usable_rows: z.int(),
          fault_count: z.int(),
          /** The first thousand of them, each with its line. */
          faults: z.array(Fault),
        })
        .nullable(),
    }),
  })
  .openapi("File");
export type FileObject = z.infer<typeof FileObject>;

export const FileList = listOf(FileObject).openapi("FileList");

export const FileDeleted = z
  .strictObject({ id: z.string(), object: z.literal("file"), deleted: z.literal(true) })
  .openapi("FileDeleted");

export function fileObject(row: FileRow): FileObject {
  const { validation } = row;
  return {
    id: row.id,
    object: "file",
    bytes: row.bytes,
    created_at: secondsOf(row.created_at),
    ...(row.expires_at ? { expires_at: secondsOf(row.expires_at) } : {}),
    filename: row.filename,
    purpose: row.purpose,
    status: row.status,
    ...(validation?.faultCount ? { status_details: faultsInShort(validation) } : {}),
    x_penumbra: {
      sha256: row.sha256,
      validation: validation && {
        format: validation.format,
        rows: validation.rows,
        usable_rows: validation.usableRows,
        fault_count: validation.faultCount,
        faults: validation.faults,
      },
    },
  };
}

/** The first fault, and how many more there are. */
export function faultsInShort(validation: FileRow["validation"]): string {
  const { faults: [first] = [], faultCount = 0 } = validation ?? {};
  if (!first) return "no fault";
  const more = faultCount > 1 ? ` (and ${faultCount - 1} more)` : "";
  return `line ${first.line}: ${first.code}: ${first.message}${more}`;
}

const PreviewTokens = z.strictObject({
  tokens: z.array(z.string()),
  ids: z.array(z.int()),
  /** `[from, to)` of the tokens that carry loss. */
  loss_spans: z.array(z.tuple([z.int(), z.int()])),
  truncated: z.boolean(),
});

const PreviewRow = PreviewTokens.extend({
  line: z.int(),
  /** Of a preference pair: the answer that is not preferred. */
  rejected: PreviewTokens.nullable(),
});

export const Preview = z
  .strictObject({
    object: z.literal("x_penumbra.preview"),
    model: z.string(),
    max_length: z.int(),
    data: z.array(PreviewRow),
  })
  .openapi("Preview");
