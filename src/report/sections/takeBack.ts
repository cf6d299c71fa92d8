import type { ReportInput } from "../input.ts";
import { html, type Markup } from "../markup.ts";
import { direction } from "../words.ts";

/** A name that a shell takes as it is; others the reader types. */
const PLAIN = /^[a-z0-9][a-z0-9-]*$/;

/** Folded below the verdicts: how to take back what moved the riskier way. Null where nothing did, or where no adapter was trained here. */
export function takeBack({ audit, finetune }: ReportInput): Markup | null {
  const moved = audit.behaviours.filter((b) => b.verdict === "affected" && !b.inTask && direction(b) === "riskier");
  if (moved.length === 0 || finetune?.method !== "lora" || finetune.objective === "dpo") return null;
  const names = moved.map(({ id }) => (PLAIN.test(id) ? id : "NAME"));
  const ways = [
    {
      what: "Drop the rows that drive it, then train again without them.",
      how: `penumbra filter penumbra.yaml --protect ${names.join()} --out ../filtered`,
    },
    {
      what: "Train again, held to the base where these behaviours are asked: a line in the configuration.",
      how: `guard: { method: kl, weight: 100, behaviours: [${names.join(", ")}] }`,
    },
    {
      what: "Keep the adapter, and train it on, held to the base in the same way.",
      how: `penumbra repair penumbra.yaml --adapter adapter --protect ${names.join()} --by kl --out ../repaired`,
    },
  ];
  return html`<details class="take-back"><summary>How to take it back</summary><p>Three ways, typed in the folder of this report. None is a guarantee, and what serves the task may go too: each records what it cost. Audit what comes of it.</p><ol>${ways.map(
    ({ what, how }) => html`<li>${what}<pre>${how}</pre></li>`,
  )}</ol></details>`;
}
