/** What a worker and the child that runs a job say to each other. */
import { z } from "zod";
import type { Config } from "../../jobs/index.ts";

export interface Order {
  readonly config: Config;
  /** What the owner calls what `config` names by its place on this machine. */
  readonly names: Names;
  readonly forecast: boolean;
  readonly inside: boolean;
}

/** Of the base, the files and the run. */
export type Names = Pick<Config, "model" | "data" | "validation" | "out">;

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
