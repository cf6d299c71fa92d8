import { escapeHtml } from "./escape.ts";

/** Markup that needs no escaping: made only by the `html` tag below. */
export interface Markup {
  readonly markup: string;
}

export type Content = Markup | string | number | null | readonly Content[];

/** Everything put into the template is escaped, unless it was made by `html` itself. Null puts nothing. */
export function html(parts: TemplateStringsArray, ...values: readonly Content[]): Markup {
  let out = parts[0] ?? "";
  values.forEach((value, i) => {
    out += rendered(value) + (parts[i + 1] ?? "");
  });
  return { markup: out };
}

function rendered(value: Content): string {
  if (value === null) return "";
  if (typeof value === "number") return escapeHtml(String(value));
  if (typeof value === "string") return escapeHtml(value);
  return "markup" in value ? value.markup : value.map(rendered).join("");
}
