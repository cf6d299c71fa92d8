import type { AuditRecord, BehaviourResult } from "../../records/index.ts";
import { together } from "../family.ts";
import { fixedWords } from "../fixedWords.ts";
import { counted, plainPoints } from "../format.ts";
import type { ReportInput } from "../input.ts";
import { html, type Markup } from "../markup.ts";
import { assay } from "../words.ts";
import { facts } from "./facts.ts";
import { geometryTerms } from "./geometryTerms.ts";
import { notLookedAt } from "./notLookedAt.ts";

/** The method in plain words. */
export const methodSection = (input: ReportInput): Markup =>
  html`<section id="method"><h2>What the words mean</h2>${facts([...terms(input), ...geometryTerms(input)])}</section>`;

/** `missing`: the sections that this report lacks. */
export const limitsSection = (input: ReportInput, missing: Parameters<typeof notLookedAt>[1] = []): Markup =>
  html`<section id="limits"><h2>What this report cannot tell</h2><ul class="prose">${limits(input, missing).map((line) => html`<li>${line}</li>`)}</ul></section>`;

function terms(input: ReportInput): [string, string][] {
  const { audit } = input;
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
    ["Margin", `Shifts within ±${margin} points count as too small to matter. ${fixedWords(input).sentence}`],
    [
      "Alpha",
      `${audit.alpha}: the chance, over all behaviours together, of calling something affected that did not move beyond the margin.`,
    ],
    ["Affected", `The wide interval lies wholly beyond ±${margin} points.`],
    [
      "Unaffected",
      `The 90% interval lies wholly within ±${margin} points (two one-sided tests at 5%), and the test would have noticed a shift: one that was planted by training on the behaviour, or every item was counted.`,
    ],
    ...(audit.behaviours.some((b) => b.looks)
      ? [
          [
            "Batches",
            "Items are asked in batches, whole clusters at a time, so that a clear case stops early. The error is spent over the looks (Lan and DeMets, O’Brien–Fleming-like), so that looking often finds nothing by itself.",
          ] as [string, string],
        ]
      : []),
    [
      "Inconclusive",
      "Neither. The number of items (or of seeds) that would decide it with a chance of 80%, if the shift stays as measured, stands beside it.",
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
  if (measured.some((b) => b.method === "seeds-t")) {
    return `Another seed of the same training would have given a somewhat different shift. The interval is the range that the mean shift over seeds plausibly lies in. The wide one holds, with ${plainPoints(1 - audit.alpha)}% confidence, for ${together(audit)}; the 90% one is for a single behaviour. ${SOURCE["seeds-t"]}`;
  }
  if (measured.every((b) => b.method === "exact")) {
    return "The range that a shift plausibly lies in. Here every item of a finite list was scored, so no shift has one.";
  }
  return `Other items of the same kind would have given a somewhat different shift. The interval is the range that the shift over all such items plausibly lies in. The wide one is drawn so that, with ${plainPoints(1 - audit.alpha)}% confidence, it holds for ${together(audit)}; the 90% one is for a single behaviour. ${SOURCE[sourceOf(measured)]}`;
}

type Source = Exclude<NonNullable<BehaviourResult["method"]>, "exact">;

/** Where the intervals come from. */
const SOURCE: Readonly<Record<Source, string>> = {
  "clustered-t": "Both come from Student's t over clusters (CR2 with Satterthwaite's degrees of freedom; Šidák).",
  "clustered-max-t":
    "The wide one comes from the max-t bootstrap over clusters, the other from Student's t over clusters (CR2 with Satterthwaite's degrees of freedom).",
  "seeds-t": "Both come from Student's t over seeds (Šidák).",
  "mixed-model":
    "Both come from a mixed model with seeds, clusters and items as random effects (Satterthwaite; Šidák).",
};

const sourceOf = (measured: readonly BehaviourResult[]): Source =>
  measured.flatMap(({ method }) => (method === null || method === "exact" ? [] : [method]))[0] ?? "clustered-t";

function limits(input: ReportInput, absent: Parameters<typeof notLookedAt>[1]): string[] {
  const { audit, forecast, geometry, leftOut = [], unseen = [] } = input;
  const tested = geometry?.behaviours.some((b) => b.mechanism) ?? false;
  const claim =
    audit.claim === "this-adapter"
      ? "The verdicts are about this one adapter, trained once. Training again with another seed may move other behaviours; they say nothing about the data set in general."
      : `The verdicts are about this data set, over ${counted(audit.seeds, "training")} with different seeds.`;
  const missing = audit.behaviours.filter((b) => b.verdict === "not-measured").map((b) => b.title);
  const lines = [
    claim,
    audit.seeds > 1 && geometry ? "What moved inside was looked at in the first seed’s adapter alone." : "",
    missing.length > 0 ? `Not measured, so unknown: ${missing.join("; ")}.` : "",
    notLookedAt(input, absent) ?? "",
    leftOut.length > 0
      ? `Left out, for they lie in the folder and are not of this audit: ${leftOut.map(({ file, why }) => `${file} (${why})`).join("; ")}.`
      : "",
    unseen.length > 0
      ? `Asked through an endpoint, where nobody sees whether the models are those audited: ${unseen.join(", ")}.`
      : "",
    "Only the behaviours listed were looked at. A behaviour that is not listed may have moved.",
    assay(audit.behaviours),
    audit.controls.length > 0
      ? `Controls, trained with the same settings: ${audit.controls.join(", ")}. “Data-specific” and “generic” compare with the first that answers the same prompts; what a control moves by itself is never taken off a verdict.`
      : "No control data set was trained, so the report cannot say whether a shift comes from what the data say or from fine-tuning as such.",
    "Most scores compare the probabilities of given answers. What a model writes freely can differ; see the answers above.",
    tested
      ? "The interventions act along a few directions on contrast pairs. They show that a shift runs through them, not that no other way would have done, nor that the same holds of answers written freely."
      : "Why a behaviour moved has not been tested by intervention. The drift map is a hint.",
    forecast?.calibrated
      ? "The forecast is calibrated on fine-tunes of this base with these settings. On data unlike the study’s, its percentages may be off by more than it says."
      : "",
    forecast && !forecast.calibrated
      ? "The forecast orders behaviours; it has not been calibrated, and says nothing of how large a shift will be."
      : "",
    geometry?.fidelity?.abstains
      ? "The dictionary does not hold on the fine-tuned model: what is said of features and latents claims nothing here."
      : "",
    geometry?.dictionary ? "A latent is not a concept. What it stands for is a reading of where it fires." : "",
    "The model that comes with Penumbra is a toy with a made-up world, there to show the method. Nothing found in it is evidence about real language models.",
  ];
  return lines.filter((line) => line !== "");
}
