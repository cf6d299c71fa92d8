import { z } from "@hono/zod-openapi";
import { Seconds } from "./common.ts";

export const ModelObject = z
  .strictObject({
    id: z.string(),
    object: z.literal("model"),
    created: Seconds,
    owned_by: z.string(),
    x_penumbra: z.strictObject({
      base: z.string(),
      job: z.string().nullable(),
      held: z.boolean(),
      released: z.strictObject({ by: z.string(), at: Seconds, reason: z.string() }).nullable(),
    }),
  })
  .openapi("Model");
export type ModelObject = z.infer<typeof ModelObject>;

export const ModelList = z.strictObject({ object: z.literal("list"), data: z.array(ModelObject) }).openapi("ModelList");

export const ModelDeleted = z
  .strictObject({ id: z.string(), object: z.literal("model"), deleted: z.literal(true) })
  .openapi("ModelDeleted");

export const Release = z.strictObject({ reason: z.string().trim().min(1).max(1000) }).openapi("Release");

export const AuditLog = z
  .strictObject({
    object: z.literal("list"),
    data: z.array(
      z.strictObject({
        id: z.int(),
        at: Seconds,
        key: z.string().nullable(),
        action: z.string(),
        subject: z.string().nullable(),
        detail: z.record(z.string(), z.unknown()).nullable(),
        request_id: z.string().nullable(),
      }),
    ),
  })
  .openapi("AuditLog");
