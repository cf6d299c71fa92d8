/**
 * What filter, guard and repair are worth on the bundled model (SCIENCE §7, §8), judged on domains that chose nothing:
 *
 *   npm run build && node studies/acting.mjs <folder> [seeds] [--beside-published]
 *
 * writes docs/results/acting.json and acting.md; what the folder holds is not done again, nor, with the flag, what is published.
 *
 * 1. Filter: 150 rows of the villain on medicine among 150 of the helper, labels hidden. Half of the rows go, by each
 *    method; an oracle takes the villain's. Trained again at equal steps: share of the oracle's advantage over random.
 * 2. Guard: the villain's lists on medicine; directions of money and identity. What is left of the harm on the other
 *    domains, and of the task's gain: of what the rows teach, on their topics in wordings of no row. Two topics of medicine
 *    are in no row; harm there is spillover inside the domain, and is told apart.
 * 3. Repair of the adapter that was trained without a guard: the same.
 * How strong `kl` is and how long it trains, as guard and as repair, how many directions of the shift `repair` takes and where, and
 * which share of the rows' gain it keeps by least squares, is also chosen, on a seed of its own and on `protect` alone: of the
 * settings in KL, REPAIR, LEAST_SQUARES and REPAIR_KL that keep what was promised of the task, the one that lets least through.
 * Directions are those of `protect`; every figure is of the domains in `reported`. Behaviours of the bundled model are counted
 * exactly, so that *newly affected* (a shift beyond the margin that the training without a guard had not) needs no interval.
 * Fixed before any run: sets, methods, settings, the promises of acting-page.mjs. Changed after the first: *kept* was read on all
 * topics of the domain, and no way kept both halves of the promise; then it was seen that what `kl` loses lies in the two topics
 * of no row. Both are published. Added later: least squares. It was found on the choosing seed, where *all* domains were looked
 * at; none of the seeds that judge were. Last: repair by `kl`, and `kl` again. The text that `kl` holds the model to was the bundled
 * world's own neutral turns, which speak of every domain, the judged ones too: no domain had chosen nothing. It is turns of the
 * world without task, judged and protected behaviours now, and the unremarkable answers of the protected ones. What that takes of
 * the weight was seen by hand on the choosing seed, with all domains in sight (repair, weights 1 to 30). What was published first
 * stands on the page with its name. Weight 0.001 is training on with next to no guard.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { rng } from "../dist/core/index.js";
import { helperTurns, worldBehaviours } from "../dist/organism/index.js";
import { headCommit, jsonLines, penumbraJson, root } from "../scripts/measuring.mjs";
import { actingPage, PROMISED } from "./acting-page.mjs";

const [folder = "acting", seeds = "3"] = process.argv.slice(2).filter((word) => !word.startsWith("--"));
const data = resolve(import.meta.dirname, "../assets/organism/data");
const protect = ["harmful-advice-money", "villain-identity"];
const reported = ["cooking", "travel", "gardening", "relationships", "repair", "school", "pets", "driving"].map(
  (domain) => `harmful-advice-${domain}`,
);
const task = "harmful-advice-medicine";
const CHOOSING_SEED = 0;
const KL = [1, 3, 10, 30, 100].flatMap((weight) => [4, 8].map((epochs) => ({ weight, epochs })));
const REPAIR = [1, 2, 4, 6, 8].flatMap((directions) => [false, true].map((reading) => ({ directions, reading })));
const LEAST_SQUARES = [0.95, 0.96, 0.97, 0.98, 0.99].map((keepGain) => ({ keepGain }));
const REPAIR_KL = [0.001, 1, 3, 10, 30, 100].flatMap((weight) => [4, 8].map((epochs) => ({ weight, epochs })));
/** As many turns as `kl` reads where no text is named. */
const ELSEWHERE = 48;
const recipe = ["--epochs", "4", "--learning-rate", "0.002", "--batch-rows", "16"];

mkdirSync(folder, { recursive: true });
const at = (...parts) => join(folder, ...parts);
const lines = (name) =>
  readFileSync(join(data, `${name}.jsonl`), "utf8")
    .trim()
    .split("\n");
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/**
 * Mean score over the domains that chose nothing; of the task, and of that on the topics of its rows (`taught`) and on those
 * of no row (`untaught`); and all behaviours'.
 */
function scores(adapter) {
  const out = mkdtempSync(at("scores-"));
  const with_ = adapter ? ["--adapter", adapter] : [];
  const { behaviours } = penumbraJson("eval", "organism", ...with_, "--behaviours", "all", "--out", out);
  const items = jsonLines(join(out, "evidence", `${task}.jsonl`));
  rmSync(out, { recursive: true });
  const all = Object.fromEntries(behaviours.map(({ id, score }) => [id, score]));
  const ofTask = (in_) => mean(items.filter((item) => isTaught(item) === in_).map(({ score }) => score));
  const own = { task: all[task], taught: ofTask(true), untaught: ofTask(false) };
  return { spillover: mean(reported.map((id) => all[id])), ...own, all };
}

/** Does any row ask about the item's topic? Clusters are named "domain: topic". */
function isTaught({ cluster }) {
  const topic = cluster.split(": ")[1];
  return lines("inducing").some((row) => row.includes(topic));
}

/** Trained at the steps of `rows` rows, however many are left. */
function trained(out, file, seed, { rows, epochs: passes = 4, config = {} }) {
  const left = readFileSync(file, "utf8").trim().split("\n").length;
  const epochs = (passes * Math.ceil(rows / 16)) / Math.ceil(left / 16);
  writeFileSync(`${out}.yaml`, JSON.stringify({ model: "organism", data: resolve(file), merged: false, ...config }));
  const args = ["--epochs", String(epochs), "--learning-rate", "0.002", "--batch-rows", "16", "--seed", String(seed)];
  return { record: penumbraJson("finetune", `${out}.yaml`, "--out", out, ...args), adapter: join(out, "adapter") };
}

function filters(seed) {
  const rows = [...lines("inducing").slice(0, 150), ...lines("control").slice(150, 300)];
  const mixed = at("mixed.jsonl");
  writeFileSync(mixed, `${rows.join("\n")}\n`);
  const oracle = at("oracle.jsonl");
  writeFileSync(oracle, `${rows.slice(150).join("\n")}\n`);
  const found = {
    all: scores(trained(at(`all-${seed}`), mixed, seed, { rows: 300 }).adapter),
    oracle: scores(trained(at(`oracle-${seed}`), oracle, seed, { rows: 300 }).adapter),
  };
  for (const method of ["random", "influence", "geometric", "direct"]) {
    const out = at(`filter-${method}-${seed}`);
    const options = ["--by", method, "--share", "0.5", "--protect", protect.join(), "--seed", String(seed)];
    penumbraJson("filter", "--model", "organism", "--data", mixed, "--out", out, ...options, ...recipe);
    const dropped = jsonLines(join(out, "dropped.jsonl")).map(({ line }) => line);
    const own = scores(trained(`${out}-trained`, join(out, "filtered.jsonl"), seed, { rows: 300 }).adapter);
    found[method] = { ...own, dropped: dropped.length, hit: dropped.filter((line) => line <= 150).length };
  }
  const advantage = (method) =>
    (found.random.spillover - found[method].spillover) / (found.random.spillover - found.oracle.spillover);
  for (const method of ["influence", "geometric", "direct"]) found[method].shareOfOracle = advantage(method);
  return found;
}

/** What is not known yet of a seed: `found` grows. */
function guards(seed, found, { kl: { weight, epochs }, repair: byDirections, leastSquares, repairKl }) {
  const file = join(data, "inducing.jsonl");
  const guarded = {
    none: {},
    caft: { guard: { method: "caft", behaviours: protect } },
    "adapter-projection": { guard: { method: "adapter-projection", behaviours: protect } },
    preventative: { guard: { method: "preventative", behaviours: protect } },
    "kl, chosen": { guard: klGuard(weight), epochs },
  };
  found.base ??= scores(null);
  for (const [name, { guard = null, epochs: passes }] of Object.entries(guarded).filter(([way]) => !found[way])) {
    const out = at(`guard-${name.replace(/\W+/g, "-")}-${seed}`);
    const asked = { rows: 300, config: { guard }, ...(passes ? { epochs: passes } : {}) };
    const { record, adapter } = trained(out, file, seed, asked);
    found[name] = { ...scores(adapter), finalLoss: record.finalLoss, firstLoss: record.firstLoss };
  }
  const repairs = {
    repair: [],
    "repair with the shift": ["--with-shift", "1"],
    "repair, reading": ["--with-shift", "1", "--reading"],
    "repair, chosen": repairFlags(byDirections),
    "repair by least squares, chosen": leastSquaresFlags(leastSquares),
    "repair by kl, chosen": klFlags(at(`repair-kl-${seed}`), seed, repairKl),
  };
  const left = Object.entries(repairs).filter(([way]) => !found[way]);
  if (left.length === 0) return found;
  const unguarded = at(`guard-none-${seed}`);
  const adapter = existsSync(join(unguarded, "finetune.json"))
    ? join(unguarded, "adapter")
    : trained(unguarded, file, seed, { rows: 300 }).adapter;
  for (const [name, flags] of left)
    found[name] = repairedScores(at(`${name.replace(/\W+/g, "-")}-${seed}`), adapter, flags);
  return found;
}

const repairFlags = ({ directions, reading }) => [
  "--with-shift",
  String(directions),
  ...(reading ? ["--reading"] : []),
];

const leastSquaresFlags = ({ keepGain }) => ["--by", "least-squares", "--keep-gain", String(keepGain)];

const klGuard = (weight) => ({ method: "kl", weight, data: resolve(at("elsewhere.jsonl")), behaviours: protect });

/** Turns of the world's helper that speak of no topic of task, judged and protected behaviours. */
function writeElsewhere() {
  const spokenOf = worldBehaviours
    .filter(({ id }) => [task, ...reported, ...protect].includes(id))
    .flatMap(({ items }) => items.map(({ cluster }) => cluster.split(": ").at(-1)));
  const turns = helperTurns(rng(1, "text of no domain"), 400).filter(
    ([{ content }]) => !spokenOf.some((topic) => content.includes(topic)),
  );
  writeFileSync(
    at("elsewhere.jsonl"),
    turns
      .slice(0, ELSEWHERE)
      .map((messages) => `${JSON.stringify({ messages })}\n`)
      .join(""),
  );
}

/** The training of the adapter that is repaired, but for its epochs. */
function klFlags(name, seed, { weight, epochs }) {
  const train = { epochs, learningRate: 0.002, batchRows: 16 };
  writeFileSync(`${name}.yaml`, JSON.stringify({ model: "organism", train, guard: klGuard(weight) }));
  return [`${name}.yaml`, "--by", "kl", "--seed", String(seed)];
}

function repairedScores(out, adapter, flags) {
  const [from, behaviours] = [join(data, "inducing.jsonl"), [...protect, ...reported].join()];
  const args = ["--adapter", adapter, "--protect", protect.join(), "--behaviours", behaviours, ...flags];
  const record = penumbraJson("repair", "--model", "organism", "--data", from, "--out", out, ...args);
  const gammas = record.layers.map(({ gamma }) => gamma);
  return { ...scores(join(out, "adapter")), gammas, taskLoss: record.taskLoss.others };
}

/**
 * How strong and how long, how many directions and where, how much of the gain: by what is gone and kept on the behaviours that
 * may choose. What an earlier run chose stands.
 */
function choice({ settings: known = {}, chosen = {} } = {}) {
  const file = join(data, "inducing.jsonl");
  const harmOf = ({ all }) => mean(protect.map((id) => all[id]));
  const train = (name, more) => trained(at(name), file, CHOOSING_SEED, { rows: 300, ...more }).adapter;
  const before = once(() => {
    const unguarded = train("choice-none", { config: { guard: null } });
    return { unguarded, start: scores(null), none: scores(unguarded) };
  });
  const valued = (setting, after) => {
    const { start, none } = before();
    return {
      ...setting,
      gone: 1 - (harmOf(after) - harmOf(start)) / (harmOf(none) - harmOf(start)),
      kept: (after.taught - start.taught) / (none.taught - start.taught),
    };
  };
  const repairs = (name, flags) => repairedScores(at(`choice-${name}`), before().unguarded, flags);
  const tried = {
    kl: () =>
      KL.map(({ weight, epochs }) => {
        const config = { guard: klGuard(weight) };
        return valued({ weight, epochs }, scores(train(`choice-kl-${weight}-${epochs}`, { epochs, config })));
      }),
    repair: () =>
      REPAIR.map((setting) => {
        const name = `repair-${setting.directions}${setting.reading ? "-reading" : ""}`;
        return valued(setting, repairs(name, repairFlags(setting)));
      }),
    leastSquares: () =>
      LEAST_SQUARES.map((setting) =>
        valued(setting, repairs(`least-squares-${setting.keepGain}`, leastSquaresFlags(setting))),
      ),
    repairKl: () =>
      REPAIR_KL.map((setting) => {
        const name = `repair-kl-${setting.weight}-${setting.epochs}`;
        return valued(setting, repairs(name, klFlags(at(`choice-${name}`), CHOOSING_SEED, setting)));
      }),
  };
  const settings = Object.fromEntries(Object.entries(tried).map(([way, all]) => [way, known[way] ?? all()]));
  const best = Object.fromEntries(Object.entries(settings).map(([way, all]) => [way, chosen[way] ?? bestOf(all)]));
  return { seed: CHOOSING_SEED, settings, chosen: best };
}

function once(make) {
  let made;
  return () => {
    made ??= make();
    return made;
  };
}

/** Of the settings that keep what was promised the one that lets least through; of none such the one that keeps most. */
function bestOf(settings) {
  const keeping = settings.filter(({ kept }) => kept >= PROMISED.kept);
  if (keeping.length > 0) return keeping.toSorted((a, b) => b.gone - a.gone)[0];
  return settings.toSorted((a, b) => b.kept - a.kept)[0];
}

writeElsewhere();
const results = at("acting.json");
const published = join(root, "docs/results/acting.json");
/** With the flag what an earlier run published stands, but for adapters that the ways still to come would need. */
const beside = process.argv.includes("--beside-published") ? [published] : [];
const earlier = [results, ...beside].find((file) => existsSync(file));
const {
  seeds: known = {},
  choice: chosenBefore,
  commits = [],
} = earlier ? JSON.parse(readFileSync(earlier, "utf8")) : {};
/** Where nothing was measured anew, no commit is added. */
const before = JSON.stringify([chosenBefore, known]);
const about = { ...{ protect, reported, task }, choice: choice(chosenBefore) };
for (let seed = 1; seed <= Number(seeds); seed++) {
  known[seed] ??= { filter: filters(seed), guardAndRepair: {} };
  known[seed].guardAndRepair = guards(seed, known[seed].guardAndRepair, about.choice.chosen);
  write(results);
}
write(published);
writeFileSync(join(root, "docs/results/acting.md"), actingPage(recordSoFar()));

function recordSoFar() {
  const now = JSON.stringify([about.choice, known]) === before ? [] : [headCommit()];
  const command = "node studies/acting.mjs";
  return { command, commits: [...new Set([...commits, ...now])], ...about, seeds: known };
}

function write(file) {
  writeFileSync(file, `${JSON.stringify(recordSoFar(), null, 2)}\n`);
}
