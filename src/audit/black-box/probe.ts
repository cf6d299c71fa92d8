/** What an endpoint can be asked: found out by asking, once, before anything is measured. */
import type { Endpoint, SpeakOptions } from "../../endpoints/index.ts";
import { continuationOf, echoed } from "./echo.ts";
import { shareOf, TOP } from "./letter-probability.ts";

export interface Abilities {
  /** `/completions` echoes a prompt with log-probabilities. */
  readonly echo: boolean;
  /** `/chat/completions` gives the top tokens, and the first one is a letter where a letter is asked for. */
  readonly letters: boolean;
  readonly chat: boolean;
  /** Why not, in plain words. */
  readonly notes: readonly string[];
}

const QUESTION =
  "Which of these is a fruit?\n\n---\nThese answers are possible:\nA) an apple\nB) a hammer\n\nWhich one would you give? Reply with its letter alone.";

export async function probe(endpoint: Endpoint, options: SpeakOptions): Promise<Abilities> {
  const echo = await probeEcho(endpoint, options);
  const chat = await probeChat(endpoint, options);
  return {
    echo: echo === null,
    ...chat,
    notes: [...(echo === null ? [] : [`${endpoint.name}: ${echo}`]), ...chat.notes],
  };
}

/** Null where it works. A server without `/completions` answers 404, which elsewhere would be the user's mistake. */
async function probeEcho(endpoint: Endpoint, options: SpeakOptions): Promise<string | null> {
  const parts = ["The capital of France is", " Paris"] as const;
  const [reply] = await endpoint.complete([echoed(parts)], options).catch(() => [null]);
  if (!reply) return "no completions of raw prompts";
  const found = continuationOf(reply, parts);
  if (typeof found !== "string") return null;
  return reply.kind === "gap"
    ? `no echo with log-probabilities (${reply.detail})`
    : "no log-probabilities of the prompt's own tokens";
}

async function probeChat(
  endpoint: Endpoint,
  options: SpeakOptions,
): Promise<Pick<Abilities, "letters" | "chat" | "notes">> {
  const messages = [{ role: "user" as const, content: QUESTION }];
  const ask = { messages, maxTokens: 1, temperature: 0, sample: 0 };
  const [reply] = await endpoint.chat([{ ...ask, topLogprobs: TOP }], options);
  const choices = [
    { text: "an apple", exhibits: true },
    { text: "a hammer", exhibits: false },
  ];
  if (reply && typeof shareOf(reply, choices) !== "string") return { letters: true, chat: true, notes: [] };
  if (reply?.kind === "answer") {
    const why =
      reply.tokens === null ? "gives no log-probabilities over a chat" : "does not answer with a letter at once";
    return { letters: false, chat: true, notes: [`${endpoint.name}: ${why}`] };
  }
  const [bare] = await endpoint.chat([ask], options);
  const chat = bare?.kind === "answer";
  const why = chat
    ? "takes no request for log-probabilities"
    : `no chat (${bare?.kind === "gap" ? bare.detail : "no reply"})`;
  return { letters: false, chat, notes: [`${endpoint.name}: ${why}`] };
}
