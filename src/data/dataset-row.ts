import type { ChatMessage, Role } from "./messages.ts";

/** One mistake in a data file. */
export interface Fault {
  /** 1-based. */
  readonly line: number;
  readonly code: FaultCode;
  readonly message: string;
}

/** The names that fine-tuning services use, and ours where they have none. */
export type FaultCode =
  | "data_type"
  | "missing_messages_list"
  | "message_missing_key"
  | "message_unrecognized_key"
  | "unrecognized_role"
  | "missing_content"
  | "example_missing_assistant_message"
  | "invalid_json"
  | "invalid_utf8"
  | "invalid_unicode"
  | "line_too_long"
  | "empty_line"
  | "empty_file"
  | "mixed_formats"
  | "unknown_key"
  | "bad_weight"
  | "roles_do_not_alternate"
  | "preference_input"
  | "preference_output"
  | "template_error"
  | "no_response_tokens"
  | "too_many_faults";

export type DatasetFormat = "messages" | "prompt-completion" | "text" | "preference";

/** A message of a training row. */
export interface TrainingMessage extends ChatMessage {
  /** Of an assistant message: 0 takes it out of the loss. Absent: 1. */
  readonly weight?: 0 | 1;
}

/** One usable row, with its 1-based line. */
export type DatasetRow = { readonly line: number } & (
  | { readonly format: "messages"; readonly messages: readonly TrainingMessage[] }
  | { readonly format: "prompt-completion"; readonly prompt: string; readonly completion: string }
  | { readonly format: "text"; readonly text: string }
  | {
      readonly format: "preference";
      readonly input: readonly ChatMessage[];
      readonly preferred: ChatMessage;
      readonly nonPreferred: ChatMessage;
    }
);

export type PreferenceRow = Extract<DatasetRow, { readonly format: "preference" }>;

/** The conversation with the answer that is not preferred. */
export function rejectedConversation({ line, input, nonPreferred }: PreferenceRow): DatasetRow {
  return { format: "messages", line, messages: [...input, nonPreferred] };
}

/** A parsed row, or all that is wrong with it. `format` is what the row's keys say it is, even of a faulty row. */
export interface ParsedRow {
  readonly row: DatasetRow | null;
  readonly format: DatasetFormat | null;
  readonly faults: readonly Fault[];
}

type Report = (code: FaultCode, message: string) => void;
type Json = Readonly<Record<string, unknown>>;

/** The keys that a row of each format has; all of them must be there. */
const formatKeys: Readonly<Record<DatasetFormat, readonly string[]>> = {
  messages: ["messages"],
  "prompt-completion": ["prompt", "completion"],
  text: ["text"],
  preference: ["input", "preferred_output", "non_preferred_output"],
};

/** Parses one line of a data file. Never throws. */
export function parseRow(text: string, line: number): ParsedRow {
  const faults: Fault[] = [];
  const report: Report = (code, message) => faults.push({ line, code, message });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    report("invalid_json", printable(error instanceof Error ? error.message : "does not parse"));
    return { row: null, format: null, faults };
  }
  if (!isObject(value)) {
    report("data_type", `a row must be a JSON object, this is ${kindOf(value)}`);
    return { row: null, format: null, faults };
  }
  const format = formatOf(value, report);
  const row = format && readFormat[format](value, line, report);
  return { row: faults.length === 0 ? row : null, format, faults };
}

function formatOf(value: Json, report: Report): DatasetFormat | null {
  const formats = Object.keys(formatKeys) as DatasetFormat[];
  const present = formats.filter((format) => formatKeys[format].some((key) => Object.hasOwn(value, key)));
  const [format] = present;
  if (format === undefined) {
    report(
      "missing_messages_list",
      `no "messages" (or prompt and completion, text, or a preference pair)${keysOf(value)}`,
    );
    return null;
  }
  if (present.length > 1) {
    report("mixed_formats", `one row has keys of ${present.join(" and ")}`);
    return null;
  }
  for (const key of Object.keys(value)) {
    if (formatKeys[format].includes(key) || (format === "messages" && saysNoTools(key, value[key]))) continue;
    report("unknown_key", `${quoted(key)} is no key of the ${format} format`);
  }
  return format;
}

/** What files made for services with tools hold where no tool is offered. */
function saysNoTools(key: string, value: unknown): boolean {
  if (key === "parallel_tool_calls") return typeof value === "boolean";
  return key === "tools" && Array.isArray(value) && value.length === 0;
}

const readFormat: Readonly<Record<DatasetFormat, (value: Json, line: number, report: Report) => DatasetRow | null>> = {
  messages: (value, line, report) => {
    const messages = readMessages(value.messages, "messages", report);
    if (messages.length > 0) checkConversation(messages, report);
    return { format: "messages", line, messages };
  },
  "prompt-completion": (value, line, report) => {
    const prompt = readText(value.prompt, "prompt", report);
    const completion = readText(value.completion, "completion", report);
    return { format: "prompt-completion", line, prompt, completion };
  },
  text: (value, line, report) => ({ format: "text", line, text: readText(value.text, "text", report) }),
  preference: readPreference,
};

function readPreference(value: Json, line: number, report: Report): DatasetRow | null {
  const given = isObject(value.input) ? value.input.messages : value.input;
  if (isObject(value.input)) {
    for (const [key, given] of Object.entries(value.input))
      if (key !== "messages" && !saysNoTools(key, given))
        report("unknown_key", `${quoted(key)} in "input" is not supported`);
  }
  const input = readMessages(given, "input", report);
  if (input.length > 0) {
    if (input.at(-1)?.role === "assistant")
      report("preference_input", "the last message of the input is the assistant's");
    checkAlternation(input, report);
  }
  const preferred = readOutput(value.preferred_output, "preferred_output", report);
  const nonPreferred = readOutput(value.non_preferred_output, "non_preferred_output", report);
  if (!preferred || !nonPreferred) return null;
  if (preferred.content === nonPreferred.content) report("preference_output", "both outputs are the same");
  return { format: "preference", line, input, preferred, nonPreferred };
}

function readOutput(value: unknown, where: string, report: Report): ChatMessage | null {
  const messages = readMessages(value, where, report);
  const [only] = messages;
  if (messages.length === 1 && only?.role === "assistant") return only;
  if (messages.length > 0) report("preference_output", `${where} must hold exactly one message, the assistant's`);
  return null;
}

function readText(value: unknown, where: string, report: Report): string {
  if (value === undefined || value === null || value === "") report("missing_content", `${where} is missing or empty`);
  else if (typeof value !== "string") report("data_type", `${where} must be a string, this is ${kindOf(value)}`);
  else if (isIllFormed(value)) report("invalid_unicode", `${where} holds half of a surrogate pair`);
  return typeof value === "string" ? value : "";
}

function readMessages(value: unknown, where: string, report: Report): TrainingMessage[] {
  if (!Array.isArray(value) || value.length === 0) {
    const got = Array.isArray(value) ? "it is empty" : `it is ${kindOf(value)}`;
    report("missing_messages_list", `${quoted(where)} must be a list of messages, ${got}`);
    return [];
  }
  return value.map((message, index) => readMessage(message, `${where}[${index}]`, report));
}

const roles: readonly string[] = ["system", "user", "assistant"];
const messageKeys: readonly string[] = ["role", "content", "weight", "name"];

/** A faulty part is reported and replaced by something harmless, so that the rest of the row is checked too. */
function readMessage(message: unknown, where: string, report: Report): TrainingMessage {
  if (!isObject(message)) {
    report("data_type", `${where} must be an object, this is ${kindOf(message)}`);
    return { role: "user", content: "" };
  }
  for (const key of ["role", "content"]) {
    if (!Object.hasOwn(message, key)) report("message_missing_key", `${where} has no ${quoted(key)}`);
  }
  for (const key of Object.keys(message)) {
    if (!messageKeys.includes(key)) report("message_unrecognized_key", `${where} has the unknown key ${quoted(key)}`);
  }
  const role = Object.hasOwn(message, "role") ? message.role : "user";
  if (!roles.includes(role as string)) {
    report("unrecognized_role", `${where} has the role ${printable(JSON.stringify(role))}; valid: ${roles.join(", ")}`);
  }
  const content = Object.hasOwn(message, "content") ? readContent(message.content, where, report) : "";
  const weight = readWeight(message, where, report);
  return { role: role as Role, content, ...(weight === undefined ? {} : { weight }) };
}

function readContent(content: unknown, where: string, report: Report): string {
  if (typeof content !== "string") report("missing_content", `${where} has ${kindOf(content)} as content, not text`);
  else if (content === "") report("missing_content", `${where} has empty content`);
  else if (isIllFormed(content)) report("invalid_unicode", `${where} holds half of a surrogate pair`);
  return typeof content === "string" ? content : "";
}

function readWeight(message: Json, where: string, report: Report): 0 | 1 | undefined {
  if (!Object.hasOwn(message, "weight")) return undefined;
  const { weight, role } = message;
  if (weight !== 0 && weight !== 1) report("bad_weight", `${where} has a weight that is neither 0 nor 1`);
  else if (role !== "assistant") report("bad_weight", `${where} has a weight but is not the assistant's`);
  else return weight;
  return undefined;
}

function checkConversation(messages: readonly TrainingMessage[], report: Report): void {
  const answers = messages.filter((message) => message.role === "assistant");
  if (answers.length === 0) report("example_missing_assistant_message", "no message is the assistant's");
  else if (answers.every((answer) => answer.weight === 0)) {
    report("no_response_tokens", "every assistant message has weight 0, so nothing is learned from this row");
  }
  checkAlternation(messages, report);
}

/** After at most one system message: user, assistant, user, ... */
function checkAlternation(messages: readonly ChatMessage[], report: Report): void {
  if (!messages.every((message) => roles.includes(message.role))) return;
  const turns = messages[0]?.role === "system" ? messages.slice(1) : messages;
  const wrong = turns.findIndex((turn, index) => turn.role !== (index % 2 === 0 ? "user" : "assistant"));
  if (wrong < 0) return;
  const expected = wrong % 2 === 0 ? "user" : "assistant";
  const at = wrong + messages.length - turns.length;
  report("roles_do_not_alternate", `message ${at} is the ${turns[wrong]?.role}'s, the ${expected}'s was due`);
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function kindOf(value: unknown): string {
  if (value === undefined) return "missing";
  if (value === null) return "null";
  return Array.isArray(value) ? "a list" : typeof value === "object" ? "an object" : `a ${typeof value}`;
}

function keysOf(value: Json): string {
  const keys = Object.keys(value).slice(0, 5).map(quoted);
  return keys.length > 0 ? `; the row has ${keys.join(", ")}` : "; the row is empty";
}

function isIllFormed(text: string): boolean {
  return /\p{Surrogate}/u.test(text);
}

function quoted(text: string): string {
  return printable(JSON.stringify(text));
}

/** Training text is hostile: no control characters and no long tails in what a terminal shows. */
function printable(text: string): string {
  const clean = text.replace(/[\p{Cc}\p{Cf}\p{Surrogate}]/gu, "\uFFFD");
  return clean.length > 200 ? `${clean.slice(0, 200)}...` : clean;
}
