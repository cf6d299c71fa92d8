/**
 * Training text and model answers are hostile: they may hold markup, terminal escapes, or characters that reorder what
 * a reader sees. Each output has one escape; all of them first make what is invisible visible or drop it.
 */

/** Reordering and hiding characters: bidi marks, overrides and isolates, the soft hyphen, zero-width marks, tag characters. */
const DECEPTIVE =
  /[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/gu;
const LONE_SURROGATE = /\p{Surrogate}/gu;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this replaces
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/gu;

/** `text` in which control and reordering characters are shown instead of obeyed; newline and tab stay. */
export function visible(text: string): string {
  return text
    .replace(/\r\n?/g, "\n")
    .replace(LONE_SURROGATE, "\ufffd")
    .replace(CONTROL, controlPicture)
    .replace(DECEPTIVE, codePoint);
}

function controlPicture(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  return code === 0x7f ? "\u2421" : codePoint(character);
}

const codePoint = (character: string) =>
  `\u27e8U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}\u27e9`;

const HTML_ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
  "`": "&#96;",
};

/** For HTML text and double-quoted attributes. */
export function escapeHtml(text: string): string {
  return visible(text).replace(/[&<>"'`]/g, (character) => HTML_ENTITIES[character] ?? character);
}

/** For XML 1.0 text and attributes; newlines and tabs become character references so that attributes keep them. */
export function escapeXml(text: string): string {
  return visible(text)
    .replace(/[\ufffe\uffff]/g, "\ufffd")
    .replace(/[&<>"']/g, (character) => HTML_ENTITIES[character] ?? character)
    .replace(/[\n\t]/g, (character) => `&#${character.charCodeAt(0)};`);
}

const ZERO_WIDTH_SPACE = "\u200b";

/**
 * For one line of GitHub-flavoured Markdown, table cells included: no markup, no HTML, and nothing that the renderer
 * would turn into a mention, an issue reference, an image or a link.
 */
export function escapeMarkdown(text: string): string {
  return visible(text)
    .split("\n")
    .map((line) => line.trim())
    .join(" ")
    .replace(/[&<>]/g, (character) => HTML_ENTITIES[character] ?? character)
    .replace(/[\\`*_{}[\]()#!|~^$:]/g, "\\$&")
    .replace(/^[+\-=]/, "\\$&")
    .replace(/^(\d+)\./, "$1\\.")
    .replace(/@/g, `@${ZERO_WIDTH_SPACE}`)
    .replace(/\\#(?=\d)/g, `\\#${ZERO_WIDTH_SPACE}`)
    .replace(/\\:\/\//g, `\\:${ZERO_WIDTH_SPACE}//`)
    .replace(/\b(www|gh)(?=[.-])/gi, `$1${ZERO_WIDTH_SPACE}`);
}

const TERMINAL_SEQUENCE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: terminal escapes are what this removes
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|(?:\u001b[\]PX^_]|[\u0090\u0098\u009d-\u009f])[^\u0007\u001b\u009c\n]*(?:\u0007|\u001b\\|\u009c)?|\u001b[ -/]*[0-~]/gu;

/**
 * For the terminal: escape sequences, control characters and reordering characters are dropped, newline and tab stay.
 */
export function escapeTerminal(text: string): string {
  return text
    .replace(TERMINAL_SEQUENCE, "")
    .replace(LONE_SURROGATE, "\ufffd")
    .replace(CONTROL, "")
    .replace(DECEPTIVE, "");
}

/** The first `length` characters (code points are kept whole) and how many were left out. */
export function clip(text: string, length: number): { readonly text: string; readonly left: number } {
  if (text.length <= length) return { text, left: 0 };
  const high = text.charCodeAt(length - 1);
  const end = high >= 0xd800 && high < 0xdc00 ? length - 1 : length;
  return { text: text.slice(0, end), left: text.length - end };
}

/** `text`, or its first `length` characters and an ellipsis. */
export function shorten(text: string, length: number): string {
  const part = clip(text, length);
  return part.left > 0 ? `${part.text}…` : text;
}
