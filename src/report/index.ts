export { clip, escapeHtml, escapeMarkdown, escapeTerminal, escapeXml, visible } from "./escape.ts";
export type { ReportInput } from "./input.ts";
export { type JunitOptions, renderJunit } from "./junit.ts";
export { renderMarkdown } from "./markdown.ts";
export { LARGEST_HTML, renderHtml } from "./page.ts";
