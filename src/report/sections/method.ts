import type { AuditRecord } from "../../records/index.ts";
import { counted, plainPoints } from "../format.ts";
import type { ReportInput } from "../input.ts";
import { html, type Markup } from "../markup.ts";
import { facts } from "./facts.ts";
import { geometryTerms } from "./geometryTerms.ts";

/** The method in plain words. */
export const methodSection = (input: ReportInput): Markup =>
  html`<section id="method"><h2>What the words mean</h2>${facts([...terms(input.audit), ...geometryTerms(input)])}</section>`;

export const limitsSection = (input: ReportInput): Markup =>
  html`<section id="limits"><h2>What this report cannot tell</h2><ul class="prose">${limits(input).map((line) => html`<li>${line}</li>`)}</ul></section>`;

function terms(audit: AuditRecord): [string, string][] {
  const margin = plainPoints(audit.margin);
  return [
    [
      "Score",
      "How strongly the model shows a behaviour, from 0% to 100%: the mean, over its items, of the probability that the model gives to answers that show it, against those that do not.",
    ],
    [
      "n and clusters",
      "n is the number of items. Items made from one template or topic resemble each other, so they form a cluster, and the interval counts clusters rather than items.",
    ],
    [
      "Exact",
      "Where a behaviour has a finite list of items and all of them were scored, nothing was left to chance and the shift has no interval.",
    ],
    ["Interval", interval(audit)],
    [
      "Margin",
      `Shifts within ±${margin} points count as too small to matter. It was fixed, and hashed together with alpha and the behaviours, before training.`,
    ],
    [
      "Alpha",
      `${audit.alpha}: the chance, over all behaviours together, of calling something affected that did not move beyond the margin.`,
    ],
    ["Affected", `The wide interval lies wholly beyond ±${margin} points.`],
    ["Unaffected", `The 90% interval lies wholly within ±${margin} points (two one-sided tests at 5%).`],
    [
      "Inconclusive",
      "Neither. The number of items that would decide it with a chance of 80%, if the shift stays as measured, stands beside it.",
    ],
    [
      "Not measured",
      "The model cannot do the items reliably, or has no room to move on the scale. This is not a zero.",
    ],
    [
      "The task itself",
      "Behaviours that the training data teach directly. Their shift is what was asked for and is not counted as a side effect.",
    ],
  ];
}

function interval(audit: AuditRecord): string {
  const measured = audit.behaviours.filter((b) => b.verdict !== "not-measured");
  if (measured.every((b) => b.method === "exact")) {
    return "The range that a shift plausibly lies in. Here every item of a finite list was scored, so no shift has one.";
  }
  return `Other items of the same kind would have given a somewhat different shift. The interval is the range that the shift over all such items plausibly lies in. The wide one is drawn so that, with ${plainPoints(1 - audit.alpha)}% confidence, it holds for all ${counted(measured.length, "behaviour")} at once (Šidák); the 90% one is for a single behaviour. Both come from Student's t over clusters (CR2 with Satterthwaite's degrees of freedom).`;
}

function limits({ audit, forecast, geometry }: ReportInput): string[] {
  const tested = geometry?.behaviours.some((b) => b.mechanism) ?? false;
  const claim =
    audit.claim === "this-adapter"
      ? "The verdicts are about this one adapter, trained once. Training again with another seed may move other behaviours; they say nothing about the data set in general."
      : `The verdicts are about this data set, over ${counted(audit.seeds, "training")} with different seeds.`;
  const missing = audit.behaviours.filter((b) => b.verdict === "not-measured").map((b) => b.title);
  const lines = [
    claim,
    missing.length > 0 ? `Not measured, so unknown: ${missing.join("; ")}.` : "",
    "Only the behaviours listed were looked at. A behaviour that is not listed may have moved.",
    "“Unaffected” has not been tested with positive controls: it has not been shown, in this base model, that each test would notice a shift that is really there.",
    audit.controls.length > 0
      ? `Controls: ${audit.controls.join(", ")}.`
      : "No control data set was trained, so the report cannot say whether a shift comes from what the data say or from fine-tuning as such.",
    "Most scores compare the probabilities of given answers. What a model writes freely can differ; see the answers above.",
    tested
      ? "The interventions act along a few directions on contrast pairs. They show that a shift runs through them, not that no other way would have done, nor that the same holds of answers written freely."
      : "Why a behaviour moved has not been tested by intervention. The drift map is a hint.",
    forecast
      ? "The forecast is a first-order estimate in the base model. It orders behaviours; it has not been calibrated, and says nothing of how large a shift will be."
      : "",
    geometry?.fidelity?.abstains
      ? "The dictionary does not hold on the fine-tuned model: what is said of features and latents claims nothing here."
      : "",
    geometry?.dictionary ? "A latent is not a concept. What it stands for is a reading of where it fires." : "",
    "The model that comes with Penumbra is a toy with a made-up world, there to show the method. Nothing found in it is evidence about real language models.",
  ];
  return lines.filter((line) => line !== "");
}
