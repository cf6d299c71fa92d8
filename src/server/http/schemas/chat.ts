import { z } from "@hono/zod-openapi";
import { Metadata, Seconds } from "./common.ts";
import { ModelName } from "./jobs.ts";

const TextPart = z.strictObject({ type: z.literal("text"), text: z.string() });

const Message = z
  .strictObject({
    role: z.enum(["system", "developer", "user", "assistant"]),
    content: z.union([z.string(), z.array(TextPart).min(1).max(100)]),
    name: z.string().max(64).optional(),
    refusal: z.null().optional(),
  })
  .openapi("ChatMessage");
export type Message = z.infer<typeof Message>;

export const CreateChat = z
  .strictObject({
    model: ModelName,
    messages: z.array(Message).min(1).max(1000),
    max_tokens: z.int().min(1).max(1_000_000).nullish(),
    max_completion_tokens: z.int().min(1).max(1_000_000).nullish(),
    temperature: z.number().min(0).max(2).nullish(),
    top_p: z.number().gt(0).max(1).nullish(),
    n: z.int().min(1).max(8).nullish(),
    seed: z.int().min(-2_147_483_648).max(2_147_483_647).nullish(),
    stop: z.union([z.string().min(1).max(256), z.array(z.string().min(1).max(256)).max(4)]).nullish(),
    stream: z.boolean().nullish(),
    stream_options: z
      .strictObject({ include_usage: z.boolean().optional(), include_obfuscation: z.boolean().optional() })
      .nullish(),
    logprobs: z.boolean().nullish(),
    top_logprobs: z.int().min(0).max(20).nullish(),
    // Of no consequence here; clients send them all the same.
    user: z.string().max(512).optional(),
    safety_identifier: z.string().max(512).optional(),
    prompt_cache_key: z.string().max(512).optional(),
    metadata: Metadata.nullish(),
    store: z.literal(false).nullish(),
    service_tier: z.string().max(64).nullish(),
    presence_penalty: z.literal(0).nullish(),
    frequency_penalty: z.literal(0).nullish(),
    response_format: z.strictObject({ type: z.literal("text") }).optional(),
  })
  .openapi("CreateChatCompletion");
export type CreateChat = z.infer<typeof CreateChat>;

const Logprob = z.strictObject({
  token: z.string(),
  logprob: z.number(),
  bytes: z.array(z.int()).nullable(),
});
const TokenLogprob = Logprob.extend({ top_logprobs: z.array(Logprob) });
export type TokenLogprob = z.infer<typeof TokenLogprob>;

const Logprobs = z.strictObject({ content: z.array(TokenLogprob).nullable(), refusal: z.null() }).nullable();
const Finish = z.enum(["stop", "length"]);
export type Finish = z.infer<typeof Finish>;

const Usage = z
  .strictObject({ prompt_tokens: z.int(), completion_tokens: z.int(), total_tokens: z.int() })
  .openapi("Usage");
export type Usage = z.infer<typeof Usage>;

export const ChatCompletion = z
  .strictObject({
    id: z.string(),
    object: z.literal("chat.completion"),
    created: Seconds,
    model: z.string(),
    choices: z.array(
      z.strictObject({
        index: z.int(),
        message: z.strictObject({ role: z.literal("assistant"), content: z.string(), refusal: z.null() }),
        logprobs: Logprobs,
        finish_reason: Finish,
      }),
    ),
    usage: Usage,
    system_fingerprint: z.string(),
  })
  .openapi("ChatCompletion");

export const ChatChunk = z
  .strictObject({
    id: z.string(),
    object: z.literal("chat.completion.chunk"),
    created: Seconds,
    model: z.string(),
    system_fingerprint: z.string(),
    choices: z.array(
      z.strictObject({
        index: z.int(),
        delta: z.strictObject({ role: z.literal("assistant").optional(), content: z.string().optional() }),
        logprobs: Logprobs,
        finish_reason: Finish.nullable(),
      }),
    ),
    usage: Usage.nullish(),
  })
  .openapi("ChatCompletionChunk");
export type ChatChunk = z.infer<typeof ChatChunk>;
