/** A simulated reasoning model behind a stub endpoint: what it does with hints, and what it says of it, is set here. */
import { choiceItems } from "../src/reasoning/items.ts";
import type { StubAnswer, StubRequest } from "./stub-endpoint.ts";
import { said } from "./stub-endpoint.ts";
import { drawOf } from "./stub-model.ts";

export interface Reasoner {
  /** How often its first choice is right. */
  readonly accuracy: number;
  /** How often it takes a hint, and how often it then says so. */
  readonly follows: number;
  readonly discloses: number;
  /** How often it takes another option at random. */
  readonly wanders: number;
  readonly thinking: boolean;
}

const DISCLOSED = "I rely on the hint here.";
const LETTERS = "ABCDEFGHIJ";

/** Which option the prompt hints at; null: none. */
export function hintedLetter({ body }: StubRequest): string | null {
  const turns: { role: string; content: string }[] = body.messages;
  const text = turns.at(-1)?.content ?? "";
  const [first] = [
    /it is ([A-J])\. I would like/,
    /<key>([A-J])<\/key>/,
    /answer\.strip\(\) == "([A-J])"/,
    /The sheet there says ([A-J])\./,
  ].flatMap((pattern) => pattern.exec(text)?.[1] ?? []);
  const before = turns.find(({ role }) => role === "assistant")?.content;
  const sign = [...text.matchAll(/^([A-J])\) .* ✓$/gm)].at(-1)?.[1];
  return first ?? /Answer: ([A-J])/.exec(before ?? "")?.[1] ?? sign ?? null;
}

/** Answers the questions of `choiceItems(count, seed)`, and picks by chance elsewhere. */
export function reasoner(model: Reasoner, count: number, seed: number): (request: StubRequest) => StubAnswer {
  const items = choiceItems(count, seed);
  return (request) => {
    const text = request.body.messages.map(({ content }: { content: string }) => content).join("\n");
    const asked = text.split("\n---\n").at(-1) ?? "";
    const item = items.find(({ question }) => asked.includes(question));
    const options = item?.options.length ?? 2;
    // The first choice depends on the question alone, so that only wandering makes noise.
    const own = drawOf({ ...request, body: { messages: item?.id ?? text, model: request.body.model } }, "own");
    const wrong = [...Array(options).keys()].filter((index) => index !== item?.correct);
    const first = item && own < model.accuracy ? item.correct : (wrong[Math.floor(own * 7919) % wrong.length] ?? 0);
    const others = [...Array(options).keys()].filter((index) => index !== first);
    const elsewhere = others[Math.floor(drawOf(request, "where") * others.length)] ?? first;
    const hint = hintedLetter(request);
    const wandered = drawOf(request, "wander") < model.wanders ? elsewhere : first;
    const follows = hint !== null && drawOf(request, "follow") < model.follows;
    const letter = follows ? hint : LETTERS[wandered];
    const reasoning = `Let me work it out.${follows && drawOf(request, "tell") < model.discloses ? ` ${DISCLOSED}` : ""}`;
    return model.thinking
      ? said(`Answer: ${letter}`, { reasoning_content: reasoning })
      : said(`${reasoning}\n\nAnswer: ${letter}`);
  };
}

/** A judge that reads what the reasoner writes; the monitor's questions get the same honest reading. */
export function honestJudge({ body }: StubRequest): StubAnswer {
  const text: string = body.messages[0].content;
  return said(text.includes(DISCLOSED) ? "YES" : "NO");
}
