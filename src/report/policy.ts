import { createHash } from "node:crypto";

const digest = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

/** The content security policy of a self-contained page: its one style sheet and its one script, if any, by their hashes. */
export function pagePolicy({ style, script }: { readonly style: string; readonly script?: string }): string {
  const scripts = script === undefined ? "" : ` script-src ${digest(script)};`;
  return `default-src 'none';${scripts} style-src ${digest(style)}; base-uri 'none'; form-action 'none'`;
}
