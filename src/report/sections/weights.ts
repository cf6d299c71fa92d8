import type { GeometryRecord } from "../../records/index.ts";
import { counted, percent, short } from "../format.ts";
import type { GeometryView } from "../geometryView.ts";
import { html, type Markup } from "../markup.ts";
import { nearest } from "./lens.ts";

type Module = NonNullable<GeometryRecord["weights"]>[number];
const [OPEN, MOST] = [8, 60];

/** The adapter's own directions, read from its weights alone. Absent where a whole model was tuned. */
export function weightsSection(view: GeometryView): Markup | null {
  const { weights } = view.geometry;
  if (!weights || weights.length === 0) return null;
  const strongest = [...weights].sort((a, b) => b.relative - a.relative);
  const rest = strongest.slice(OPEN, MOST);
  const left = strongest.length - OPEN - rest.length;
  const more =
    rest.length > 0
      ? html`<details><summary>${counted(rest.length, "more module")}</summary>${table(view, rest)}${left > 0 ? html`<p class="note">${counted(left, "weaker module")} in geometry.json.</p>` : null}</details>`
      : null;
  return html`<section id="weights"><h2>What the adapter writes and reads</h2>
<p class="lead">The adapter\u2019s weights alone: how large each change is, and which features it writes into or reads from.</p>
<p class="note">A weight that points at a feature need not move it: these cosines decide nothing, what was measured above does.</p>
${table(view, strongest.slice(0, OPEN))}${more}</section>`;
}

function table(view: GeometryView, modules: readonly Module[]): Markup {
  return html`<div class="scroll" role="region" tabindex="0" aria-label="The adapter by module, scrolls sideways"><table class="grid"><caption class="visually-hidden">The adapter by module</caption><thead><tr><th scope="col">Module</th><th scope="col" class="num">Change of the weight</th><th scope="col" class="num">Singular values</th><th scope="col">Writes</th><th scope="col">Reads</th></tr></thead><tbody>${modules.map(
    (one) =>
      html`<tr><th scope="row"><code>${one.module}</code></th><td class="num">${percent(one.relative)}</td><td class="num">${values(one.singularValues)}</td><td class="tokens">${nearest(view, one.writes)}</td><td class="tokens">${nearest(view, one.reads)}</td></tr>
`,
  )}</tbody></table></div>`;
}

const values = (all: readonly number[]) =>
  `${all
    .slice(0, 4)
    .map((value) => short(value, 2))
    .join(", ")}${all.length > 4 ? " …" : ""}`;
