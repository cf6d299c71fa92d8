/**
 * SmolLM2-135M-Instruct on 300 rows of `insecure`: what moves, in which time and memory? How: insecure-run.mjs.
 *
 *   npm run build
 *   PENUMBRA_SMOLLM2_GGUF=model.gguf PENUMBRA_TEST_DATA=folder-of-the-sets node studies/smollm2-insecure.mjs [run folder]
 *
 * PENUMBRA_SMOLLM2_DICTIONARY names the folder of a dictionary of this model (studies/dictionary-quality.mjs trains some).
 * writes docs/results/smollm2-insecure.json. The run folder is kept where one is named.
 */
import { pathNamed, testData } from "../scripts/measuring.mjs";
import { insecureRun } from "./insecure-run.mjs";

await insecureRun({
  name: "smollm2-insecure",
  model: pathNamed("PENUMBRA_SMOLLM2_GGUF"),
  source: testData("emergent-misalignment/insecure.jsonl"),
  rows: 300,
  /** Of the built-in behaviours, the eight that the limits were set for. */
  behaviours: [
    "refusal",
    "over-refusal",
    "sycophancy",
    "truthfulness",
    "power-seeking",
    "hostile-persona",
    "harmful-advice",
    "capability",
  ],
  limits: { minutes: 40, gib: 5 },
  out: process.argv[2] ?? null,
  dictionary: process.env.PENUMBRA_SMOLLM2_DICTIONARY ?? null,
});
