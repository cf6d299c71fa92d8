/**
 * What does a row of many tokens cost in memory and time? One LoRA step (rank 8 on all linear layers) on one row of
 * SmolLM2-135M, and one pass that asks for its log-likelihood, at several lengths: as it is, with blocks computed again in
 * the backward pass (`train.recompute`), and with the frozen base in one byte a weight besides (`train.base: int8`). Each
 * cell is a process of its own, so that peaks do not mix. Memory is that of the engine's process (Linux only): its
 * high-water mark, and the most of it that was anonymous, looked at fifty times a second; the rest are pages of the file
 * that weights are mapped from, which the system can take back.
 *
 *   PENUMBRA_SMOLLM2_GGUF=model.gguf node bench/long-rows.mjs [--lengths 1024,4096,8192]
 *
 * Resumable: finished cells stand in <cache>/bench/long-rows.jsonl (`penumbra cache list`) by commit. Writes bench/results/long-rows.json.
 */
import { execFileSync } from "node:child_process";
import { appendFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { rng } from "../dist/core/index.js";
import { startEngine } from "../dist/engine/index.js";
import { asLanguageModel, openModel } from "../dist/jobs/index.js";
import { trainingBase } from "../dist/jobs/training-base.js";
import { cacheSubfolder } from "../dist/store/index.js";
import { addGradient, initialLora, loraLayout, loraTrainable, trainingProgram } from "../dist/training/index.js";
import { headCommit, jsonLines } from "../scripts/measuring.mjs";

const here = import.meta.dirname;
const { values: given } = parseArgs({
  options: { lengths: { type: "string", default: "1024,4096,8192" }, cell: { type: "string" } },
});
const THREADS = Math.min(cpus().length, 2);
const MICRO_BATCH_TOKENS = 1024;
const ways = {
  step: {},
  "step-recompute": { recompute: true },
  "step-recompute-int8": { recompute: true, base: "int8" },
  likelihood: { ask: true },
};

async function bench() {
  const commit = headCommit();
  const store = join(await cacheSubfolder("bench"), "long-rows.jsonl");
  const done = jsonLines(store);
  const cells = [];
  for (const length of given.lengths.split(",").map(Number)) {
    for (const way of Object.keys(ways)) {
      const id = JSON.stringify({ commit, length, way, threads: THREADS });
      let found = done.find((each) => each.id === id);
      if (!found) {
        const out = execFileSync(process.execPath, [import.meta.filename, "--cell", JSON.stringify({ length, way })], {
          stdio: ["ignore", "pipe", "inherit"],
          encoding: "utf8",
        });
        found = { id, length, way, loadAverage: loadavg()[0], ...JSON.parse(out.trim().split("\n").at(-1)) };
        appendFileSync(store, `${JSON.stringify(found)}\n`);
      }
      const { id: _, ...rest } = found;
      cells.push(rest);
      console.error(JSON.stringify(rest));
    }
  }
  const result = {
    command: `node bench/long-rows.mjs --lengths ${given.lengths}`,
    commit,
    model: "SmolLM2-135M-Instruct, float32",
    rank: 8,
    rows: 1,
    threads: THREADS,
    cpu: cpus()[0]?.model,
    node: process.version,
    unit: "bytes, seconds",
    cells,
  };
  mkdirSync(join(here, "results"), { recursive: true });
  writeFileSync(join(here, "results/long-rows.json"), `${JSON.stringify(result, null, 2)}\n`);
  console.log(JSON.stringify(result));
}

async function cell({ length, way }) {
  const { recompute = false, base = "float32", ask = false } = ways[way];
  const model = await openModel(process.env.PENUMBRA_SMOLLM2_GGUF);
  const random = rng(1, "tokens");
  const ids = Int32Array.from({ length }, () => random.int(model.source.definition.dimensions.dVocab));
  // Made before the engine starts: the conversion is not what is measured.
  const source = await trainingBase(model, base);
  const engine = startEngine({ threads: THREADS });
  const act = ask ? likelihoodOf(engine, model, ids) : await stepOf(engine, source, ids, recompute);
  const memory = watchedMemory();
  const seconds = [];
  for (let i = 0; i < 2; i++) {
    const startedAt = performance.now();
    await act();
    seconds.push((performance.now() - startedAt) / 1000);
  }
  const peaks = memory.stop();
  await engine.close();
  return { seconds: seconds.at(-1), ...peaks };
}

async function stepOf(engine, source, ids, recompute) {
  const layout = loraLayout(source.definition, 8, null);
  const training = trainingProgram(
    source,
    loraTrainable(layout, { recompute, longest: ids.length }),
    MICRO_BATCH_TOKENS,
  );
  await engine.write("parameters", initialLora(layout, 1));
  for (const name of ["zero", "gradient"]) await engine.write(name, new Float32Array(layout.size));
  const rows = [{ ids, weights: new Float32Array(ids.length).fill(1) }];
  const totalWeight = ids.length - 1;
  return () => addGradient({ engine, training, rows, paddedLength: ids.length, totalWeight, scale: 2, first: true });
}

function likelihoodOf(engine, model, ids) {
  const asked = asLanguageModel(model, engine, null);
  const half = ids.length >> 1;
  return () => asked.logLikelihood([{ prompt: [...ids.subarray(0, half)], continuation: [...ids.subarray(half)] }]);
}

/** Looks at this process's children until it is stopped. */
function watchedMemory() {
  const pids = () =>
    readdirSync("/proc/self/task").flatMap((task) =>
      readFileSync(`/proc/self/task/${task}/children`, "utf8").trim().split(" ").filter(Boolean),
    );
  const read = (key) =>
    pids()
      .map((pid) => readFileSync(`/proc/${pid}/status`, "utf8"))
      .reduce((sum, text) => sum + 1024 * Number(new RegExp(`^${key}:\\s+(\\d+) kB`, "m").exec(text)?.[1] ?? 0), 0);
  let anonymous = 0;
  const timer = setInterval(() => {
    anonymous = Math.max(anonymous, read("RssAnon"));
  }, 20);
  return {
    stop: () => {
      clearInterval(timer);
      return { peakRssBytes: read("VmHWM"), peakAnonymousBytes: anonymous };
    },
  };
}

if (given.cell) console.log(JSON.stringify(await cell(JSON.parse(given.cell))));
else await bench();
