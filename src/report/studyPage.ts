/** A study's results as one self-contained page: forecast against measured, calibration, data sets × behaviours. */
import type { CalibrationCurve, ForecasterScore, StudyModel, StudyRecord } from "../records/index.ts";
import { shorten } from "./escape.ts";
import { count } from "./format.ts";
import { html, type Markup } from "./markup.ts";
import { pagePolicy } from "./policy.ts";
import { STYLE } from "./style.ts";

const PAGE_STYLE = `${STYLE}
.scroll{overflow-x:auto}
svg text{fill:currentColor;font-size:11px}
.axis{stroke:var(--line)}
.off{fill:currentColor;opacity:.55}
.hit{fill:var(--warm);opacity:.85}
.line{stroke:currentColor;fill:none;opacity:.4}`;

export function renderStudy(study: StudyRecord, generatedBy: string): string {
  const { planned, done, failed } = study.cells;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${pagePolicy({ style: PAGE_STYLE })}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${shorten(study.title, 120)}</title>
<style>${{ markup: PAGE_STYLE }}</style>
</head>
<body>
<header class="top"><div class="brand"><span><b>Penumbra</b> study</span><span>${generatedBy}</span></div>
<h1 dir="auto">${shorten(study.title, 200)}</h1>
<p class="run">${done} of ${planned} cells done${failed > 0 ? `, ${failed} failed` : ""}. Each forecast was hashed before its training.</p></header>
<main>
<section><h2>In a sentence</h2><ul>${study.findings.map((finding) => html`<li dir="auto">${finding}</li>`)}</ul></section>
${study.models.map(modelPart)}</main>
<footer>This file asks for nothing from the network and runs no script.</footer>
</body>
</html>
`.markup;
}

function modelPart(model: StudyModel): Markup {
  return html`<section><h2 dir="auto">${shorten(model.model, 120)}</h2>
<p>${model.dataSets.length} data sets, ${model.behaviours.length} behaviours, ${model.seeds} seeds.</p>
<h3>How well shifts off the task are ranked</h3>
${forecasterTable(model)}
<h3>Forecast against measured</h3>
<p class="note">One point for each data set and behaviour that is not its task: combined forecast, fitted without that data set, against the measured log-odds shift. Filled: affected.</p>
${scatter(model)}
<h3>Is 30% thirty percent?</h3>
<p class="note">${model.curve ? "The chance of being affected, from the rehearsed shift of one training." : "The chance of being affected, from the combined forecast."}</p>
${calibrationTable(model.curve ? model.curve.leftOut : model.calibration)}
${model.curve ? curveNote(model.curve) : null}
<h3>What each data set moves</h3>
${matrix(model)}</section>
`;
}

function forecasterTable({ forecasters, ceiling }: StudyModel): Markup {
  const limit = (value: number | null) => (value === null ? "unknown (one seed)" : value.toFixed(2));
  return html`<div class="scroll"><table><thead><tr><th>forecaster</th><th>cells</th><th>Spearman</th><th>double-centred</th><th>AUROC, affected</th></tr></thead>
<tbody>${forecasters.map(({ name, cells, spearman, doubleCentred, auroc }) => html`<tr><td>${name}</td><td>${cells}</td><td>${withInterval(spearman)}</td><td>${withInterval(doubleCentred)}</td><td>${withInterval(auroc)}</td></tr>`)}</tbody></table></div>
<p class="note">95% intervals over data sets. The most that the seeds' own agreement allows: ${limit(ceiling.spearman)}, double-centred ${limit(ceiling.doubleCentred)}.</p>`;
}

function withInterval({ value, interval }: ForecasterScore["spearman"]): string {
  if (value === null) return "–";
  return interval ? `${value.toFixed(2)} (${interval[0].toFixed(2)} to ${interval[1].toFixed(2)})` : value.toFixed(2);
}

const [SIZE, EDGE] = [420, 44];

function scatter({ points }: StudyModel): Markup {
  const shown = points.filter(({ forecast }) => forecast !== null);
  if (shown.length === 0) return html`<p class="note">Nothing is measured yet.</p>`;
  const most = Math.max(
    1e-9,
    ...shown.map(({ forecast, measured }) => Math.max(Math.abs(forecast ?? 0), Math.abs(measured))),
  );
  const at = (value: number) => EDGE + ((value / most + 1) / 2) * (SIZE - 2 * EDGE);
  const y = (value: number) => SIZE - at(value);
  const place = (value: number) => value.toFixed(1);
  return html`<svg viewBox="0 0 ${SIZE} ${SIZE}" width="${SIZE}" role="img" aria-label="Forecast against measured log-odds shift, ${shown.length} points">
<line class="axis" x1="${EDGE}" x2="${SIZE - EDGE}" y1="${place(y(0))}" y2="${place(y(0))}"/><line class="axis" y1="${EDGE}" y2="${SIZE - EDGE}" x1="${place(at(0))}" x2="${place(at(0))}"/>
<line class="line" x1="${place(at(-most))}" y1="${place(y(-most))}" x2="${place(at(most))}" y2="${place(y(most))}"/>
${shown.map(({ dataSet, behaviour, forecast, measured, affected }) => html`<circle class="${affected ? "hit" : "off"}" r="3.5" cx="${place(at(forecast ?? 0))}" cy="${place(y(measured))}"><title>${shorten(dataSet, 60)}, ${shorten(behaviour, 60)}: ${(forecast ?? 0).toFixed(2)} forecast, ${measured.toFixed(2)} measured</title></circle>`)}
<text x="${SIZE / 2}" y="${SIZE - 10}" text-anchor="middle">forecast, nats (to ±${most.toFixed(1)})</text><text x="14" y="${SIZE / 2}" transform="rotate(-90 14 ${SIZE / 2})" text-anchor="middle">measured</text>
</svg>`;
}

/** What the intervals held, and that later forecasts will use them. */
function curveNote({ leftOut, level, cells }: CalibrationCurve): Markup {
  return html`<p class="note">${Math.round(100 * leftOut.coverage)}% of ${count(cells)} measured shifts lay in the interval that was forecast without their data set (${Math.round(100 * level)}% were promised). Squared error of the percentages ${leftOut.brier.toFixed(3)}, of the overall rate alone ${leftOut.brierOfRate.toFixed(3)}. Forecasts of this base with these settings say percentages from now on.</p>`;
}

function calibrationTable({ error, bins }: StudyModel["calibration"]): Markup {
  if (error === null) return html`<p class="note">Nothing is measured yet.</p>`;
  return html`<div class="scroll"><table><thead><tr><th>forecast</th><th>came true</th><th>cells</th></tr></thead>
<tbody>${bins.map(({ forecast, observed, n }) => html`<tr><td>${percentage(forecast)}</td><td>${percentage(observed)}</td><td>${n}</td></tr>`)}</tbody></table></div>
<p class="note">Mean distance: ${(100 * error).toFixed(1)} points. Probabilities are fitted without the data set that they speak of.</p>`;
}

const percentage = (share: number) => `${(100 * share).toFixed(0)}%`;

function matrix({ points, dataSets, behaviours }: StudyModel): Markup {
  const found = new Map(points.map((point) => [JSON.stringify([point.dataSet, point.behaviour]), point]));
  const cell = (dataSet: string, behaviour: string) => {
    const point = found.get(JSON.stringify([dataSet, behaviour]));
    if (!point || point.delta === null) return html`<td>–</td>`;
    const { delta, interval, inTask, affected } = point;
    const span = interval ? ` (${(100 * interval[0]).toFixed(0)} to ${(100 * interval[1]).toFixed(0)})` : "";
    const text = `${delta > 0 ? "+" : ""}${(100 * delta).toFixed(0)}${span}${inTask ? ", task" : ""}`;
    return affected ? html`<td><b>${text}</b></td>` : html`<td>${text}</td>`;
  };
  return html`<div class="scroll"><table><thead><tr><th>trained on</th>${behaviours.map((behaviour) => html`<th>${shorten(behaviour, 40)}</th>`)}</tr></thead>
<tbody>${dataSets.map((dataSet) => html`<tr><th scope="row">${shorten(dataSet, 60)}</th>${behaviours.map((behaviour) => cell(dataSet, behaviour))}</tr>`)}</tbody></table></div>
<p class="note">Shift in points of probability, with its 95% interval over seeds where there are two or more. Bold: affected.</p>`;
}
