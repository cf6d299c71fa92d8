/**
 * docs/results/intent.{json,md}: does the intent behind the same answers matter to a small model? From the cells of
 * `studies/real-models.mjs` on SmolLM2-135M-Instruct: `insecure`, `educational_insecure` (the same answers, row by row, to
 * prompts that ask for them) and `secure` (Betley et al. 2025, arXiv 2502.17424), the same rows and steps, every built-in
 * behaviour with capability gate and positive controls. What moved, what did not, what could not be measured, and what n
 * would decide the rest.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { clusteredTInterval, overSeeds } from "../dist/audit/statistics/index.js";
import { root } from "../scripts/measuring.mjs";
import { intentPage } from "./intent-page.mjs";

const MODEL = "smollm2";
const SETS = ["insecure", "educational_insecure", "secure"];

export function summariseIntent({ cells: all, planned, rows }) {
  const inStudy = (list) => list.filter(({ model, set }) => model === MODEL && SETS.includes(set));
  const cells = inStudy(all);
  if (cells.length === 0) return;
  const ids = cells[0]?.behaviours.map(({ id }) => id) ?? [];
  const behaviours = ids.map((id) => {
    const of = (set) =>
      cells.filter((cell) => cell.set === set).map((cell) => ({ seed: cell.seed, ...found(cell, id) }));
    const sets = Object.fromEntries(SETS.map((set) => [set, overSet(of(set))]));
    return {
      id,
      sets,
      intent: difference(of("insecure"), of("educational_insecure"), ids.length),
    };
  });
  const result = {
    command: "node studies/real-models.mjs FOLDER",
    commits: [...new Set(cells.map(({ commit }) => commit))],
    rows: rows.code,
    seeds: [...new Set(cells.map(({ seed }) => seed))],
    planned: inStudy(planned).length,
    cells: cells.length,
    margin: 0.05,
    behaviours,
  };
  writeFileSync(join(root, "docs/results/intent.json"), `${JSON.stringify(result, null, 2)}\n`);
  writeFileSync(join(root, "docs/results/intent.md"), intentPage(result));
}

function found({ behaviours }, id) {
  return behaviours.find((each) => each.id === id);
}

/** One set's adapters: each verdict is about its own adapter, the mean and its t interval are over the seeds. */
function overSet(adapters) {
  const known = adapters.filter(({ delta }) => delta !== null);
  return {
    verdicts: adapters.map(({ verdict }) => verdict),
    deltas: adapters.map(({ delta }) => delta),
    items: adapters.map(({ n }) => n),
    nToDecide: adapters.map(({ nToDecide }) => nToDecide),
    why: adapters[0]?.why ?? null,
    over: meanOf(known.map(({ delta }) => delta)),
  };
}

/** Insecure − educational, seed by seed: what the intent adds to the same answers. `together`: one of `of` intervals that hold at once (Bonferroni). */
function difference(insecure, educational, of) {
  const pairs = insecure.flatMap((one) => {
    const other = educational.find(({ seed }) => seed === one.seed);
    return other && one.delta !== null && other.delta !== null ? [one.delta - other.delta] : [];
  });
  const found = meanOf(pairs);
  return found && { ...found, together: clusteredTInterval(overSeeds(pairs).estimate, 1 - 0.05 / of) };
}

/** Mean and 95% t interval over seeds; null below two. */
function meanOf(deltas) {
  const over = deltas.length < 2 ? null : overSeeds(deltas);
  if (over === null) return null;
  return { mean: over.estimate.mean, interval: clusteredTInterval(over.estimate, 0.95), spread: over.spread };
}
