/**
 * What does a forecast cost beside the training that it is made before? `penumbra forecast`, full and quick, and `penumbra
 * finetune` for one epoch, on the first rows of the `insecure` set (Betley et al. 2025, arXiv 2502.17424) with SmolLM2-135M-
 * Instruct, one after the other; `penumbra prepare` goes before and is timed apart. The limits of SCIENCE.md: without generating the
 * control's answers a full forecast takes at most two epochs of the training, a quick one 0.3 of one.
 *
 *   npm run build
 *   PENUMBRA_SMOLLM2_GGUF=model.gguf PENUMBRA_TEST_DATA=folder-of-the-sets node bench/forecast.mjs [--rows 128] [--behaviours a,b]
 *
 * writes bench/results/forecast.json
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { measured } from "../scripts/measured-command.mjs";
import { firstLines, flag, headCommit, pathNamed, testData } from "../scripts/measuring.mjs";

const LIMIT = { full: 2, quick: 0.3 };
const rows = Number(flag("rows", "128"));
const behaviours = flag("behaviours", "harmful-advice,hostile-persona,refusal");
const model = resolve(pathNamed("PENUMBRA_SMOLLM2_GGUF"));
const source = testData("emergent-misalignment/insecure.jsonl");
const commit = headCommit();
const loadAverageBefore = loadavg()[0];

const folder = mkdtempSync(join(tmpdir(), "penumbra-forecast-cost-"));
const cache = { cache: join(folder, "cache") };
const data = join(folder, "rows.jsonl");
writeFileSync(data, firstLines(source, rows));
const asked = (name) => ["--model", model, "--data", data, "--epochs", "1", "--out", join(folder, name)];
const chosen = ["--behaviours", behaviours, "--dictionary", "none"];
try {
  const prepare = await measured(["prepare", model, ...chosen, "--no-positive-controls"], cache);
  const training = await measured(["finetune", ...asked("finetune")], cache);
  const full = costOf(await measured(["forecast", ...asked("full"), ...chosen], cache), training);
  const quick = costOf(await measured(["forecast", ...asked("quick"), ...chosen, "--quick"], cache), training);
  const result = {
    command: `node bench/forecast.mjs --rows ${rows} --behaviours ${behaviours}`,
    commit,
    unit: "epochs of the training that a forecast takes, without the control's answers",
    ours: full.epochs,
    limit: LIMIT.full,
    withinLimit: full.epochs <= LIMIT.full,
    quick: { ours: quick.epochs, limit: LIMIT.quick, withinLimit: quick.epochs <= LIMIT.quick },
    measured: { prepare, training, full, quick },
    node: process.version,
    cpu: cpus()[0]?.model,
    threads: process.env.PENUMBRA_THREADS ?? null,
    loadAverage: { before: loadAverageBefore, after: loadavg()[0] },
  };
  mkdirSync(join(import.meta.dirname, "results"), { recursive: true });
  writeFileSync(join(import.meta.dirname, "results/forecast.json"), `${JSON.stringify(result, null, 2)}\n`);
  console.log(JSON.stringify(result, null, 2));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function costOf(forecast, training) {
  const generating = Object.entries(forecast.secondsByStep)
    .filter(([step]) => /control/.test(step))
    .reduce((sum, [, seconds]) => sum + seconds, 0);
  return { ...forecast, generating, epochs: (forecast.seconds - generating) / training.seconds };
}
