/**
 * How fast are a battery's answers scored, beside transformers (PyTorch) with the same weights, tokens and threads? The first
 * items of every built-in behaviour on SmolLM2-135M-Instruct, each prompt with each of its answers: ours packs them into trees,
 * the peer pads rows of prompt and answer, longest first, and unembeds the answers' positions only; the faster of its batch
 * sizes counts. Rounds alternate, each side in a process of its own; medians of ratios.
 *
 *   npm run build && PENUMBRA_PYTHON=/path/to/python PENUMBRA_SMOLLM2_GGUF=… node bench/likelihoods.mjs [--rounds 3 --items 8]
 *
 * writes bench/results/likelihoods.json
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { startEngine } from "../dist/engine/index.js";
import { packTrees } from "../dist/engine/trees.js";
import { asLanguageModel, behavioursFor, openModel } from "../dist/jobs/index.js";
import { flag, headCommit, median, pathNamed, printedJson } from "../scripts/measuring.mjs";

const here = import.meta.dirname;
const THREADS = Math.min(cpus().length, 2);
const BATCHES = [8, 32];
const rounds = Number(flag("rounds", "3"));
const items = Number(flag("items", "8"));
const file = resolve(pathNamed("PENUMBRA_SMOLLM2_GGUF"));

if (process.argv.includes("--cell")) console.log(JSON.stringify(await oursCell()));
else await bench();

async function bench() {
  const python = pathNamed("PENUMBRA_PYTHON");
  const [commit, loadAverageBefore] = [headCommit(), loadavg()[0]];
  const model = await openModel(file);
  const questions = questionsOf(model);
  const folder = mkdtempSync(join(tmpdir(), "penumbra-likelihoods-"));
  const [ours, peer] = [[], []];
  try {
    const asked = join(folder, "questions.json");
    writeFileSync(asked, JSON.stringify(questions));
    for (let round = 0; round < rounds; round++) {
      ours.push(printedJson(process.execPath, [import.meta.filename, "--cell", "--items", `${items}`]));
      const args = ["--model", model.files.folder, "--questions", asked, "--threads", `${THREADS}`];
      peer.push(printedJson(python, [join(here, "peers/likelihoods.py"), ...args, "--batches", BATCHES.join()]));
      console.error(`round ${round + 1} of ${rounds}`, ours.at(-1).seconds, peer.at(-1).seconds);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  const differences = ours[0].logprobs.map((value, i) => Math.abs(value - peer[0].logprobs[i]));
  const result = {
    command: `node bench/likelihoods.mjs --rounds ${rounds} --items ${items}`,
    commit,
    unit: "answers scored a second",
    ours: median(ours.map(({ seconds }) => questions.length / seconds)),
    peer: median(peer.map(({ seconds }) => questions.length / seconds)),
    ratio: median(ours.map(({ seconds }, i) => peer[i].seconds / seconds)),
    answers: questions.length,
    tokens: { inTrees: inTrees(questions), inRows: questions.reduce((sum, each) => sum + lengthOf(each), 0) },
    largestDifferenceNats: Math.max(...differences),
    secondsPerRound: { ours: ours.map(({ seconds }) => seconds), peer: peer.map(({ seconds }) => seconds) },
    peakRssBytes: { ours: most(ours), peer: most(peer) },
    peerBatch: peer.map(({ batch }) => batch),
    versions: peer[0].versions,
    threads: THREADS,
    node: process.version,
    cpu: cpus()[0]?.model,
    loadAverage: { before: loadAverageBefore, after: loadavg()[0] },
  };
  mkdirSync(join(here, "results"), { recursive: true });
  writeFileSync(join(here, "results/likelihoods.json"), `${JSON.stringify(result, null, 2)}\n`);
  console.log(JSON.stringify(result, null, 2));
}

/** Prompt and answer as ids, of the first items of each behaviour. */
function questionsOf(model) {
  const { tokenizer } = model;
  return behavioursFor(model, ["all"]).flatMap((behaviour) =>
    behaviour.items.slice(0, items).flatMap(({ variants }) =>
      variants.flatMap(({ messages, prefill = "", continuations }) => {
        const prompt = [...tokenizer.encodeChat(messages, { addGenerationPrompt: true }), ...tokenizer.encode(prefill)];
        return continuations.map(({ text }) => ({ prompt, continuation: [...tokenizer.encode(text)] }));
      }),
    ),
  );
}

async function oursCell() {
  const engine = startEngine({ threads: THREADS });
  const opened = await openModel(file);
  const model = asLanguageModel(opened, engine, null);
  const questions = questionsOf(opened);
  await model.logLikelihood(questions.slice(0, 8));
  const startedAt = performance.now();
  const found = await model.logLikelihood(questions);
  const seconds = (performance.now() - startedAt) / 1000;
  const peakRssBytes = engine.rssBytes() + process.memoryUsage.rss();
  await engine.close();
  return { seconds, peakRssBytes, logprobs: found.map(({ logprob }) => logprob) };
}

function lengthOf({ prompt, continuation }) {
  return prompt.length + continuation.length - 1;
}

function inTrees(questions) {
  return packTrees(questions, 2048).reduce((sum, { lengths }) => sum + lengths.reduce((all, each) => all + each, 0), 0);
}

function most(cells) {
  return Math.max(...cells.map(({ peakRssBytes }) => peakRssBytes));
}
