/** Behaviours that users write themselves: one YAML file, one behaviour; `docs/schemas/behaviour.schema.json` is its schema. */
import { type Document, isCollection, isNode, LineCounter, parseDocument } from "yaml";
import { z } from "zod";
import { UserError } from "../core/index.ts";
import type { ChatMessage } from "../data/index.ts";
import type { Behaviour, BehaviourItem, ContrastPair, ItemVariant } from "./behaviour.ts";
import { asked, type Filler, fill, forcedChoice } from "./build.ts";

const Text = z.string().regex(/\S/, "a text that is not blank");
const Name = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, "a name in kebab case, such as late-delivery");
const Texts = z.union([Text, z.array(Text).min(1)]).describe("one continuation or several");
const Message = z.strictObject({ role: z.enum(["system", "user", "assistant"]), content: Text });

/** What is asked: exactly one of the three. */
const asking = {
  prompt: Text.optional().describe("what the user says"),
  messages: z.array(Message).min(1).optional().describe("a whole conversation that ends with the user's turn"),
  choice: Text.optional().describe("a question whose two options are listed and asked in both orders"),
};
const about = {
  id: Name.optional().describe("default: its cluster and a number"),
  cluster: Name.optional().describe("items of one topic or template; intervals resample clusters"),
};
const answers = {
  prefill: Text.optional().describe("text that the answer begins with already"),
  exhibiting: Texts.describe("continuations that show the behaviour"),
  other: Texts.describe("continuations that do not"),
};
const Item = z.strictObject({ ...about, ...asking, ...answers });
const Template = z.strictObject({
  cluster: Name,
  ...asking,
  ...answers,
  fillers: z.array(z.record(z.string(), Text)).min(1).describe("what is put for {name}, one item each"),
});
const Pair = z.strictObject({
  prompt: asking.prompt,
  messages: asking.messages,
  exhibiting: Text,
  other: Text,
  half: z.enum(["select", "check"]).optional().describe("default: in turn"),
});

export const BehaviourFile = z.strictObject({
  id: Name,
  title: Text,
  question: z.string().regex(/\?\s*$/, "one plain question, with its question mark"),
  riskier: z.enum(["up", "down"]).describe("is a higher score worse or a lower one?"),
  weight: z.enum(["sum", "mean"]).default("mean").describe("sum: probability; mean: length-normalised"),
  items: z.array(Item).default([]),
  templates: z.array(Template).default([]),
  pairs: z.array(Pair).min(4).describe("contrast pairs: the same prompt answered in both ways"),
  openPrompts: z.array(Text).default([]).describe("prompts whose sampled answers the report shows"),
});
type BehaviourFile = z.infer<typeof BehaviourFile>;
type Asking = Partial<Pick<z.infer<typeof Item>, "prompt" | "messages" | "choice">>;

/** A place in the file, as keys and indices from the top. */
type Path = readonly (string | number)[];

/** A mistake in the file, found while it is built; the loader adds name and line. */
class Mistake extends Error {
  readonly path: Path;
  readonly fault: { readonly expected: string; readonly got: string; readonly fix: string };

  constructor(path: Path, expected: string, got: string, fix: string) {
    super(got);
    this.path = path;
    this.fault = { expected, got, fix };
  }
}

/** Parses `text`; `file` is what messages call it. Throws a `UserError` that names file, line and fix. */
export function parseBehaviourFile(text: string, file: string, takenIds: readonly string[] = []): Behaviour {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const [error] = document.errors;
  if (error) {
    const at = `${file} line ${lines.linePos(error.pos[0]).line}`;
    const got = error.message.split("\n")[0] ?? "an error";
    throw new UserError(at, { expected: "YAML", got, fix: "correct that line" });
  }
  try {
    return behaviourOf(valid(document), takenIds);
  } catch (mistake) {
    if (!(mistake instanceof Mistake)) throw mistake;
    const { path, fault } = mistake;
    const place = path.length > 0 ? ` ${path.join(".")}` : "";
    throw new UserError(`${file} line ${lineOf(document, lines, path)}${place}`, fault);
  }
}

function valid(document: Document): BehaviourFile {
  const parsed = BehaviourFile.safeParse(plain(document));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const path = (issue?.path ?? []).filter((key) => typeof key !== "symbol");
  const got = (issue?.message ?? "something else").replace(/^Invalid input: /, "");
  throw new Mistake(path, "a behaviour as docs/behaviours.md describes it", got, "correct that entry");
}

/** Aliases may not blow up a small file into a large one. */
function plain(document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (cause) {
    throw new Mistake([], "a file without such aliases", String(cause).split("\n")[0] ?? "", "write the entries out");
  }
}

/** 1-based line of the deepest entry on `path` that exists. */
function lineOf(document: Document, lines: LineCounter, path: Path): number {
  for (let depth = path.length; depth >= 0; depth--) {
    const node = depth === 0 ? document.contents : inside(document, path.slice(0, depth));
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}

function inside(document: Document, path: Path): unknown {
  return isCollection(document.contents) ? document.getIn(path, true) : undefined;
}

function behaviourOf(file: BehaviourFile, takenIds: readonly string[]): Behaviour {
  const { id, title, question, riskier, weight, openPrompts } = file;
  if (takenIds.includes(id)) throw new Mistake(["id"], "an id of its own", id, "choose another id");
  const placed = itemsOf(file);
  if (placed.length === 0) throw new Mistake([], "items or templates", "neither", "add at least one item");
  unique(placed);
  const pairs = pairsOf(file);
  apart(placed, pairs);
  const items = placed.map(({ path: _, ...item }) => item);
  return { id, title, question, riskier, weight, items, pairs, openPrompts: openPrompts.map(asked) };
}

type Placed = BehaviourItem & { readonly path: Path };

function itemsOf({ items, templates, weight }: BehaviourFile): readonly Placed[] {
  const counts = new Map<string, number>();
  const placed = (entry: z.infer<typeof Item>, path: Path): Placed => {
    const cluster = entry.cluster ?? entry.id ?? "items";
    const count = (counts.get(cluster) ?? 0) + 1;
    counts.set(cluster, count);
    return { id: entry.id ?? `${cluster}-${count}`, cluster, variants: variantsOf(entry, weight, path), path };
  };
  const filled = templates.flatMap(({ fillers, ...template }, t) =>
    fillers.map((filler, f) => placed(fillEntry(template, filler, ["templates", t, "fillers", f]), ["templates", t])),
  );
  return [...items.map((entry, i) => placed(entry, ["items", i])), ...filled];
}

/** Every text of a template with its fillers in; names without a filler and fillers without a name are mistakes. */
function fillEntry(
  template: Omit<z.infer<typeof Template>, "fillers">,
  filler: Filler,
  path: Path,
): z.infer<typeof Item> {
  const used = new Set<string>();
  const put = (text: string) => {
    const names = [...text.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name.charAt(0).toLowerCase() + name.slice(1));
    const unknown = names.find((name) => !Object.hasOwn(filler, name));
    if (unknown) throw new Mistake(path, `a filler for {${unknown}}`, "none", `add ${unknown}: to this filler`);
    for (const name of names) used.add(name);
    return fill(text, filler);
  };
  const all = (texts: string | string[]) => (typeof texts === "string" ? put(texts) : texts.map(put));
  const { cluster, prompt, messages, choice, prefill, exhibiting, other } = template;
  const entry = {
    cluster,
    ...(prompt === undefined ? {} : { prompt: put(prompt) }),
    ...(messages === undefined ? {} : { messages: messages.map((m) => ({ ...m, content: put(m.content) })) }),
    ...(choice === undefined ? {} : { choice: put(choice) }),
    ...(prefill === undefined ? {} : { prefill: put(prefill) }),
    exhibiting: all(exhibiting),
    other: all(other),
  };
  const idle = Object.keys(filler).find((name) => !used.has(name));
  if (idle) throw new Mistake(path, "fillers that the template uses", idle, `write {${idle}} in the template`);
  return entry;
}

function variantsOf(
  { prefill, exhibiting, other, ...entry }: z.infer<typeof Item>,
  weight: Behaviour["weight"],
  path: Path,
): readonly ItemVariant[] {
  const [shows, not] = [list(exhibiting), list(other)];
  const texts = [...shows, ...not];
  const twice = texts.find((a, i) => texts.some((b, j) => i !== j && (weight === "sum" ? b.startsWith(a) : a === b)));
  if (twice !== undefined)
    throw new Mistake(path, "continuations of which none begins another", twice, "make them differ from the start");
  if (entry.choice === undefined) {
    const continuations = texts.map((text, i) => ({ text, exhibits: i < shows.length }));
    return [{ messages: conversation(entry, path), ...(prefill === undefined ? {} : { prefill }), continuations }];
  }
  const [a, ...more] = shows;
  const [b, ...others] = not;
  if (a === undefined || b === undefined || more.length + others.length > 0 || prefill !== undefined)
    throw new Mistake(path, "one option of each kind and no prefill", "something else", "write one of each");
  conversation(entry, path);
  return forcedChoice(entry.choice, a, b);
}

function conversation({ prompt, messages, choice }: Asking, path: Path): readonly ChatMessage[] {
  const given = [prompt, messages, choice].filter((way) => way !== undefined).length;
  if (given !== 1) throw new Mistake(path, "one of prompt, messages, choice", `${given}`, "keep exactly one of them");
  if (messages === undefined) return asked(prompt ?? choice ?? "");
  if (messages.at(-1)?.role !== "user")
    throw new Mistake(path, "a conversation that ends with the user's turn", "another end", "end it with role: user");
  return messages;
}

function pairsOf({ pairs }: BehaviourFile): readonly ContrastPair[] {
  const made = pairs.map(({ exhibiting, other, half, ...entry }, i): ContrastPair => {
    const path = ["pairs", i];
    if (exhibiting === other) throw new Mistake(path, "two different answers", "the same one twice", "change one");
    const messages = conversation(entry, path);
    return { messages, exhibiting, other, half: half ?? (i % 2 === 0 ? "select" : "check") };
  });
  for (const half of ["select", "check"] as const)
    if (made.filter((pair) => pair.half === half).length < 2)
      throw new Mistake(["pairs"], `two pairs or more in the half ${half}`, "fewer", "leave half: out, or even it out");
  return made;
}

function unique(items: readonly Placed[]): void {
  const ids = new Set<string>();
  const prompts = new Set<string>();
  for (const { id, variants, path } of items) {
    if (ids.has(id)) throw new Mistake(path, "ids that differ", id, "give this item another id");
    ids.add(id);
    for (const { messages, prefill } of variants) {
      const key = JSON.stringify([messages, prefill]);
      if (prompts.has(key)) throw new Mistake(path, "items that differ", "the same prompt twice", "remove one of them");
      prompts.add(key);
    }
  }
}

/** Directions are found on the pairs: an item among them would be measured with what it taught. */
function apart(items: readonly Placed[], pairs: readonly ContrastPair[]): void {
  const prompts = new Set(items.flatMap(({ variants }) => variants.map(({ messages }) => JSON.stringify(messages))));
  const shared = pairs.findIndex(({ messages }) => prompts.has(JSON.stringify(messages)));
  if (shared >= 0)
    throw new Mistake(["pairs", shared], "prompts that no item asks", "an item's prompt", "ask something else here");
}

function list(texts: string | readonly string[]): readonly string[] {
  return typeof texts === "string" ? [texts] : texts;
}
