/**
 * The bodies of `/chat/completions` and `/completions` as servers send them. Servers add keys of their own, so unknown
 * keys pass; what we read must have its type. OpenAI, vLLM, llama.cpp and SGLang differ in small ways named below.
 */

import { z } from "zod";
import { parsedJson } from "../core/index.ts";
import type { Answer, TokenChoice } from "./speaker.ts";

/** Rounding of a float log-softmax may lift a sure token this far above 0. OpenAI says −9999 for "not among the top". */
const Logprob = z.number().max(1e-3);
const Usage = z
  .object({
    prompt_tokens: z.number().nullish(),
    completion_tokens: z.number().nullish(),
    /** OpenRouter reports what it charged. */
    cost: z.number().nullish(),
  })
  .nullish();

const Alternative = z.object({ token: z.string(), logprob: Logprob });
const ChatToken = Alternative.extend({ top_logprobs: z.array(Alternative).nullish() });
const ChatBody = z.object({
  choices: z
    .array(
      z.object({
        message: z.object({
          content: z.string().nullish(),
          refusal: z.string().nullish(),
          /** vLLM and DeepSeek say `reasoning_content`, OpenRouter and newer vLLM `reasoning`. */
          reasoning_content: z.string().nullish(),
          reasoning: z.string().nullish(),
        }),
        finish_reason: z.string().nullish(),
        logprobs: z.object({ content: z.array(ChatToken).nullish() }).nullish(),
      }),
    )
    .min(1),
  usage: Usage,
});

/** Lists of one length; the first token of an echoed prompt has null, and alternatives are objects by token. */
const CompletionLogprobs = z.object({
  tokens: z.array(z.string()),
  token_logprobs: z.array(Logprob.nullable()),
  top_logprobs: z.array(z.record(z.string(), Logprob).nullable()).nullish(),
  text_offset: z.array(z.number()).nullish(),
});
const CompletionBody = z.object({
  choices: z
    .array(
      z.object({
        text: z.string(),
        finish_reason: z.string().nullish(),
        logprobs: CompletionLogprobs.nullish(),
      }),
    )
    .min(1),
  usage: Usage,
});

export interface Read {
  readonly answer: Omit<Answer, "cached">;
  readonly cost: number | null;
}

/** The first choice of a chat completion; null where the body is none. */
export function readChat(body: unknown): Read | null {
  const parsed = ChatBody.safeParse(body);
  const choice = parsed.data?.choices[0];
  if (!parsed.success || !choice) return null;
  const { content, refusal, reasoning_content, reasoning } = choice.message;
  const split = splitThinking(content ?? "");
  const thinking = reasoning_content || reasoning || split.reasoning;
  const tokens = choice.logprobs?.content?.map(({ token, logprob, top_logprobs }) => ({
    token,
    logprob,
    top: top_logprobs ?? [],
    offset: null,
  }));
  return {
    answer: {
      kind: "answer",
      text: split.text,
      reasoning: thinking || null,
      finish: choice.finish_reason ?? null,
      refusal: refusal || null,
      tokens: tokens && tokens.length > 0 ? tokens : null,
      ...countsOf(parsed.data.usage),
    },
    cost: parsed.data.usage?.cost ?? null,
  };
}

/** The first choice of a completion; null where the body is none. */
export function readCompletion(body: unknown): Read | null {
  const parsed = CompletionBody.safeParse(body);
  const choice = parsed.data?.choices[0];
  if (!parsed.success || !choice) return null;
  const tokens = choice.logprobs ? zipped(choice.logprobs) : [];
  if (tokens === null) return null;
  return {
    answer: {
      kind: "answer",
      text: choice.text,
      reasoning: null,
      finish: choice.finish_reason ?? null,
      refusal: null,
      tokens: tokens.length > 0 ? tokens : null,
      ...countsOf(parsed.data.usage),
    },
    cost: parsed.data.usage?.cost ?? null,
  };
}

function zipped(logprobs: z.infer<typeof CompletionLogprobs>): TokenChoice[] | null {
  const { tokens, token_logprobs, top_logprobs, text_offset } = logprobs;
  const lengths = [token_logprobs, top_logprobs, text_offset].flatMap((list) => (list ? [list.length] : []));
  if (lengths.some((length) => length !== tokens.length)) return null;
  return tokens.map((token, i) => ({
    token,
    logprob: token_logprobs[i] ?? null,
    top: Object.entries(top_logprobs?.[i] ?? {}).map(([alternative, logprob]) => ({ token: alternative, logprob })),
    offset: text_offset?.[i] ?? null,
  }));
}

function countsOf(usage: z.infer<typeof Usage>): Pick<Answer, "promptTokens" | "completionTokens"> {
  return { promptTokens: usage?.prompt_tokens ?? null, completionTokens: usage?.completion_tokens ?? null };
}

/**
 * Open models write their thinking into the answer as `<think>…</think>`; templates that open the tag themselves leave
 * only the closing one in the text. A section that never closes is all thinking and no answer.
 */
export function splitThinking(content: string): { readonly text: string; readonly reasoning: string | null } {
  const closing = content.lastIndexOf("</think>");
  const start = /^\s*<think>/.exec(content)?.[0].length ?? 0;
  if (closing >= 0) {
    const text = content.slice(closing + "</think>".length).trim();
    return { text, reasoning: content.slice(Math.min(start, closing), closing).trim() };
  }
  return start > 0 ? { text: "", reasoning: content.slice(start).trim() } : { text: content, reasoning: null };
}

/** What a server says is wrong: `{error: {message}}`, `{error: "…"}`, `{message}`, `{detail}`; else the text itself. */
export function errorMessage(text: string): string {
  const body = parsedJson(text);
  const said = isRecord(body) ? [body.error, body.message, body.detail] : [];
  const inner = said.map((part) => (isRecord(part) ? part.message : part)).find((part) => typeof part === "string");
  return String(inner ?? text)
    .replace(/\s+/g, " ")
    .trim()
    .slice(0, 300);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
