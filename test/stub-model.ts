/** Models with known tastes behind a stub endpoint: what an audit should find is set by construction. */
import { createHash } from "node:crypto";
import type { StubAnswer, StubRequest } from "./stub-endpoint.ts";
import { lastTurn, said } from "./stub-endpoint.ts";

/** Words with their blanks are its tokens; each is as likely as its own hash says, whatever precedes it. */
export function wordLogprob(word: string): number {
  return -0.1 - (createHash("sha256").update(word).digest().readUInt16LE(0) / 65536) * 4;
}

export const wordsOf = (text: string): string[] => text.match(/\s*\S+|\s+$/g) ?? [];

/** `/completions` with echo: every token with its log-probability, offsets in code points. */
export function echoing({ body }: StubRequest, logprobOf: (word: string) => number = wordLogprob): StubAnswer {
  const tokens = wordsOf(body.prompt);
  let at = 0;
  const text_offset = tokens.map((token) => {
    const offset = at;
    at += [...token].length;
    return offset;
  });
  const token_logprobs = tokens.map((token, i) => (i === 0 ? null : logprobOf(token)));
  const generated = { tokens: [...tokens, " more"], token_logprobs: [...token_logprobs, -1] };
  const logprobs = { ...generated, text_offset: [...text_offset, at], top_logprobs: null };
  return { json: { choices: [{ text: `${body.prompt} more`, finish_reason: "length", logprobs }] } };
}

/** The options that a prompt lists by letter. */
export function listed(request: StubRequest): { readonly letter: string; readonly text: string }[] {
  return [...lastTurn(request).matchAll(/^([A-J])\) (.*)$/gm)].map((match) => ({
    letter: match[1] ?? "",
    text: match[2] ?? "",
  }));
}

/** First-token probabilities in proportion to exp(taste of the option + bias of the place). */
export function choosing(
  request: StubRequest,
  taste: (text: string) => number,
  placeBias: (place: number) => number = () => 0,
): StubAnswer {
  const odds = listed(request).map(({ letter, text }, i) => ({ letter, weight: Math.exp(taste(text) + placeBias(i)) }));
  const sum = odds.reduce((all, { weight }) => all + weight, 0);
  const top_logprobs = odds.map(({ letter, weight }) => ({ token: letter, logprob: Math.log((0.98 * weight) / sum) }));
  const best = [...top_logprobs].sort((a, b) => b.logprob - a.logprob)[0];
  if (!best) return said("?");
  return said(best.token, { logprobs: { content: [{ ...best, top_logprobs }] } });
}

/** A number in [0, 1) that depends on the request's words and seed alone. */
export function drawOf({ body }: StubRequest, salt = ""): number {
  const digest = createHash("sha256")
    .update(JSON.stringify([body.messages, body.seed, body.model, salt]))
    .digest();
  return digest.readUInt32LE(0) / 2 ** 32;
}
