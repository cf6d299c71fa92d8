/**
 * Does tracing find the features that carry what is known to decide an answer? In the bundled world the rules are ours: who
 * spoke before, or one word of the question, decides what is said (studies/known-circuits-prompts.mjs: pairs of prompts
 * that differ in that alone). For each rule:
 *
 * 1. Trace. On prompts of one half of the topics, the graphs' prediction for each feature of either prompt: by how much the
 *    log-odds move towards those of the other prompt if it had the activation that it has there. Summed over prompts,
 *    sides and positions by latent; the largest LATENTS are the circuit.
 * 2. Confirm. On prompts of the other half, those latents get their activations of the other prompt, at all positions, and
 *    everything else may react: the share of the gap between the two prompts that closes. Beside it RANDOM_SETS sets of
 *    as many latents of the same layers, drawn among those whose activation differs too.
 * 3. Found: at least half of the gap closes, and more than in every random set. A rule whose gap is below LEAST_GAP nats is
 *    one that the model has not learned: there is nothing to find.
 *
 * Then the fine-tune that induces (300 rows of harmful advice on medicine; three seeds), on single questions outside
 * medicine: does the difference between base and tuned show the same features? The graphs of both, read as in 1 with the
 * other model's activations in place of the other prompt's, nominate as many latents; how many of them are those of the
 * rule's circuit, against the chance of drawing them among all that differ; and how much of the shift the circuit, found
 * in the base alone, takes back when it gets the base's activations. Beside it the shift by the control fine-tune, on sound answers.
 *
 * All of that was fixed before the first run, the numbers below too; LEAST_GAP was set when a first look at the gaps, before
 * any tracing, showed a rule without one. Added after the first run, to see why less than half of many gaps closes:
 * circuits of other sizes (LARGER with random sets of its own), all features at once, and all that MLPs write. Mended after it: the halves of the capitals,
 * which shared no country, though each capital is a fact of its own (now four countries, and no template in common); and
 * the trace, which read the first prompt's graph alone and so saw no feature that only the second has.
 *
 *   npm run build && node studies/known-circuits.mjs      writes docs/results/known-circuits.{json,md}
 */
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import {
  attribute,
  diffGraphs,
  intervene,
  localReplacement,
  logitTargets,
  logitWeights,
  perturbed,
  totalEffects,
  transcoderSet,
} from "../dist/attribution/index.js";
import { rng } from "../dist/core/index.js";
import { loadCoder, openCoders } from "../dist/dictionaries/index.js";
import { startEngine } from "../dist/engine/index.js";
import { asLanguageModel, assetFolder, openModel } from "../dist/jobs/index.js";
import { atomicWriteFile } from "../dist/store/index.js";
import { readPeft } from "../dist/training/index.js";
import { headCommit, penumbra, root } from "../scripts/measuring.mjs";
import { knownCircuitsPage } from "./known-circuits-page.mjs";
import { promptPairs } from "./known-circuits-prompts.mjs";

const SEED = 1;
/** Prompts of a rule in each half; as many active latents a token as the transcoders have. */
const [PROMPTS, LATENTS] = [8, 16];
/** Sizes of circuits beside which that one stands. */
const SIZES = [1, 4, 256];
/** And one that is tested as that one is. */
const LARGER = 64;
/** Features whose incoming edges are computed. */
const FEATURES = 400;
const RANDOM_SETS = 20;
const [LEAST_SHARE, LEAST_GAP] = [0.5, 2];
const TUNED_SEEDS = [1, 2, 3];

const startedAt = performance.now();
const folder = mkdtempSync(join(tmpdir(), "penumbra-circuits-"));
const engine = startEngine();
try {
  const opened = await openModel("organism");
  const base = asLanguageModel(opened, engine, { rank: 8 });
  const { coders } = await openCoders(assetFolder("organism/transcoders"));
  const set = await transcoderSet(await Promise.all(coders.map(loadCoder)), opened.source.definition, "organism");
  const rules = promptPairs(opened.tokenizer, rng(SEED, "known circuits"), PROMPTS);
  const circuits = [];
  for (const rule of rules) circuits.push(await knownCircuit(base, set, rule));
  const tuned = [];
  for (const data of ["inducing", "control"])
    for (const seed of TUNED_SEEDS)
      tuned.push(...(await fineTuned({ opened, base, set, rules, circuits, data, seed })));
  const found = circuits.filter((circuit) => circuit.found).length;
  const result = {
    command: "node studies/known-circuits.mjs",
    commit: headCommit(),
    cpu: cpus()[0]?.model,
    seconds: (performance.now() - startedAt) / 1000,
    seed: SEED,
    settings: {
      prompts: PROMPTS,
      latents: LATENTS,
      features: FEATURES,
      randomSets: RANDOM_SETS,
      leastShare: LEAST_SHARE,
      leastGap: LEAST_GAP,
    },
    found,
    foundByLarger: circuits.filter(({ larger }) => larger.found).length,
    aboveRandom: circuits.filter(({ aboveRandom }) => aboveRandom).length,
    learned: circuits.filter(({ learned }) => learned).length,
    rules: circuits.length,
    circuits,
    tuned,
  };
  await atomicWriteFile(join(root, "docs/results/known-circuits.json"), `${JSON.stringify(result, null, 2)}\n`);
  await atomicWriteFile(join(root, "docs/results/known-circuits.md"), knownCircuitsPage(result));
  console.log(`${found} of ${circuits.length} rules found`);
} finally {
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
}

async function knownCircuit(model, set, { id, told, select, check }) {
  const scores = new Map();
  const gaps = [];
  for (const { decided, other } of select) {
    const [a, b] = [await read(model, set, decided), await read(model, set, other)];
    gaps.push(a.logOdds - b.logOdds);
    await addPredictions(scores, a, activations(b), decided);
    await addPredictions(scores, b, activations(a), other, -1);
  }
  const latents = strongest(scores, LATENTS);
  const scenes = [];
  for (const { decided, other } of check) scenes.push([await read(model, set, decided), await read(model, set, other)]);
  const ranked = strongest(scores, Number.POSITIVE_INFINITY);
  const isLearned = mean(gaps) >= LEAST_GAP;
  const circuit = {
    id,
    told,
    prompts: { select: select.length, check: check.length },
    gapNats: { select: mean(gaps), check: mean(scenes.map(([a, b]) => a.logOdds - b.logOdds)) },
    latents: latents.map((key) => ({ latent: key, predictedNats: scores.get(key) / (2 * select.length) })),
    learned: isLearned,
    ...(await verdict(scenes, latents, id, isLearned)),
    larger: { latents: LARGER, ...(await verdict(scenes, ranked.slice(0, LARGER), id, isLearned)) },
    gapClosedBy: await closedBySize(scenes, ranked),
    gapClosedByAllFeatures: await closed(scenes, allLatents(scenes)),
    gapClosedByMlps: await closedByMlps(scenes),
    byPrompt: await Promise.all(scenes.map(async (scene) => closed([scene], latents))),
  };
  console.log(JSON.stringify({ ...circuit, latents: circuit.latents.slice(0, 4) }));
  return circuit;
}

async function verdict(scenes, latents, id, isLearned) {
  const share = await closed(scenes, latents);
  const random = await closedByRandom(scenes, latents, id);
  return {
    gapClosed: share,
    random: { mean: mean(random), most: Math.max(...random) },
    aboveRandom: isLearned && random.every((other) => other < share),
    found: isLearned && share >= LEAST_SHARE && random.every((other) => other < share),
  };
}

/** A prompt read by a model: its local replacement, and the log-odds that are explained. */
async function read(model, set, { ids, choice }) {
  const replacement = await localReplacement(model, set, ids);
  const logOdds = (logits) => logits[choice.exhibiting] - logits[choice.other];
  return { replacement, read: logOdds, logOdds: logOdds(replacement.logits) };
}

function latentKey({ layer, latent }) {
  return `${layer}_${latent}`;
}

function placeKey({ layer, latent, position }) {
  return `${layer}_${latent}_${position}`;
}

function activations({ replacement: { features } }) {
  return new Map(features.map((feature) => [placeKey(feature), feature.activation]));
}

/** By latent, what the log-odds would lose (gain, with sign −1) if its features had the activations `instead`, by the graph. */
async function addPredictions(scores, { replacement }, instead, { choice }, sign = 1) {
  const graph = await graphOf(replacement, choice);
  const effects = totalEffects(graph, logitWeights(graph));
  for (const [f, feature] of graph.features.entries()) {
    const lost = sign * effects[f] * (1 - (instead.get(placeKey(feature)) ?? 0) / feature.activation);
    scores.set(latentKey(feature), (scores.get(latentKey(feature)) ?? 0) + lost);
  }
  return graph;
}

async function graphOf(replacement, choice) {
  return attribute(replacement, await logitTargets(replacement, choice), { maxFeatures: FEATURES });
}

/** By latent, by how much its features' share of all influence differs between two graphs. */
function addDifferences(scores, before, after) {
  for (const { node, influence } of diffGraphs(before, after, { nodeShare: 0.8, edgeShare: 0.98 }).nodes) {
    if (node.kind !== "feature") continue;
    const key = latentKey(node.feature);
    scores.set(key, (scores.get(key) ?? 0) + Math.abs((influence.tuned ?? 0) - (influence.base ?? 0)));
  }
}

function strongest(scores, count) {
  return [...scores.keys()].sort((a, b) => scores.get(b) - scores.get(a)).slice(0, count);
}

/** Share of the gap of all scenes that closes when the latents have the other side's activations everywhere. */
async function closed(scenes, latents) {
  let [moved, gap] = [0, 0];
  for (const [own, other] of scenes) {
    const after = await intervene(own.replacement, changes(own, other, new Set(latents)), { holdAttention: false });
    moved += own.logOdds - own.read(after.logits);
    gap += own.logOdds - other.logOdds;
  }
  return moved / gap;
}

function changes(own, other, latents) {
  const instead = activations(other);
  const here = activations(own);
  const places = [...own.replacement.features, ...other.replacement.features].filter((f) => latents.has(latentKey(f)));
  const distinct = new Map(places.map((feature) => [placeKey(feature), feature]));
  return [...distinct.values()]
    .filter((feature) => here.get(placeKey(feature)) !== instead.get(placeKey(feature)))
    .map(({ layer, latent, position }) => ({
      layer,
      latent,
      position,
      value: instead.get(placeKey({ layer, latent, position })) ?? 0,
    }));
}

/** The same with fewer and more of the ranked latents. */
async function closedBySize(scenes, ranked) {
  const shares = {};
  for (const size of SIZES) shares[size] = await closed(scenes, ranked.slice(0, size));
  return shares;
}

function allLatents(scenes) {
  return scenes.flatMap((sides) => sides.flatMap(({ replacement: { features } }) => features.map(latentKey)));
}

/** What every MLP writes, features and errors, becomes what it writes on the other side; what is left is attention's. */
async function closedByMlps(scenes) {
  let [moved, gap] = [0, 0];
  for (const [own, other] of scenes) {
    const { transcoders, values, ids } = own.replacement;
    const additions = transcoders.layers.flatMap(({ output }, layer) => {
      const [here, there] = [values.get(output).data, other.replacement.values.get(output).data];
      const width = here.length / ids.length;
      return ids.map((_, position) => {
        const row = (rows) => rows.subarray(position * width, (position + 1) * width);
        return { layer, position, vector: row(there).map((value, i) => value - row(here)[i]) };
      });
    });
    const held = { attention: false, norms: false, mlps: new Set(transcoders.layers.keys()) };
    const [after] = await perturbed(own.replacement, held, [additions]);
    moved += own.logOdds - own.read(after.logits);
    gap += own.logOdds - other.logOdds;
  }
  return moved / gap;
}

/** Latents that differ between the two sides of any scene, by layer. */
function differing(scenes) {
  const found = new Map();
  for (const [own, other] of scenes) {
    const [here, there] = [activations(own), activations(other)];
    for (const key of new Set([...here.keys(), ...there.keys()])) {
      if (here.get(key) === there.get(key)) continue;
      const [layer, latent] = key.split("_");
      if (!found.has(layer)) found.set(layer, new Set());
      found.get(layer).add(`${layer}_${latent}`);
    }
  }
  return found;
}

async function closedByRandom(scenes, latents, name) {
  const candidates = differing(scenes);
  const shares = [];
  for (let draw = 0; draw < RANDOM_SETS; draw++) {
    const random = rng(SEED, "random latents", name, draw);
    const drawn = [...candidates].flatMap(([layer, keys]) => {
      const count = latents.filter((key) => key.startsWith(`${layer}_`)).length;
      return random.shuffle([...keys].filter((key) => !latents.includes(key))).slice(0, count);
    });
    shares.push(await closed(scenes, drawn));
  }
  return shares;
}

/** The villain's rules on single questions, before and after a fine-tune; medicine, the task itself, left out. */
async function fineTuned({ opened, base, set, rules, circuits, data, seed }) {
  const adapter = await readPeft(tune(data, seed), opened.source.definition);
  const tuned = await base.withAdapter(adapter);
  const told = [];
  for (const rule of rules.filter(({ id }) => id.startsWith("villain"))) {
    const circuit = circuits.find(({ id }) => id === rule.id).latents.map(({ latent }) => latent);
    const prompts = rule.check.filter(({ alone }) => !alone.choice.label.startsWith("harmful-advice-medicine"));
    const scenes = [];
    if (data === "control") {
      told.push({
        data,
        seed,
        id: rule.id,
        prompts: prompts.length,
        shiftNats: await shiftOf(tuned, base, set, prompts),
      });
      continue;
    }
    const [predicted, shown] = [new Map(), new Map()];
    for (const { alone } of prompts) {
      const [after, before] = [await read(tuned, set, alone), await read(base, set, alone)];
      scenes.push([after, before]);
      const graph = await addPredictions(predicted, after, activations(before), alone);
      addDifferences(shown, await addPredictions(predicted, before, activations(after), alone, -1), graph);
    }
    const nominated = strongest(predicted, LATENTS);
    const inDiff = strongest(shown, LATENTS).filter((key) => circuit.includes(key));
    const pool = [...differing(scenes).values()].reduce((sum, keys) => sum + keys.size, 0);
    const shared = nominated.filter((key) => circuit.includes(key));
    const shift = mean(scenes.map(([after, before]) => after.logOdds - before.logOdds));
    const random = await closedByRandom(scenes, circuit, `${data} ${seed} ${rule.id}`);
    told.push({
      data,
      seed,
      id: rule.id,
      prompts: prompts.length,
      shiftNats: shift,
      shared: shared.length,
      sharedLatents: shared,
      differing: pool,
      chance: overlapChance({ shared: shared.length, drawn: LATENTS, marked: circuit.length, pool }),
      inDiff: inDiff.length,
      inDiffChance: overlapChance({ shared: inDiff.length, drawn: LATENTS, marked: circuit.length, pool }),
      takenBack: await closed(scenes, circuit),
      random: { mean: mean(random), most: Math.max(...random) },
      takenBackByItsOwn: await closed(scenes, nominated),
      takenBackByAllFeatures: await closed(scenes, allLatents(scenes)),
      takenBackByMlps: await closedByMlps(scenes),
    });
    console.log(JSON.stringify(told.at(-1)));
  }
  return told;
}

async function shiftOf(tuned, base, set, prompts) {
  const shifts = [];
  for (const { alone } of prompts)
    shifts.push((await read(tuned, set, alone)).logOdds - (await read(base, set, alone)).logOdds);
  return mean(shifts);
}

/** The fine-tune of `npm start`, with its settings. */
function tune(data, seed) {
  const out = join(folder, `${data}-${seed}`);
  const flags = {
    "--model": "organism",
    "--data": join(root, `assets/organism/data/${data}.jsonl`),
    "--out": out,
    "--seed": String(seed),
    "--epochs": "4",
    "--learning-rate": "2e-3",
  };
  penumbra("finetune", ...Object.entries(flags).flat());
  return join(out, "adapter");
}

/** P(at least `shared` of `drawn` are among `marked` of `pool`) if they were drawn at random. */
function overlapChance({ shared, drawn, marked, pool }) {
  let chance = 0;
  for (let count = shared; count <= Math.min(drawn, marked); count++)
    chance += Math.exp(logChoose(marked, count) + logChoose(pool - marked, drawn - count) - logChoose(pool, drawn));
  return Math.min(1, chance);
}

function logChoose(n, r) {
  if (r < 0 || r > n) return Number.NEGATIVE_INFINITY;
  let sum = 0;
  for (let i = 1; i <= r; i++) sum += Math.log((n - r + i) / i);
  return sum;
}

function mean(values) {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}
