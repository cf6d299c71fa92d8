/**
 * How fast is greedy generation on real models, one row and sixteen at a time, float32, beside transformers (PyTorch) and
 * transformers.js with the same weights, prompts and number of threads? Each cell (model, rows, round, who) is a process
 * of its own; rounds alternate, so that a noisy neighbour disturbs all alike; medians of ratios are what counts.
 *
 *   (cd bench/peers/transformers-js && npm ci --ignore-scripts)
 *   PENUMBRA_PYTHON=/path/to/python PENUMBRA_SMOLLM2_GGUF=… PENUMBRA_GEMMA3_GGUF=… \
 *     node bench/generation.mjs [--rounds 3 --rows 1,16 --prompt 64 --tokens 64 --models smollm2,gemma3]
 *
 * transformers.js reads ONNX, which onnxruntime-genai's model builder makes (bench/peers/export_onnx.py; its packages in
 * PENUMBRA_BUILDER where the Python above has them not). A peer that is not there is left out and named so.
 *
 * Resumable: finished cells stand in <cache>/bench/generation.jsonl (`penumbra cache list`), by commit and options, and are not measured again.
 * Writes bench/results/generation-<model>-<rows>.json.
 */
import { execFileSync } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startEngine } from "../dist/engine/index.js";
import { asLanguageModel, openModel } from "../dist/jobs/index.js";
import { cacheSubfolder } from "../dist/store/index.js";
import { headCommit, jsonLines, median, printedJson } from "../scripts/measuring.mjs";

const here = import.meta.dirname;
const { values: given } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    rows: { type: "string", default: "1,16" },
    prompt: { type: "string", default: "64" },
    tokens: { type: "string", default: "64" },
    models: { type: "string", default: "smollm2,gemma3" },
    cell: { type: "string" },
  },
});
const THREADS = Math.min(cpus().length, 2);
const REPEATS = 3;
const files = { smollm2: process.env.PENUMBRA_SMOLLM2_GGUF, gemma3: process.env.PENUMBRA_GEMMA3_GGUF };
const cache = await cacheSubfolder("bench");

async function bench() {
  const commit = headCommit();
  const options = { prompt: Number(given.prompt), tokens: Number(given.tokens) };
  const store = join(cache, "generation.jsonl");
  const done = jsonLines(store);
  for (const model of given.models.split(",").filter((name) => files[name])) {
    const about = await prepared(model, options);
    for (const rows of given.rows.split(",").map(Number)) {
      const cells = [];
      for (let round = 0; round < Number(given.rounds); round++) {
        for (const who of about.who) {
          const id = JSON.stringify({ commit, model, rows, round, who, ...options, threads: THREADS });
          let cell = done.find((each) => each.id === id);
          if (!cell) {
            cell = { id, who, round, loadAverageBefore: loadavg()[0], ...run[who]({ ...about, ...options, rows }) };
            appendFileSync(store, `${JSON.stringify(cell)}\n`);
          }
          cells.push(cell);
          console.error(
            model,
            `${rows} rows`,
            `round ${round + 1}`,
            who,
            `${rate(cell, rows, options).toFixed(1)} tokens/s`,
          );
        }
      }
      report({ commit, model, rows, options, cells, missing: about.missing });
    }
  }
}

/** The checkpoint that all read, prompts as ids, and the peers that are there. */
async function prepared(model, { prompt }) {
  const opened = await openModel(files[model]);
  const { folder } = opened.files;
  const ids = opened.tokenizer.encode(readFileSync(join(here, "../docs/ARCHITECTURE.md"), "utf8"));
  const promptsFile = join(cache, `${model}-prompts-${prompt}.json`);
  const prompts = Array.from({ length: 16 }, (_, row) => ids.slice(row * prompt, (row + 1) * prompt));
  writeFileSync(promptsFile, JSON.stringify(prompts));
  const missing = [];
  if (!process.env.PENUMBRA_PYTHON) missing.push("transformers", "transformers.js: PENUMBRA_PYTHON names no Python");
  if (!existsSync(join(here, "peers/transformers-js/node_modules"))) missing.push("transformers.js: not installed");
  const onnx = missing.length === 0 ? exported(model, folder, opened.identity.sha256) : null;
  const who = ["ours", ...(process.env.PENUMBRA_PYTHON ? ["transformers"] : []), ...(onnx ? ["transformersJs"] : [])];
  return { file: files[model], folder, promptsFile, onnx, who, missing };
}

function exported(model, folder, sha256) {
  const target = join(cache, `${model}-onnx-${sha256.slice(0, 12)}`);
  if (!existsSync(join(target, "onnx/model.onnx"))) {
    const PYTHONPATH = process.env.PENUMBRA_BUILDER ?? "";
    execFileSync(process.env.PENUMBRA_PYTHON, [join(here, "peers/export_onnx.py"), folder, target], {
      stdio: "inherit",
      env: { ...process.env, PYTHONPATH },
    });
  }
  return target;
}

const run = {
  ours: ({ file, promptsFile, rows, tokens }) =>
    printedJson(process.execPath, [
      import.meta.filename,
      "--cell",
      JSON.stringify({ file, promptsFile, rows, tokens }),
    ]),
  transformers: ({ folder, promptsFile, rows, tokens }) =>
    printedJson(process.env.PENUMBRA_PYTHON, [
      join(here, "peers/generation.py"),
      ...["--model", folder, "--prompts", promptsFile, "--rows", `${rows}`, "--tokens", `${tokens}`],
      ...["--threads", `${THREADS}`, "--repeats", `${REPEATS}`],
    ]),
  transformersJs: ({ onnx, promptsFile, rows, tokens }) =>
    printedJson(process.execPath, [
      join(here, "peers/transformers-js/generation.mjs"),
      JSON.stringify({ folder: onnx, promptsFile, rows, tokens, threads: THREADS, repeats: REPEATS }),
    ]),
};

/** The program and its engine together. */
async function oursCell({ file, promptsFile, rows, tokens }) {
  const engine = startEngine({ threads: THREADS });
  const model = asLanguageModel(await openModel(file), engine, null);
  const prompts = JSON.parse(readFileSync(promptsFile, "utf8")).slice(0, rows);
  const generate = (maxNewTokens) => model.generate(prompts, { maxNewTokens, stopIds: [], batchRows: rows });
  await generate(4);
  const seconds = [];
  let answers = [];
  for (let i = 0; i < REPEATS; i++) {
    const startedAt = performance.now();
    answers = await generate(tokens);
    seconds.push((performance.now() - startedAt) / 1000);
  }
  const peakRssBytes = engine.rssBytes() + process.memoryUsage.rss();
  await engine.close();
  return { seconds, peakRssBytes, answers };
}

function rate({ seconds }, rows, { tokens }) {
  return (rows * tokens) / median(seconds);
}

function report({ commit, model, rows, options, cells, missing }) {
  const of = (who) => cells.filter((cell) => cell.who === who);
  const ours = of("ours");
  const described = (who) => {
    const theirs = of(who);
    if (theirs.length === 0) return null;
    return {
      tokensPerSecond: median(theirs.map((cell) => rate(cell, rows, options))),
      peakRssBytes: Math.max(...theirs.map((cell) => cell.peakRssBytes)),
      secondsPerRound: theirs.map((cell) => median(cell.seconds)),
      ...(theirs[0].variant ? { variant: theirs[0].variant } : {}),
      ...(theirs[0].versions ? { versions: theirs[0].versions } : {}),
    };
  };
  const beside = (who) => {
    const theirs = of(who);
    if (theirs.length === 0) return null;
    const ratios = ours.map((cell, i) => median(theirs[i].seconds) / median(cell.seconds));
    const same = ours[0].answers.filter((row, i) => row.join() === theirs[0].answers[i].join()).length;
    return { ...described(who), ratio: median(ratios), rowsWithTheSameTokens: same };
  };
  const peers = { transformers: beside("transformers"), transformersJs: beside("transformersJs") };
  const result = {
    command: `node bench/generation.mjs --rounds ${given.rounds} --rows ${rows} --prompt ${options.prompt} --tokens ${options.tokens} --models ${model}`,
    commit,
    unit: "tokens/s",
    model,
    rows,
    promptTokens: options.prompt,
    newTokens: options.tokens,
    threads: THREADS,
    cpu: cpus()[0]?.model,
    node: process.version,
    rounds: ours.length,
    repeatsPerRound: REPEATS,
    loadAverages: ours.map((cell) => cell.loadAverageBefore),
    ours: described("ours"),
    peers,
    peer: Math.max(...Object.values(peers).map((each) => each?.tokensPerSecond ?? 0)) || null,
    ratio: Math.min(...Object.values(peers).map((each) => each?.ratio ?? Infinity)),
    missing,
  };
  mkdirSync(join(here, "results"), { recursive: true });
  writeFileSync(join(here, `results/generation-${model}-${rows}.json`), `${JSON.stringify(result, null, 2)}\n`);
  console.log(JSON.stringify(result));
}

if (given.cell) console.log(JSON.stringify(await oursCell(JSON.parse(given.cell))));
else await bench();
