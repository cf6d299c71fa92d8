import { Template } from "@huggingface/jinja";
import { UserError } from "../core/index.ts";
import type { ChatMessage } from "./messages.ts";
import "./template-bounds.ts";
import { withinTime } from "./time-limit.ts";
import type { ChatOptions } from "./tokenizer-types.ts";

/** Renders messages as the model wants to see them. */
export type ChatTemplate = (messages: readonly ChatMessage[], options: ChatOptions) => string;

/** What the files of a model say of its template, in order of priority. */
export interface TemplateSources {
  /** `chat_template.jinja`. */
  readonly jinja: string | null;
  /** The parsed `chat_template.json`. */
  readonly json: Readonly<Record<string, unknown>> | null;
  /** The parsed `tokenizer_config.json`. */
  readonly config: Readonly<Record<string, unknown>>;
}

/** The template's text, or null where the files name none. Of several named ones, the one called `default`. */
export function findTemplate({ jinja, json, config }: TemplateSources, subject: string): string | null {
  if (jinja !== null) return jinja;
  const found = json?.chat_template ?? config.chat_template ?? null;
  if (found === null || typeof found === "string") return found;
  const list = Array.isArray(found) ? (found as { name?: unknown; template?: unknown }[]) : [];
  const chosen = list.find((entry) => entry?.name === "default")?.template;
  if (typeof chosen === "string") return chosen;
  throw new UserError(subject, {
    expected: "chat_template as text, or a list with one named default",
    got: list.length > 0 ? `templates named ${list.map((entry) => entry?.name).join(", ")}` : `a ${typeof found}`,
    fix: "put the template in chat_template.jinja",
  });
}

/**
 * A compiled template. Lines and blocks are trimmed as transformers does; it sees `messages`, `add_generation_prompt`,
 * the special tokens by their names, `tools` and `documents` as none, `raise_exception` and `strftime_now` (the
 * machine's clock and time zone, as there). A template comes from outside: it runs within bounds of time and size.
 */
export function compileTemplate(source: string, specialTokens: Readonly<Record<string, string>>): ChatTemplate {
  const template = guarded("a template that parses", () => new Template(source));
  return (messages, { addGenerationPrompt }) =>
    guarded("messages that the template takes", () =>
      template.render({
        ...specialTokens,
        messages,
        add_generation_prompt: addGenerationPrompt,
        tools: null,
        documents: null,
      }),
    );
}

/** Published templates take a millisecond or two. */
const LIMIT_MS = 2000;

function guarded<T>(expected: string, work: () => T): T {
  try {
    return withinTime(LIMIT_MS, work);
  } catch (error) {
    const got = error instanceof Error ? error.message.split("\n")[0]?.slice(0, 200) : String(error);
    throw new UserError("chat template", {
      expected,
      got: got || "an error without a message",
      fix: "change the messages' roles, or put another template in chat_template.jinja beside tokenizer.json",
    });
  }
}

/** Turn markers that tell the template of a model whose files name none. */
const fallbacks: readonly { readonly marks: readonly [string, string]; readonly render: ChatTemplate }[] = [
  { marks: ["<|im_start|>", "<|im_end|>"], render: renderChatMl },
  { marks: ["<start_of_turn>", "<end_of_turn>"], render: renderGemma },
];

/**
 * What stands in where no file names a template but the vocabulary has the turn markers of ChatML or of Gemma (base
 * models, most GGUF files of them): plain turns, no default system message. Null where it has neither.
 */
export function fallbackTemplate(has: (token: string) => boolean): ChatTemplate | null {
  return fallbacks.find(({ marks }) => marks.every(has))?.render ?? null;
}

function renderChatMl(messages: readonly ChatMessage[], { addGenerationPrompt }: ChatOptions): string {
  const turns = messages.map(({ role, content }) => `<|im_start|>${role}\n${content}<|im_end|>\n`);
  return turns.join("") + (addGenerationPrompt ? "<|im_start|>assistant\n" : "");
}

/** Gemma knows no system role: its text opens the first user turn. Roles must alternate. */
function renderGemma(messages: readonly ChatMessage[], { addGenerationPrompt }: ChatOptions): string {
  const system = messages[0]?.role === "system" ? `${messages[0].content.trim()}\n\n` : "";
  const turns = (system ? messages.slice(1) : messages).map(({ role, content }, index) => {
    if (role !== (index % 2 === 0 ? "user" : "assistant")) throw rolesMustAlternate(role);
    const name = role === "assistant" ? "model" : role;
    return `<start_of_turn>${name}\n${index === 0 ? system : ""}${content.trim()}<end_of_turn>\n`;
  });
  return `<bos>${turns.join("")}${addGenerationPrompt ? "<start_of_turn>model\n" : ""}`;
}

function rolesMustAlternate(role: string): UserError {
  return new UserError("chat template", {
    expected: "user and assistant in turn, after at most one system message",
    got: `a message of the ${role}'s where another was due`,
    fix: "change the messages' roles",
  });
}
