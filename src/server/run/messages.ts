/** What a worker and the child that runs a job say to each other. */
import { z } from "zod";
import type { Config } from "../../jobs/index.ts";

export interface Order {
  readonly config: Config;
  readonly forecast: boolean;
  readonly inside: boolean;
}

export const News = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("progress"),
    task: z.string(),
    step: z.number(),
    total: z.number().nullable(),
    readings: z.record(z.string(), z.number()).optional(),
  }),
  z.strictObject({ kind: z.literal("stage"), name: z.string() }),
  z.strictObject({ kind: z.literal("done") }),
  /** The user's mistake: no other attempt would end better. */
  z.strictObject({ kind: z.literal("refused"), expected: z.string(), got: z.string(), fix: z.string() }),
  z.strictObject({ kind: z.literal("broken"), trace: z.string() }),
]);
export type News = z.infer<typeof News>;
