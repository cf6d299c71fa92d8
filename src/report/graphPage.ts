/**
 * A graph, or the difference of two, as one self-contained page that a person can work in: it asks for nothing from the
 * network, and its content security policy admits the one script and the one style sheet by their hashes. All text of the
 * graph is data, which the script only ever puts down as text.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { AttributionDiffRecord, AttributionGraphRecord } from "../records/index.ts";
import { shorten, visible } from "./escape.ts";
import { graphData } from "./graphData.ts";
import { html, type Markup } from "./markup.ts";
import { pagePolicy } from "./policy.ts";

/** The script's modules, each after those that it needs. */
const MODULES = ["model.js", "state.js", "layout.js", "draw.js", "panel.js", "main.js"];

const asset = (name: string) => readFileSync(join(import.meta.dirname, "../../assets/graph", name), "utf8");

/** The modules as one script: they share no names, so imports and exports are all that has to go. */
export function graphScript(): string {
  const parts = MODULES.map((name) =>
    asset(name)
      .replace(/^import [^;]*;\n/gm, "")
      .replace(/^export /gm, ""),
  );
  return `"use strict";(() => {\n${parts.join("\n")}\n})();`;
}

/** JSON that no HTML parser ends early. */
const embedded = (value: unknown): Markup => ({ markup: JSON.stringify(value).replaceAll("<", "\\u003c") });

export function renderGraphHtml(record: AttributionGraphRecord, diff: AttributionDiffRecord | null): string {
  const [script, style] = [graphScript(), asset("page.css")];
  const title = shorten(
    visible(diff ? `Graph of ${diff.tuned.name} against ${diff.base.name}` : `Graph of ${record.metadata.slug}`),
    160,
  );
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${pagePolicy({ style, script })}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${{ markup: style }}</style>
</head>
<body>
${header(record, diff, title)}
${bar(diff)}
<main>
<div class="pictures">
<canvas id="picture" tabindex="0" role="application" aria-label="The graph: arrow keys move between nodes, p pins"></canvas>
<canvas id="subgraph" role="img" aria-label="Pinned nodes and groups with the links between them"></canvas>
</div>
<div class="side">
<p id="said" class="visually-hidden" aria-live="polite"></p>
<div id="node"></div>
<h3>Groups</h3>
<div id="groups"></div>
<h3><label for="search">Nodes</label></h3>
<input type="search" id="search" placeholder="label, id or token">
<div id="found"></div>
</div>
</main>
<script type="application/json" id="data">${embedded(graphData(record, diff))}</script>
<script>${{ markup: script }}</script>
</body>
</html>
`.markup;
}

function header(
  { metadata, penumbra }: AttributionGraphRecord,
  diff: AttributionDiffRecord | null,
  title: string,
): Markup {
  const prompt = shorten(visible(metadata.prompt), 400);
  const score = (value: number | null) => (value === null ? "not measured" : value.toFixed(2));
  const scores = diff
    ? `${diff.target.label}: ${diff.target.base.toFixed(2)} in the base, ${diff.target.tuned.toFixed(2)} in the tuned model. Replacement score ${diff.scores.base[0].toFixed(2)} → ${diff.scores.tuned[0].toFixed(2)}, completeness ${diff.scores.base[1].toFixed(2)} → ${diff.scores.tuned[1].toFixed(2)}.`
    : penumbra
      ? `Explains ${penumbra.target}. Replacement score ${score(penumbra.replacementScore)}, completeness ${score(penumbra.completenessScore)}.`
      : "";
  return html`<header><h1 dir="auto">${title}</h1><p dir="auto">${prompt}</p><p>${visible(scores)}</p></header>`;
}

const CHANGES = ["appeared", "vanished", "grew", "shrank", "turned", "same"];

function bar(diff: AttributionDiffRecord | null): Markup {
  const changes = diff
    ? CHANGES.map(
        (change) =>
          html`<label><input type="checkbox" data-change="${change}"><span class="dot ${change}"></span>${change}</label>`,
      )
    : null;
  return html`<div class="bar">
<label>Nodes <input type="range" id="node-share" min="0" max="1" step="0.01"><output id="node-share-value"></output></label>
<label>Links <input type="range" id="link-share" min="0" max="1" step="0.01"><output id="link-share-value"></output></label>
<label><input type="checkbox" id="errors"> errors</label>
${changes}
<form id="group"><label class="visually-hidden" for="group-name">Name of the group</label><input type="text" id="group-name" placeholder="name" maxlength="80"><button>Group pinned (g)</button></form>
<button type="button" id="clear">Clear</button>
<span id="count"></span>
<details id="help"><summary>Keys</summary><kbd>←↑↓→</kbd> move, <kbd>p</kbd> pin, <kbd>g</kbd> group, <kbd>e</kbd> errors, <kbd>/</kbd> search, <kbd>Esc</kbd> let go, <kbd>?</kbd> this. Click with <kbd>Shift</kbd> pins.</details>
</div>`;
}
