/** POST /v1/chat/completions: answers of base and tuned models, whole or as they come. */
import { createRoute } from "@hono/zod-openapi";
import type { Context } from "hono";
import { streamSSE } from "hono/streaming";
import { CancelledError } from "../../core/index.ts";
import type { ChatMessage, Tokenizer } from "../../data/index.ts";
import type { LanguageModel, TokenReport } from "../../engine/index.ts";
import { AnswerText } from "../inference/answer-text.ts";
import type { Wanted } from "../inference/inference.ts";
import { newId } from "../state/index.ts";
import type { Api, Env, Services } from "./context.ts";
import { ApiError, asApiError, invalid, tooMany } from "./errors.ts";
import { problems } from "./problems.ts";
import {
  type ChatChunk,
  ChatCompletion,
  CreateChat,
  type Finish,
  type Message,
  type TokenLogprob,
  type Usage,
} from "./schemas/chat.ts";
import { servedModel } from "./served.ts";

const route = createRoute({
  method: "post",
  path: "/v1/chat/completions",
  request: { body: { required: true, content: { "application/json": { schema: CreateChat } } } },
  responses: {
    200: {
      description: "The answer; with `stream` as server-sent events that end with `[DONE]`",
      content: { "application/json": { schema: ChatCompletion }, "text/event-stream": { schema: { type: "string" } } },
    },
    ...problems,
  },
});

export function chatRoutes(app: Api, services: Services): void {
  app.openapi(route, async (c) => {
    const body = c.req.valid("json");
    const wanted = await servedModel(services, c.var.key.project_id, body.model);
    refuseCrowd(services);
    const asking = await ask(services, body, wanted);
    if (body.stream) return streamed(c, services, asking);
    const signal = signalOf(c, services);
    const choices = await run(services, asking, signal, () => undefined);
    return c.json(completion(asking, choices), 200);
  });
}

function refuseCrowd({ inference, settings }: Services): void {
  if (inference.waiting < settings.limits.waitingAnswers) return;
  throw tooMany("Too many answers are waiting", "server_busy", 1000);
}

interface Asking {
  readonly id: string;
  readonly created: number;
  readonly body: CreateChat;
  readonly wanted: Wanted;
  readonly prompt: readonly number[];
  readonly room: number;
  readonly tokenizer: Tokenizer;
}

async function ask({ inference, settings }: Services, body: CreateChat, wanted: Wanted): Promise<Asking> {
  const { tokenizer, source } = await inference.base(wanted.base);
  const prompt = tokenizer.encodeChat(body.messages.map(chatMessage), { addGenerationPrompt: true });
  const { maxPositions } = source.definition;
  const left = maxPositions - prompt.length;
  const asked = body.max_completion_tokens ?? body.max_tokens;
  if (left < 1 || (asked ?? 0) > left) {
    const message = `The model has room for ${maxPositions} tokens; the messages take ${prompt.length} and the answer may take ${asked ?? 1}`;
    throw invalid(message, "messages", "context_length_exceeded");
  }
  const { answerTokens, defaultAnswerTokens } = settings.limits;
  if ((asked ?? 0) > answerTokens)
    throw invalid(`An answer may have ${answerTokens} tokens here`, "max_completion_tokens");
  const room = Math.min(asked ?? defaultAnswerTokens, left);
  return { id: newId("chatcmpl-"), created: Math.floor(Date.now() / 1000), body, wanted, prompt, room, tokenizer };
}

function chatMessage({ role, content }: Message): ChatMessage {
  const text = typeof content === "string" ? content : content.map(({ text }) => text).join("");
  return { role: role === "developer" ? "system" : role, content: text };
}

/** The client has gone, the server stops, or time is over. */
function signalOf(c: Context<Env>, { settings, stopping }: Services): AbortSignal {
  return AbortSignal.any([c.req.raw.signal, stopping, AbortSignal.timeout(settings.limits.answerMs)]);
}

interface Choice {
  readonly text: AnswerText;
  readonly logprobs: TokenLogprob[];
  finish: Finish;
}

type OnPiece = (index: number, piece: string, logprobs: readonly TokenLogprob[]) => void;

/** Generates all choices; `onPiece` hears of text and tokens as they come. */
async function run(services: Services, asking: Asking, signal: AbortSignal, onPiece: OnPiece): Promise<Choice[]> {
  const { body, tokenizer, prompt, room } = asking;
  const stops = typeof body.stop === "string" ? [body.stop] : (body.stop ?? []);
  const choices = Array.from(
    { length: body.n ?? 1 },
    (): Choice => ({ text: new AnswerText(tokenizer, stops), logprobs: [], finish: "stop" }),
  );
  const enough = new AbortController();
  const hear = (reports: readonly TokenReport[]) => {
    for (const report of reports) take(asking, choices, report, onPiece);
    if (choices.every(({ text }) => text.stopped)) enough.abort();
  };
  const generate = (model: LanguageModel) =>
    model.generate(
      choices.map(() => prompt),
      {
        maxNewTokens: room,
        stopIds: tokenizer.eosIds,
        temperature: body.temperature ?? 1,
        topP: body.top_p ?? 1,
        seed: body.seed ?? Math.floor(Math.random() * 2 ** 31),
        onTokens: hear,
        topLogprobs: body.logprobs ? (body.top_logprobs ?? 0) : 0,
        signal: AbortSignal.any([signal, enough.signal]),
      },
    );
  services.metrics.answersWaiting.set(services.inference.waiting + 1);
  try {
    await services.inference.withModel(asking.wanted, signal, generate);
  } catch (error) {
    if (!(enough.signal.aborted && error instanceof CancelledError)) throw overdue(error, signal);
  } finally {
    services.metrics.answersWaiting.set(services.inference.waiting);
  }
  for (const [index, choice] of choices.entries()) {
    if (!choice.text.stopped && choice.text.tokens >= room) choice.finish = "length";
    onPiece(index, choice.text.end(), []);
    services.metrics.answers.inc({ finish: choice.finish });
  }
  services.metrics.answerTokens.inc({ kind: "prompt" }, prompt.length);
  services.metrics.answerTokens.inc({ kind: "answer" }, answeredTokens(choices));
  return choices;
}

function overdue(error: unknown, signal: AbortSignal): unknown {
  if (signal.reason instanceof DOMException && signal.reason.name === "TimeoutError")
    return new ApiError({
      status: 503,
      code: "answer_timeout",
      message: "The answer took too long",
      headers: { "x-should-retry": "false" },
    });
  return signal.aborted ? new ApiError({ status: 503, code: "cancelled", message: "The request was ended" }) : error;
}

function take({ body, tokenizer }: Asking, choices: readonly Choice[], report: TokenReport, onPiece: OnPiece): void {
  const choice = choices[report.row];
  if (!choice || choice.text.stopped) return;
  const piece = choice.text.add(report.token);
  const logprobs = body.logprobs ? [tokenLogprob(tokenizer, report)] : [];
  choice.logprobs.push(...logprobs);
  onPiece(report.row, piece, logprobs);
}

/** What the common API puts where a token's probability is below all measure. */
const LEAST_LOGPROB = -9999;

function tokenLogprob(tokenizer: Tokenizer, { token, logprob, top }: TokenReport): TokenLogprob {
  const of = (id: number, value: number) => {
    const text = tokenizer.tokenText(id);
    const bytes = text.includes("\uFFFD") ? null : [...Buffer.from(text)];
    return { token: text, logprob: Math.max(value, LEAST_LOGPROB), bytes };
  };
  return { ...of(token, logprob), top_logprobs: top.map((each) => of(each.token, each.logprob)) };
}

const answeredTokens = (choices: readonly Choice[]) => choices.reduce((sum, { text }) => sum + text.tokens, 0);

function usageOf({ prompt }: Asking, choices: readonly Choice[]): Usage {
  const completion = answeredTokens(choices);
  return { prompt_tokens: prompt.length, completion_tokens: completion, total_tokens: prompt.length + completion };
}

const FINGERPRINT = "fp_penumbra";

function completion(asking: Asking, choices: readonly Choice[]) {
  const { id, created, body } = asking;
  return {
    id,
    object: "chat.completion" as const,
    created,
    model: body.model,
    choices: choices.map(({ text, logprobs, finish }, index) => ({
      index,
      message: { role: "assistant" as const, content: text.text, refusal: null },
      logprobs: body.logprobs ? { content: logprobs, refusal: null } : null,
      finish_reason: finish,
    })),
    usage: usageOf(asking, choices),
    system_fingerprint: FINGERPRINT,
  };
}

function streamed(c: Context<Env>, services: Services, asking: Asking) {
  const { id, created, body } = asking;
  const signal = signalOf(c, services);
  const usage = body.stream_options?.include_usage ? { usage: null } : {};
  const head = {
    id,
    object: "chat.completion.chunk" as const,
    created,
    model: body.model,
    system_fingerprint: FINGERPRINT,
  };
  const chunk = (
    index: number,
    delta: ChatChunk["choices"][number]["delta"],
    logprobs: readonly TokenLogprob[],
    finish: Finish | null,
  ): ChatChunk => ({
    ...head,
    choices: [
      {
        index,
        delta,
        logprobs: logprobs.length > 0 ? { content: [...logprobs], refusal: null } : null,
        finish_reason: finish,
      },
    ],
    ...usage,
  });
  return streamSSE(c, async (stream) => {
    const gone = new AbortController();
    stream.onAbort(() => gone.abort());
    const send = (value: ChatChunk) => stream.writeSSE({ data: JSON.stringify(value) });
    try {
      for (let index = 0; index < (body.n ?? 1); index++)
        await send(chunk(index, { role: "assistant", content: "" }, [], null));
      const choices = await run(services, asking, AbortSignal.any([signal, gone.signal]), (index, piece, logprobs) => {
        if (piece !== "" || logprobs.length > 0) void send(chunk(index, { content: piece }, logprobs, null));
      });
      for (const [index, { finish }] of choices.entries()) await send(chunk(index, {}, [], finish));
      if (body.stream_options?.include_usage) await send({ ...head, choices: [], usage: usageOf(asking, choices) });
      await stream.writeSSE({ data: "[DONE]" });
    } catch (error) {
      const { error: told, secret } = asApiError(error);
      if (secret)
        services.log.error({ requestId: c.var.requestId, fault: String((error as Error).name) }, "answer failed");
      await stream.writeSSE({ data: JSON.stringify(told.body) });
    }
  });
}
