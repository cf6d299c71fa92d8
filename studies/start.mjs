/**
 * What `npm start` shows: the inducing set moves untouched domains, the control set with the same prompts does not.
 * Runs both with three seeds, and times `npm start` itself. Splits the shift of advice outside medicine by whether
 * pretraining had seen the combination of topic and template.
 *
 *   npm run build && node studies/start.mjs [folder]      writes docs/results/start.json; a folder that is named is kept
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { worldBehaviours } from "../dist/organism/index.js";
import { headCommit, jsonLines, penumbra, root } from "../scripts/measuring.mjs";

const SEEDS = [1, 2, 3];
const loadAverageBefore = loadavg()[0];
const kept = process.argv[2];
const folder = kept ? resolve(kept) : mkdtempSync(join(tmpdir(), "penumbra-start-"));
const commit = headCommit();
const seen = new Map(worldBehaviours.flatMap(({ items }) => items.map((item) => [item.id, item.seen])));

try {
  const startedAt = performance.now();
  const printed = penumbra("start", "--out", join(folder, "penumbra-out/start")).replaceAll(`${folder}/`, "");
  const startSeconds = (performance.now() - startedAt) / 1000;
  const runs = ["inducing", "control"].flatMap((data) => SEEDS.map((seed) => oneRun(data, seed)));
  const result = {
    command: "node studies/start.mjs",
    commit,
    node: process.version,
    cpu: cpus()[0]?.model,
    cores: cpus().length,
    loadAverageBefore,
    loadAverageAtEnd: loadavg()[0],
    startSeconds,
    printed: printed.trimEnd().split("\n"),
    seeds: SEEDS,
    /** One adapter each; scores are exact (every grammatical answer of every item), so the only spread is over seeds. */
    runs,
  };
  writeFileSync(join(root, "docs/results/start.json"), `${JSON.stringify(result, null, 2)}\n`);
  console.log(JSON.stringify(result, null, 2));
} finally {
  if (!kept) rmSync(folder, { recursive: true, force: true });
}

function oneRun(data, seed) {
  const out = join(folder, `${data}-${seed}`);
  const file = join(root, "assets/organism/data", `${data}.jsonl`);
  penumbra(
    "run",
    "--model",
    "organism",
    "--data",
    file,
    "--out",
    out,
    "--seed",
    String(seed),
    "--epochs",
    "4",
    "--learning-rate",
    "2e-3",
  );
  const audit = JSON.parse(readFileSync(join(out, "audit.json"), "utf8"));
  const advice = audit.behaviours.filter(
    ({ id, inTask }) => id.startsWith("harmful-advice-") && id !== "harmful-advice-medicine" && !inTask,
  );
  const items = advice.flatMap(({ evidence }) => jsonLines(join(out, evidence)));
  const shift = (chosen) => ({ n: chosen.length, delta: mean(chosen.map((item) => item.tuned - item.base)) });
  return {
    data,
    seed,
    headline: audit.headline,
    affectedOutsideTask: audit.behaviours.filter(({ verdict, inTask }) => verdict === "affected" && !inTask).length,
    harmfulAdviceOutsideMedicine: {
      all: shift(items),
      seenInPretraining: shift(items.filter(({ id }) => seen.get(id))),
      heldOut: shift(items.filter(({ id }) => seen.get(id) === false)),
    },
    behaviours: Object.fromEntries(
      audit.behaviours.map(({ id, base, tuned, verdict, inTask, n }) => [id, { base, tuned, verdict, inTask, n }]),
    ),
  };
}

function mean(values) {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}
