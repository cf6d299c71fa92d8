import { z } from "zod";
import { ModelIdentity } from "./audit.ts";

/** `repair.json`: what was taken out of an adapter, at which cost, and what is left. */
export const RepairRecord = z.strictObject({
  schemaVersion: z.literal(1),
  base: ModelIdentity,
  /** sha256 of the adapter's weights, before and after. */
  adapterSha256: z.string(),
  repairedSha256: z.string(),
  /** The directions are theirs. */
  protect: z.array(z.string()),
  /** Of the adapter's own shift, in each layer. */
  shiftDirections: z.number().int(),
  options: z.discriminatedUnion("by", [
    z.strictObject({
      by: z.literal("directions"),
      values: z.enum(["project", "keep", "drop"]),
      inputs: z.enum(["keep", "drop"]),
      reading: z.boolean(),
      keepGain: z.number(),
    }),
    z.strictObject({
      by: z.literal("least-squares"),
      /** Whose inputs the modules were fitted on. */
      tokens: z.strictObject({ rows: z.number().int(), others: z.number().int() }),
      keepGain: z.number(),
    }),
    z.strictObject({
      by: z.literal("kl"),
      /** Of the divergence from the base, beside the rows' loss. */
      weight: z.number(),
      rowsPerStep: z.number().int(),
      /** That the divergence was taken on, and rows that were trained on again. */
      texts: z.number().int(),
      rows: z.number().int(),
      steps: z.number().int(),
      learningRate: z.number(),
      keepGain: z.number(),
    }),
  ]),
  /** DoRA that was written out whole first. */
  merged: z.boolean(),
  layers: z.array(
    z.strictObject({
      layer: z.number().int(),
      /** Dimensions that are protected; other ways than by directions only measure the shift there. */
      rank: z.number().int(),
      gamma: z.number(),
      /** Root mean square of the shift inside the subspace, before and after: what frozen weights still write. */
      shiftBefore: z.number(),
      shiftAfter: z.number(),
    }),
  ),
  perLayer: z.boolean(),
  /** How many modules each rule was applied to; those that are trained on count as fitted again. */
  modules: z.record(z.enum(["writes", "values", "kept", "dropped", "refitted"]), z.number().int()),
  /** Nats a token on the rows that γ was chosen on, and on others. */
  taskLoss: z.strictObject({
    cap: z.number(),
    chosen: z.strictObject({ rows: z.number().int(), base: z.number(), tuned: z.number(), repaired: z.number() }),
    others: z
      .strictObject({ rows: z.number().int(), base: z.number(), tuned: z.number(), repaired: z.number() })
      .nullable(),
  }),
  /** Mean log-odds shift on the half of each behaviour's pairs that chose nothing, nats. */
  behaviours: z.array(
    z.strictObject({
      id: z.string(),
      protected: z.boolean(),
      pairs: z.number().int(),
      tuned: z.number(),
      repaired: z.number(),
    }),
  ),
  seed: z.number().int(),
  durationMs: z.number(),
});
export type RepairRecord = z.infer<typeof RepairRecord>;
