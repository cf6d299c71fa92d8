import type { GeometryRecord } from "../../records/index.ts";
import { shorten } from "../escape.ts";
import { counted, short } from "../format.ts";
import type { GeometryView } from "../geometryView.ts";
import { html, type Markup } from "../markup.ts";
import { type Line, lineChart, stroke } from "../plots/lineChart.ts";
import { recordLink } from "./evidenceLink.ts";
import { abstention } from "./fidelity.ts";

type Dynamics = NonNullable<GeometryRecord["dynamics"]>;
interface Series {
  readonly title: string;
  readonly drift: readonly number[];
  readonly latents: readonly number[] | null;
}

/** Colours with dashes of their own; more lines than these could not be told apart. */
const STROKES = ["line-a", "line-b", "line-c", "line-d", "line-e"] as const;

/** How the change grew over the checkpoints. */
export function dynamicsSection(view: GeometryView): Markup | null {
  const { dynamics } = view.geometry;
  if (!dynamics || dynamics.steps.length === 0) return null;
  const series = ordered(view, dynamics);
  const measured = series.some((one) => one.latents) || dynamics.dataLatents;
  return html`<section id="dynamics"><h2>How it grew over training</h2>
<p class="lead">The same measurements on ${counted(dynamics.steps.length, "checkpoint")}: what moved first, and what followed.</p>
${howMeasured(view, dynamics)}
${abstention(view.geometry)}<div class="split even">${driftChart(dynamics, series)}${measured ? latentChart(dynamics, series) : null}</div></section>`;
}

function howMeasured({ geometry, input }: GeometryView, dynamics: Dynamics): Markup {
  const hook = geometry.dictionary ? html`<code>${geometry.dictionary.hook}</code>` : "the middle layer";
  const latents = dynamics.behaviours.some((b) => b.latents) || dynamics.dataLatents;
  return html`<p class="note">Drift is how far the mean of the residual stream at ${hook} has moved from the base along the behaviour\u2019s direction, in the stream\u2019s own units${latents ? "; latents are in units of their activation, a token" : ""}. Read at each step on the same unremarkable answers, a few contrast pairs of each of ${counted(dynamics.behaviours.length, "behaviour")}, whose tokens the record does not count; one training, seed ${input.audit.seed}. No interval: these are descriptions, no verdict rests on them. The numbers: ${recordLink("geometry.json", input)}.</p>`;
}

/** Affected behaviours first: those that get a colour. */
function ordered(view: GeometryView, dynamics: Dynamics): Series[] {
  const weight = (id: string) => {
    const result = view.results.get(id);
    return (result?.verdict === "affected" ? 10 : 0) + Math.abs(result?.delta ?? 0);
  };
  return [...dynamics.behaviours]
    .sort((a, b) => weight(b.id) - weight(a.id))
    .map((b) => ({
      title: shorten(view.results.get(b.id)?.title ?? b.id, 60),
      drift: b.drift,
      latents: b.latents,
    }));
}

function driftChart({ steps }: Dynamics, series: readonly Series[]): Markup {
  const lines = series.map((one, i) => line(steps, one.title, one.drift, STROKES[i] ?? "line-faint"));
  return figure("Drift along each behaviour\u2019s direction", lines, steps);
}

function latentChart({ steps, dataLatents }: Dynamics, series: readonly Series[]): Markup {
  const own = dataLatents ? [line(steps, "what the data amplify", dataLatents, "line-strong")] : [];
  const others = series.flatMap((one, i) =>
    one.latents ? [line(steps, one.title, one.latents, STROKES[i] ?? "line-faint")] : [],
  );
  return figure("Mean activation of latents (signed by what they do)", [...own, ...others], steps);
}

const line = (steps: readonly number[], name: string, ys: readonly number[], className: Line["className"]): Line => ({
  name,
  className,
  points: steps.slice(0, ys.length).map((step, i) => [step, ys[i] ?? 0] as const),
  dots: steps.length <= 30,
});

function figure(title: string, lines: readonly Line[], steps: readonly number[]): Markup {
  const ends = lines.map((one) => `${one.name} ${one.points.map((point) => short(point[1])).join(", ")}`).join("; ");
  const label = `${title} at steps ${steps.join(", ")}: ${ends}`;
  const faint = lines.filter((one) => one.className === "line-faint").length;
  const key = lines
    .filter((one) => one.className !== "line-faint")
    .map((one) => html` <span class="key long">${stroke(one.className)}${one.name}</span>`);
  const rest = faint > 0 ? html` <span class="key">${stroke("line-faint")}${faint} others</span>` : null;
  return html`<figure><figcaption><span class="figure-title">${title}</span>${key}${rest}</figcaption>${lineChart({ label, xTitle: "Step", lines: [...lines].reverse() })}</figure>`;
}
