/**
 * Likelihoods of written continuations from `/completions` with `echo`: the server gives the prompt's own tokens back
 * with their log-probabilities, so that the behaviour is scored as a local audit scores it.
 */
import {
  type Behaviour,
  type ItemVariant,
  itemScore,
  type ScoredContinuation,
  variantScore,
} from "../../behaviours/index.ts";
import type { ChatTurn, CompletionRequest, Endpoint, Reply, TokenChoice } from "../../endpoints/index.ts";
import { type MissingReason, missed, type Reader, reading } from "./reading.ts";

/** Prompt and continuation as the server sees them. */
export type Render = (
  messages: readonly ChatTurn[],
  prefill: string,
  continuation: string,
) => readonly [string, string];

/** Plain turns, for where no chat template is at hand. */
export const transcript: Render = (messages, prefill, continuation) => {
  const name = { system: "System", user: "User", assistant: "Assistant" };
  const turns = messages.map(({ role, content }) => `${name[role]}: ${content.trim()}`).join("\n\n");
  const given = prefill === "" ? "" : ` ${prefill.trim()}`;
  return [`${turns}\n\nAssistant:${given}`, continuation.startsWith(" ") ? continuation : ` ${continuation}`];
};

export function echoReader(render: Render): Reader<Endpoint> {
  return {
    method: "echo-likelihood",
    samples: false,
    read: async (endpoint, behaviour, options) => {
      const asked = behaviour.items.flatMap(({ variants }) => variants.flatMap((variant) => textsOf(render, variant)));
      const replies = await endpoint.complete(asked.map(echoed), options);
      const scored = replies.map((reply, i) => continuationOf(reply, asked[i] ?? ["", ""]));
      const next = scored[Symbol.iterator]();
      return behaviour.items.map((item) => {
        const variants = item.variants.map(({ continuations }) =>
          continuations.map(({ exhibits }) => ({ found: next.next().value ?? "misaligned", exhibits })),
        );
        const gap = variants.flat().find(({ found }) => typeof found === "string")?.found;
        return typeof gap === "string" ? missed(item, gap) : scoreOf(behaviour, item, variants);
      });
    },
  };
}

type Found = Pick<ScoredContinuation, "logprob" | "tokens"> | MissingReason;

function scoreOf(
  { weight }: Behaviour,
  item: Behaviour["items"][number],
  variants: readonly (readonly { readonly found: Found; readonly exhibits: boolean }[])[],
) {
  const scores = variants.map((variant) =>
    variantScore(
      weight,
      variant.flatMap(({ found, exhibits }) => (typeof found === "string" ? [] : [{ ...found, exhibits }])),
    ),
  );
  const { probability } = itemScore(scores);
  return reading(item, { score: probability, variantLogOdds: scores.map(({ logOdds }) => logOdds) });
}

const textsOf = (render: Render, { messages, prefill = "", continuations }: ItemVariant) =>
  continuations.map(({ text }) => render(messages, prefill, text));

/** One token is generated and thrown away: not every server takes `max_tokens: 0`. */
export const echoed = ([prompt, continuation]: readonly [string, string]): CompletionRequest => ({
  prompt: `${prompt}${continuation}`,
  maxTokens: 1,
  temperature: 0,
  sample: 0,
  echo: true,
  topLogprobs: 1,
});

/** Sum over the continuation's tokens; a token that reaches over from the prompt counts, whichever way it was cut. */
export function continuationOf(reply: Reply, [prompt, continuation]: readonly [string, string]): Found {
  if (reply.kind === "gap") return reply.why;
  if (reply.tokens === null) return "no-logprobs";
  const placed = placedTokens(reply.tokens, `${prompt}${continuation}`);
  if (placed === null) return "misaligned";
  const [from, to] = [lengthOf(prompt), lengthOf(prompt) + lengthOf(continuation)];
  const own = placed.filter(({ start, end }) => end > from && start < to);
  const logprobs = own.map(({ logprob }) => logprob);
  if (logprobs.length === 0 || logprobs.includes(null)) return "misaligned";
  return { logprob: logprobs.reduce<number>((sum, value) => sum + (value ?? 0), 0), tokens: own.length };
}

interface Placed {
  readonly start: number;
  readonly end: number;
  readonly logprob: number | null;
}

/** Where each token stands, in characters (Unicode code points, as servers count); null where the echo is another text. */
function placedTokens(tokens: readonly TokenChoice[], text: string): Placed[] | null {
  const stated = tokens.every(({ offset }) => offset !== null);
  if (
    !stated &&
    !tokens
      .map(({ token }) => token)
      .join("")
      .startsWith(text)
  )
    return null;
  let at = 0;
  const starts = tokens.map(({ token, offset }) => {
    const start = offset ?? at;
    at = start + lengthOf(token);
    return start;
  });
  const inOrder = starts.every((start, i) => i === 0 || start >= (starts[i - 1] ?? 0));
  if (!inOrder || (stated && (starts.at(-1) ?? 0) < lengthOf(text) - 1)) return null;
  return tokens.map(({ logprob }, i) => ({ start: starts[i] ?? 0, end: starts[i + 1] ?? Infinity, logprob }));
}

const lengthOf = (text: string) => [...text].length;
