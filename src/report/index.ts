export { type DictionaryPage, renderDictionaryPage } from "./dictionaryPage.ts";
export { clip, escapeHtml, escapeMarkdown, escapeTerminal, escapeXml, shorten, visible } from "./escape.ts";
export { counted, duration, percent, plainPoints, points, pointsSpan } from "./format.ts";
export type { ReportInput } from "./input.ts";
export { type JunitOptions, renderJunit } from "./junit.ts";
export { renderMarkdown } from "./markdown.ts";
export { LARGEST_HTML, renderHtml } from "./page.ts";
export { type Group, grouped, VERDICT } from "./words.ts";
