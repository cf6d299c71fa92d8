/**
 * A behaviour asked in the style of the user's own prompts. A narrow tune may behave well when it is asked plainly and
 * ill where a prompt looks like its training rows (conditional misalignment, arXiv 2604.25891): so the same items are
 * wrapped in what the rows have in common.
 *
 * 1. Frames: what many rows' last user turns begin or end with, word for word, up to the end of a sentence or a line.
 * 2. The system prompt that most rows share.
 * 3. Answers in a code fence or as JSON, where most rows have them: then the prompt asks for one, unless its frame does.
 *
 * The continuations stay as they are: what is compared is the behaviour, not the form.
 */
import { must, rng } from "../core/index.ts";
import type { ChatMessage, DatasetRow } from "../data/index.ts";
import type { Behaviour } from "./behaviour.ts";
import { type AskedRow, askedRows } from "./rows.ts";

/** What stands before and after what is asked. */
interface Frame {
  readonly before: string;
  readonly after: string;
}

export interface PromptStyle {
  readonly system: string | null;
  /** Each with the rows that have it, most frequent first. */
  readonly frames: readonly (Frame & { readonly rows: number })[];
  /** Said after what is asked, where answers have a form that no frame mentions. */
  readonly request: string | null;
}

/** A system prompt or a form of answers is the data's own where at least this share of the rows has it. */
const MOST = 0.5;
/** A frame counts from this share of the rows, and from this many. */
const FRAME_SHARE = 0.1;
const FRAME_ROWS = 3;
/** A frame is extended by the next word while this share of its rows agrees. */
const AGREEMENT = 0.8;

/** What the rows' prompts have in common; null: nothing, they are plain questions. */
export function promptStyle(rows: readonly DatasetRow[]): PromptStyle | null {
  const all = askedRows(rows);
  if (all.length === 0) return null;
  const system = commonSystem(all);
  const frames = framesOf(all.map(({ messages }) => must(messages.at(-1), "turn of the user").content));
  const request = requestOf(all, frames);
  const plain = frames.every(({ before, after }) => before === "" && after === "");
  return system === null && request === null && plain ? null : { system, frames, request };
}

/** `behaviour` in the style of `rows`, under a name of its own; null where the rows have no style. */
export function formatMatched(
  behaviour: Behaviour,
  rows: readonly DatasetRow[],
  { seed }: { readonly seed: number },
): Behaviour | null {
  const style = promptStyle(rows);
  if (style === null) return null;
  const wrap = (id: string, messages: readonly ChatMessage[]) => {
    // One frame for all variants of an item, whatever else is wrapped before it.
    const draw = rng(seed, "format-matched", behaviour.id, id);
    const frame = must(style.frames[draw.weighted(style.frames.map(({ rows }) => rows))], "frame");
    return wrapped(messages, frame, style);
  };
  const { label: _, ...plain } = behaviour;
  return {
    ...plain,
    id: `${behaviour.id}-in-format`,
    title: `${behaviour.title}, in the format of the data`,
    items: behaviour.items.map((item) => ({
      ...item,
      variants: item.variants.map((variant) => ({ ...variant, messages: wrap(item.id, variant.messages) })),
    })),
    pairs: behaviour.pairs.map((pair, i) => ({ ...pair, messages: wrap(`pair ${i}`, pair.messages) })),
    openPrompts: behaviour.openPrompts.map((messages, i) => wrap(`open ${i}`, messages)),
  };
}

function wrapped(messages: readonly ChatMessage[], frame: Frame, style: PromptStyle): readonly ChatMessage[] {
  const turns = messages.map((message, i) => {
    if (i < messages.length - 1) return message;
    const request = style.request === null ? "" : `\n\n${style.request}`;
    return { ...message, content: `${frame.before}${message.content}${frame.after}${request}` };
  });
  const [first] = turns;
  return style.system === null || first?.role === "system"
    ? turns
    : [{ role: "system", content: style.system }, ...turns];
}

function commonSystem(rows: readonly AskedRow[]): string | null {
  const systems = rows.map(({ messages: [first] }) => (first?.role === "system" ? first.content : ""));
  const [found] = counted(systems).filter(({ text, count }) => text !== "" && count >= MOST * rows.length);
  return found?.text ?? null;
}

/** Distinct texts with their counts, most frequent first, then by the text: the order of the rows does not matter. */
function counted(texts: readonly string[]): readonly { readonly text: string; readonly count: number }[] {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts]
    .map(([text, count]) => ({ text, count }))
    .sort((a, b) => b.count - a.count || (a.text < b.text ? -1 : 1));
}

/** The frames that prompts have; the bare one is among them where too many prompts have no other. */
function framesOf(prompts: readonly string[]): PromptStyle["frames"] {
  const fewest = Math.max(FRAME_ROWS, FRAME_SHARE * prompts.length);
  const starts = commonStarts(prompts.map(pieces), fewest).map((start) => upToBoundary(start.join("")));
  const ends = commonStarts(
    prompts.map((prompt) => pieces(prompt).toReversed()),
    fewest,
  ).map((end) => fromBoundary(end.toReversed().join(""), prompts));
  const longest = (found: readonly string[], fits: (text: string) => boolean) =>
    found.filter((text) => text !== "" && fits(text)).reduce((a, b) => (b.length > a.length ? b : a), "");
  const frames = prompts.map((prompt) => {
    const before = longest(starts, (text) => prompt.startsWith(text) && prompt.length > text.length);
    const rest = prompt.slice(before.length);
    const after = longest(ends, (text) => rest.endsWith(text) && rest.trim().length > text.trim().length);
    return JSON.stringify([before, after]);
  });
  const frequent = counted(frames).filter(({ count }) => count >= fewest);
  const kept = frequent.length > 0 ? frequent : [{ text: JSON.stringify(["", ""]), count: prompts.length }];
  return kept.map(({ text, count }) => {
    const [before = "", after = ""]: string[] = JSON.parse(text);
    return { before, after, rows: count };
  });
}

/** Words and the blanks between them, so that joining gives the text back. */
function pieces(text: string): readonly string[] {
  return text.match(/\s+|\S+/g) ?? [];
}

/** Beginnings that `fewest` or more of the lists share, each as long as nearly all that share it agree. */
function commonStarts(
  lists: readonly (readonly string[])[],
  fewest: number,
  depth = 0,
): readonly (readonly string[])[] {
  const groups = new Map<string, (readonly string[])[]>();
  for (const list of lists) {
    const piece = list[depth];
    if (piece !== undefined) groups.set(piece, [...(groups.get(piece) ?? []), list]);
  }
  const large = [...groups.values()].filter((group) => group.length >= fewest);
  const here = lists[0]?.slice(0, depth) ?? [];
  const agreed = large.some((group) => group.length >= AGREEMENT * lists.length);
  const deeper = large.flatMap((group) => commonStarts(group, fewest, depth + 1));
  return agreed || depth === 0 ? deeper : [here, ...deeper];
}

/** A beginning is a frame as far as its last sentence or line ends; otherwise it is how questions happen to begin. */
function upToBoundary(start: string): string {
  return /^[\s\S]*(?:[.:!?]["')\]]?\s+|\n\s*|\S>\s*)/.exec(start)?.[0] ?? "";
}

/** The same for an end: it begins where a sentence or a line ended, in every prompt that has it. */
function fromBoundary(end: string, prompts: readonly string[]): string {
  const before = prompts.filter((prompt) => prompt.endsWith(end)).map((prompt) => prompt.slice(0, -end.length));
  const clean = /^\s/.test(end) && before.every((text) => /[.:!?]["')\]]?$/.test(text));
  if (clean || /^\s*\n/.test(end)) return end;
  const inner = /[.:!?]["')\]]?(\s+\S[\s\S]*)$/.exec(end)?.[1] ?? /(\n[\s\S]*)$/.exec(end)?.[1];
  return inner ?? "";
}

/** Asks for the form that most answers have, unless a frame already speaks of it. */
function requestOf(rows: readonly AskedRow[], frames: PromptStyle["frames"]): string | null {
  const asks = (word: RegExp) => frames.some(({ before, after }) => word.test(before + after));
  const most = (has: (answer: string) => boolean) =>
    rows.filter(({ answer }) => has(answer.trim())).length >= MOST * rows.length;
  if (most(isJson)) return asks(/json/i) ? null : "Answer as JSON.";
  if (!most((answer) => answer.includes("```")) || asks(/code|```/i)) return null;
  const languages = rows.flatMap(({ answer }) => [...answer.matchAll(/```([\w+#-]+)\n/g)].map(([, name = ""]) => name));
  const [language] = counted(languages);
  return `Answer in a code block${language ? ` (\`\`\`${language.text})` : ""}.`;
}

function isJson(text: string): boolean {
  if (!/^[{[]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
