/** What is traced: a text, a chat turn, or a behaviour's own contrast at the token where its two answers part. */
import type { TargetChoice } from "../../attribution/index.ts";
import { salientDefaults } from "../../attribution/index.ts";
import type { Behaviour } from "../../behaviours/index.ts";
import { must, UserError } from "../../core/index.ts";
import type { Tokenizer } from "../../data/index.ts";

export interface TracePrompt {
  readonly ids: readonly number[];
  readonly text: string;
  readonly choice: TargetChoice;
}

/** A text as the model reads documents, or a user's turn with the answer about to begin (`prefill` put before it). */
export function textPrompt(
  tokenizer: Tokenizer,
  given: { readonly prompt: string } | { readonly chat: string; readonly prefill?: string },
  choice: TargetChoice = salientDefaults,
): TracePrompt {
  if ("prompt" in given)
    return { ids: tokenizer.encode(given.prompt, { addSpecialTokens: true }), text: given.prompt, choice };
  const turn = tokenizer.encodeChat([{ role: "user", content: given.chat }], { addGenerationPrompt: true });
  const prefill = given.prefill ?? "";
  return { ids: [...turn, ...tokenizer.encode(prefill)], text: `${given.chat}${prefill && `\n${prefill}`}`, choice };
}

/** Tokens to explain, each given as text that is one token. */
export function tokenChoice(tokenizer: Tokenizer, texts: readonly string[]): TargetChoice {
  const tokens = texts.map((text) => {
    const ids = tokenizer.encode(text);
    if (ids.length === 1) return must(ids[0], "id");
    throw new UserError(`target ${JSON.stringify(text)}`, {
      expected: "one token",
      got: `${ids.length}: ${ids.map((id) => JSON.stringify(tokenizer.tokenText(id))).join(" ")}`,
      fix: "name the first of them",
    });
  });
  return { kind: "tokens", tokens };
}

/** The `index`-th contrast pair: log-odds of the two tokens with which the exhibiting and the other answer part. */
export function behaviourPrompt(tokenizer: Tokenizer, behaviour: Behaviour, index: number): TracePrompt {
  const pairs = contrasts(behaviour);
  const pair = pairs[index];
  if (!pair) {
    throw new UserError(`--pair ${index}`, {
      expected: pairs.length > 0 ? `0 to ${pairs.length - 1}` : "a behaviour with contrasts",
      got: pairs.length > 0 ? String(index) : behaviour.id,
      fix: pairs.length > 0 ? "name a pair of this behaviour" : "use --chat with --targets",
    });
  }
  const turn = tokenizer.encodeChat(pair.messages, { addGenerationPrompt: true });
  const [exhibiting, other] = [pair.exhibiting, pair.other].map((text) => tokenizer.encode(pair.prefill + text));
  const [a, b] = [must(exhibiting, "answer"), must(other, "answer")];
  let parts = 0;
  while (parts < a.length && a[parts] === b[parts]) parts++;
  const [x, y] = [a[parts], b[parts]];
  if (x === undefined || y === undefined) {
    const got = "one that is the beginning of the other";
    throw new UserError(`--pair ${index}`, { expected: "two answers that part", got, fix: "name another pair" });
  }
  const label = `${behaviour.id}: ${tokenizer.tokenText(x)} against ${tokenizer.tokenText(y)}`;
  return {
    ids: [...turn, ...a.slice(0, parts)],
    text: tokenizer.decode([...turn, ...a.slice(0, parts)]),
    choice: { kind: "logOdds", exhibiting: x, other: y, label },
  };
}

function contrasts({ pairs, items }: Behaviour) {
  const fromPairs = pairs.map(({ messages, exhibiting, other }) => ({ messages, exhibiting, other, prefill: "" }));
  const fromItems = items.flatMap(({ variants }) =>
    variants.slice(0, 1).flatMap(({ messages, prefill = "", continuations }) => {
      const exhibiting = continuations.find(({ exhibits }) => exhibits)?.text;
      const other = continuations.find(({ exhibits }) => !exhibits)?.text;
      return exhibiting === undefined || other === undefined ? [] : [{ messages, prefill, exhibiting, other }];
    }),
  );
  return [...fromPairs, ...fromItems];
}
