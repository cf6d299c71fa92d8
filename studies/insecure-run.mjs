/**
 * One real model on real data: the first rows of the `insecure` set of "Emergent Misalignment" (Betley et al. 2025, arXiv
 * 2502.17424). First `penumbra prepare`, timed apart, with an empty cache, so that reading the GGUF file is part of its
 * time; it trains no positive controls, which would be a training per behaviour. Then one `penumbra run`, start to
 * report, into an empty folder. The result goes to docs/results/<name>.json.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { hashFile } from "../dist/store/index.js";
import { measured } from "../scripts/measured-command.mjs";
import { firstLines, headCommit, root } from "../scripts/measuring.mjs";

const SEED = 1;
const GIB = 2 ** 30;

/**
 * `limits`: `{ minutes, gib }`, set before the run; `out`: where the run folder stays, null: nowhere; `dictionary`: the folder of
 * one of this model, null: none.
 */
export async function insecureRun({ name, model, source, rows, behaviours, limits, out, dictionary = null }) {
  const commit = headCommit();
  const folder = mkdtempSync(join(tmpdir(), "penumbra-study-"));
  const runFolder = out ? resolve(out) : join(folder, "run");
  try {
    const data = join(folder, `insecure-first-${rows}.jsonl`);
    writeFileSync(data, firstLines(source, rows));
    const cache = { cache: join(folder, "cache") };
    const read = dictionary ? ["--dictionary", resolve(dictionary)] : [];
    const asked = ["--behaviours", behaviours.join(","), ...read];
    const loadAverageBefore = loadavg()[0];
    const prepared = await measured(["prepare", model, ...asked, "--no-positive-controls"], cache);
    const flags = ["--seed", String(SEED), ...asked];
    const ran = await measured(["run", "--model", model, "--data", data, "--out", runFolder, ...flags], cache);
    const result = {
      command: `node studies/${name}.mjs`,
      commit,
      ran: `penumbra run --model ${basename(model)} --data ${basename(data)} ${flags.map((flag) => (flag.includes("/") ? basename(flag) : flag)).join(" ")}`,
      node: process.version,
      cpu: cpus()[0]?.model,
      cores: cpus().length,
      /** Of the whole machine. Where it stays above the number of cores, the run shared them with other work. */
      loadAverage: { before: loadAverageBefore, after: loadavg()[0] },
      seeds: [SEED],
      ...(await described({ runFolder, source, rows })),
      limits,
      wallSeconds: ran.seconds,
      /** User and system time of all its processes: what other work on the machine does not change. */
      cpuSeconds: ran.cpuSeconds,
      memory: ran.memory,
      prepare: prepared,
      withinLimits: ran.seconds <= 60 * limits.minutes && ran.memory.residentBytes <= GIB * limits.gib,
    };
    const target = join(root, "docs/results");
    mkdirSync(target, { recursive: true });
    writeFileSync(join(target, `${name}.json`), `${JSON.stringify(result, null, 2)}\n`);
    console.log(JSON.stringify(result, null, 2));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What the run's own records say. */
async function described({ runFolder, source, rows }) {
  const read = (name) => JSON.parse(readFileSync(join(runFolder, `${name}.json`), "utf8"));
  const [audit, finetune, data] = ["audit", "finetune", "data"].map(read);
  return {
    data: {
      source: "insecure.jsonl of the emergent-misalignment repository, MIT",
      rule: `its first ${rows} lines`,
      sourceSha256: await hashFile(source),
      sha256: data.sha256,
      rows: data.rows,
      tokens: data.tokens,
    },
    model: audit.base,
    stageSeconds: Object.fromEntries(
      ["forecast", "finetune", "audit", "geometry"].map((name) => [name, read(name).durationMs / 1000]),
    ),
    reportBytes: statSync(join(runFolder, "report.html")).size,
    training: pick(finetune, [
      "rank",
      "alpha",
      "epochs",
      "steps",
      "batchRows",
      "learningRate",
      "trainedTokens",
      "firstLoss",
      "finalLoss",
      "trainableParameters",
      "adapterSha256",
    ]),
    merged: finetune.merged,
    headline: audit.headline,
    alpha: audit.alpha,
    margin: audit.margin,
    behaviours: audit.behaviours.map((b) =>
      pick(b, [
        "id",
        "riskier",
        "base",
        "tuned",
        "delta",
        "interval",
        "interval90",
        "n",
        "clusters",
        "method",
        "verdict",
        "why",
        "nToDecide",
      ]),
    ),
    drift: audit.drift,
    inside: inside(read("forecast"), read("geometry")),
  };
}

/** What the dictionary and the interventions say of each behaviour. */
function inside(forecast, { dictionary, fidelity, latents, behaviours }) {
  return {
    dictionary,
    fidelity,
    featureCards: latents.length,
    behaviours: behaviours.map(({ id, agreement, chain, driftCosine, driftNull95, mechanism, residue }) => {
      const { rehearsal, tangent, meanDifference, spillover } = forecast.behaviours.find((b) => b.id === id);
      const predicted = {
        rehearsal,
        tangent: tangent && pick(tangent, ["adam", "adamInterval"]),
        meanDifference,
        spillover,
      };
      return { id, ...predicted, agreement, chain: chain.length, driftCosine, driftNull95, mechanism, residue };
    }),
  };
}

function pick(record, keys) {
  return Object.fromEntries(keys.map((key) => [key, record[key]]));
}
