import { z } from "zod";
import { BlackBox, EndpointIdentity, HashedFile, Interval, ModelIdentity } from "./audit.ts";

/** `eval.json`: the behaviours of one model. */
export const EvalRecord = z.strictObject({
  schemaVersion: z.literal(1),
  model: z.union([ModelIdentity, EndpointIdentity]),
  behaviours: z.array(
    z.strictObject({
      id: z.string(),
      title: z.string(),
      question: z.string(),
      riskier: z.enum(["up", "down"]),
      /** Mean over the items of the probability of exhibiting; null where there is no item. */
      score: z.number().nullable(),
      /** 95%, over clusters; null where one cluster shows no spread. Without width where all items were enumerated. */
      interval: Interval.nullable(),
      n: z.number().int().nonnegative(),
      clusters: z.number().int().nonnegative(),
      method: z.enum(["clustered-t", "exact"]).nullable(),
    }),
  ),
  /** Only where an endpoint was asked: what is said of the `base` is said of this model. */
  blackBox: BlackBox.optional(),
  /** Only where there are any: the user's own files of behaviours. */
  itemFiles: z.array(HashedFile).optional(),
  durationMs: z.number(),
});
export type EvalRecord = z.infer<typeof EvalRecord>;
