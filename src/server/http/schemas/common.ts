/** What several parts of the API are made of. One schema is type, check and documentation at once. */
import { z } from "@hono/zod-openapi";

/** Seconds since 1970, as the API tells times. */
export const Seconds = z.int().openapi({ example: 1_700_000_000 });
export const secondsOf = (date: Date) => Math.floor(date.getTime() / 1000);

/** Letters that a path can hold without being more than a name. */
export const Id = z.string().regex(/^[A-Za-z0-9_-]{1,80}$/, "is no id");

export const ErrorBody = z
  .strictObject({
    error: z.strictObject({
      message: z.string(),
      type: z.string(),
      param: z.string().nullable(),
      code: z.string().nullable(),
    }),
  })
  .openapi("Error");
export type ErrorBody = z.infer<typeof ErrorBody>;

export const PageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  after: Id.optional(),
});

/** A page of `item`s as clients of the API turn it. */
export function listOf<T extends z.ZodType>(item: T) {
  return z.strictObject({
    object: z.literal("list"),
    data: z.array(item),
    has_more: z.boolean(),
    first_id: z.string().nullable(),
    last_id: z.string().nullable(),
  });
}

export function listBody<T extends { readonly id: string }>(data: T[], hasMore: boolean) {
  return {
    object: "list" as const,
    data,
    has_more: hasMore,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
  };
}

/** Sixteen pairs of short texts. */
export const Metadata = z
  .record(z.string().min(1).max(64), z.string().max(512))
  .refine((pairs) => Object.keys(pairs).length <= 16, "has more than 16 pairs");
