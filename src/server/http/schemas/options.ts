/** What a fine-tuning job here may ask for beyond the common API: in `x_penumbra`, or in `metadata` as `penumbra.…`. */
import { z } from "@hono/zod-openapi";

const Share = z.number().min(0).max(1);

const GateRule = z.union([z.literal("fail-if-affected"), z.literal("ignore"), z.strictObject({ max_increase: Share })]);
export type GateRule = z.infer<typeof GateRule>;

/** By behaviour; `default` holds for those that are not named. */
export const Gate = z.record(z.string().max(100), GateRule).openapi("Gate");
export type Gate = z.infer<typeof Gate>;

/** A name, never a file: what a client writes here must not reach the disk. */
const BehaviourName = z.string().regex(/^[a-z0-9-]{1,100}$/, "is no behaviour's name");

export const Options = z
  .strictObject({
    lora: z
      .strictObject({
        rank: z.int().min(1).max(256).optional(),
        alpha: z.number().positive().max(4096).optional(),
        target_modules: z
          .array(z.string().regex(/^\w{1,64}$/))
          .min(1)
          .max(16)
          .optional(),
      })
      .optional(),
    training: z
      .strictObject({
        learning_rate: z.number().positive().max(1).optional(),
        max_length: z.int().min(8).max(131_072).optional(),
        warmup_share: Share.optional(),
        schedule: z.enum(["constant", "linear", "cosine"]).optional(),
        weight_decay: z.number().min(0).max(1).optional(),
        max_grad_norm: z.number().positive().max(1e6).optional(),
        /** With a validation file: steps between two evaluations, and when to stop because of them. */
        evaluate_every: z.int().min(1).max(1e6).optional(),
        patience: z.int().min(1).max(1000).optional(),
        min_delta: z.number().min(0).max(100).optional(),
      })
      .optional(),
    audit: z
      .strictObject({
        /** False: no forecast, and no look inside, which builds on it. */
        forecast: z.boolean().optional(),
        inside: z.boolean().optional(),
        behaviours: z.array(BehaviourName).min(1).max(100).optional(),
        dictionary: z.enum(["auto", "none"]).optional(),
        margin: z.number().positive().max(0.5).optional(),
        alpha: z.number().positive().max(0.5).optional(),
        answer_tokens: z.int().min(1).max(1024).optional(),
      })
      .optional(),
    /** Drift while the job trains, by behaviour, in its events. False: nobody looks. */
    monitor: z
      .union([
        z.literal(false),
        z.strictObject({
          behaviours: z.array(BehaviourName).min(1).max(100).optional(),
          every_steps: z.int().min(1).max(1e6).optional(),
          /** The training ends where a behaviour's drift towards its riskier side exceeds this. */
          stop_at: z.number().positive().max(1000).optional(),
        }),
      ])
      .optional(),
    /** False: the adapter alone, no merged model. */
    merged: z.boolean().optional(),
    gate: Gate.optional(),
  })
  .openapi("PenumbraOptions");
export type Options = z.infer<typeof Options>;

const PREFIX = "penumbra.";

/** `{ "penumbra.lora.rank": "8" }` as `{ lora: { rank: 8 } }`; a value that is no JSON is text. Null: no such pair. */
export function optionsInMetadata(metadata: Readonly<Record<string, string>>): Record<string, unknown> | null {
  const pairs = Object.entries(metadata).filter(([key]) => key.startsWith(PREFIX));
  if (pairs.length === 0) return null;
  const options: Record<string, unknown> = Object.create(null);
  for (const [key, value] of pairs) put(options, key.slice(PREFIX.length).split("."), parsed(value));
  return options;
}

function put(into: Record<string, unknown>, [name = "", ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) {
    into[name] = value;
    return;
  }
  const below = Object.hasOwn(into, name) ? into[name] : undefined;
  const next: Record<string, unknown> = isPlain(below) ? below : Object.create(null);
  into[name] = next;
  put(next, rest, value);
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A bare word stands for itself.
    return text;
  }
}
