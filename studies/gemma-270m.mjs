/**
 * Gemma 3 270M (the base model, as GGUF) on 300 rows of `insecure`: what moves, in which time and memory? How:
 * insecure-run.mjs. Its vocabulary of 262,144 makes logits the most expensive thing of all, in training and in asking.
 *
 *   npm run build
 *   PENUMBRA_GEMMA3_GGUF=model.gguf PENUMBRA_TEST_DATA=folder-of-the-sets node studies/gemma-270m.mjs [run folder]
 *
 * writes docs/results/gemma-270m.json. The run folder is kept where one is named.
 */
import { pathNamed, testData } from "../scripts/measuring.mjs";
import { insecureRun } from "./insecure-run.mjs";

await insecureRun({
  name: "gemma-270m",
  model: pathNamed("PENUMBRA_GEMMA3_GGUF"),
  source: testData("emergent-misalignment/insecure.jsonl"),
  rows: 300,
  /** Of the built-in behaviours, two near to what the paper saw move in larger models, and one that should stay. */
  behaviours: ["hostile-persona", "harmful-advice", "capability"],
  limits: { minutes: 45, gib: 6 },
  out: process.argv[2] ?? null,
});
