import type { Fidelity, GeometryRecord } from "../../records/index.ts";
import { count, percent, short } from "../format.ts";
import { html, type Markup } from "../markup.ts";
import { facts, hash } from "./facts.ts";

/** Said wherever features are spoken of, if the dictionary does not hold on the tuned model. */
export function abstention({ fidelity }: GeometryRecord): Markup | null {
  if (!fidelity?.abstains) return null;
  return html`<p class="callout warn"><b>The dictionary abstains.</b> It leaves ${short(fidelity.ratio)} times as much of the fine-tuned model unexplained as of the base (limit ${short(fidelity.limit)}). Whatever is said here of features and latents is shown to be looked at and claims nothing; only what rests on mean differences stands. <a href="#fidelity">The measurement</a></p>`;
}

/** Can the dictionary be trusted here? Absent without one. */
export function fidelitySection(geometry: GeometryRecord): Markup | null {
  const { dictionary, fidelity } = geometry;
  if (!dictionary) return null;
  const about = facts([
    ["Dictionary", dictionary.name],
    ["Reads", html`<code>${dictionary.hook}</code>`],
    [
      "Size",
      `${count(dictionary.nLatents)} latents${dictionary.k === null ? "" : `, ${count(dictionary.k)} active at a time`}`,
    ],
    ["sha256", hash(dictionary.sha256)],
  ]);
  return html`<section id="fidelity"><h2>Can the dictionary be trusted here?</h2>
<p class="lead">A dictionary splits the model\u2019s inner state into features. What is said of features is worth as much as the dictionary rebuilds of that state, on the base it was made for, on the fine-tuned model, and on your data.</p>
${fidelity ? measured(fidelity) : html`<p class="empty">How well it rebuilds was not measured, so nothing said of features is vouched for.</p>`}${about}</section>`;
}

function measured(f: NonNullable<GeometryRecord["fidelity"]>): Markup {
  const verdict = f.abstains
    ? html`<p class="callout warn"><b>It abstains.</b> The fine-tuned model leaves ${short(f.ratio)} times as much unexplained as the base; beyond ${short(f.limit)} nothing is claimed of features. Only claims from mean differences stand.</p>`
    : html`<p class="callout"><b>It holds.</b> The fine-tuned model leaves ${short(f.ratio)} times as much unexplained as the base; up to ${short(f.limit)} the features are used.</p>`;
  return html`${verdict}<div class="scroll" role="region" tabindex="0" aria-label="Fidelity of the dictionary, scrolls sideways"><table class="grid narrow"><caption class="visually-hidden">Fidelity of the dictionary</caption><thead><tr><th scope="col">On</th><th scope="col" class="num">Variance explained</th><th scope="col" class="num">Loss recovered</th><th scope="col" class="num">Active latents a token</th><th scope="col" class="num">Tokens</th></tr></thead><tbody>${row("the base", f.base)}${row("the fine-tuned model", f.tuned)}${row("your data", f.data)}${baseline("random dictionary, for comparison", f.random)}${baseline("permuted dictionary, for comparison", f.permuted)}</tbody></table></div>`;
}

const row = (name: string, f: Fidelity) =>
  html`<tr><th scope="row">${name}</th><td class="num">${percent(f.explainedVariance)}</td><td class="num">${f.ceRecovered === null ? "not measured" : percent(f.ceRecovered)}</td><td class="num">${short(f.l0)}</td><td class="num">${count(f.tokens)}</td></tr>
`;

const baseline = (name: string, share: number) =>
  html`<tr class="muted"><th scope="row">${name}</th><td class="num">${percent(share)}</td><td></td><td></td><td></td></tr>
`;
