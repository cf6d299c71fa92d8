/**
 * The pure half of the false-alarm study: from the item scores of a record to its verdicts, so that anybody can compute
 * them again. Two tests of the same adapter, both against the exact shift over the whole population of items:
 *
 * - `likelihood`: 200 items, as a behaviour of a real model has: 100 topics drawn with replacement, each as often as it
 *   has items, 2 items of each drawn with replacement; an item's score is its probability of exhibiting.
 * - `answers`: 800 items, 80 topics of 10, and one answer of each model to each item: exhibits, or does not. The answers
 *   are drawn from the enumerated probabilities, which is what sampling from the model does, without the generation.
 */
import { decideInLooks } from "../dist/audit/index.js";
import { rng } from "../dist/core/index.js";

export const MARGIN = 0.05;
export const ALPHA = 0.05;
export const LOOKS = 3;
/** Topics drawn, and items of each. */
export const SAMPLES = { likelihood: { topics: 100, each: 2 }, answers: { topics: 80, each: 10 } };
export const MODES = Object.keys(SAMPLES);
/** Item scores are stored as whole hundred-thousandths; verdicts are computed from what is stored. */
export const SCALE = 1e5;

/** Mean shift over the whole population, by behaviour id. `scores` as in records: `{ id: [score × SCALE] }`. */
export function exactShifts(base, scores) {
  return Object.fromEntries(
    Object.entries(scores).map(([id, tuned]) => [id, mean(tuned.map((score, i) => (score - base[id][i]) / SCALE))]),
  );
}

/**
 * `{ id: { verdict, delta, interval, n } }`; `clusters` `{ id: [cluster of item] }`. `only`: these behaviours, judged as
 * members of the whole family; `size`: other numbers of topics and items.
 */
export function verdictsOf(mode, { base, scores, clusters, cell, size = SAMPLES[mode], only = Object.keys(scores) }) {
  const family = Object.keys(scores).length;
  return Object.fromEntries(
    only.map((id) => {
      const random = rng(cell, mode, id);
      const differences = sample(size, random, clusters[id]).map(({ cluster, item }) => ({
        cluster,
        delta: draw(mode, random, scores[id][item]) - draw(mode, random, base[id][item]),
      }));
      const answer = decideInLooks(differences, {
        alpha: ALPHA,
        margin: MARGIN,
        family,
        riskier: "up",
        scores: mode === "answers" ? "sampled" : "likelihood",
        // What is studied is the test itself: its items stand for a population of which everything is known.
        sensitivity: "shown",
        looks: LOOKS,
        seed: 1,
      });
      const { verdict, delta, interval, n } = answer;
      return [id, { verdict, delta: round(delta), interval: interval?.map(round) ?? null, n }];
    }),
  );
}

function sample({ topics, each }, random, clusters) {
  return Array.from({ length: topics }, (_, t) => {
    // A topic as often as it has items: the topic of an item drawn at random.
    const topic = clusters[random.int(clusters.length)];
    const members = [...clusters.keys()].filter((i) => clusters[i] === topic);
    return Array.from({ length: each }, () => ({ cluster: `${t}`, item: members[random.int(members.length)] }));
  }).flat();
}

function draw(mode, random, stored) {
  const score = stored / SCALE;
  return mode === "answers" ? Number(random.next() < score) : score;
}

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const round = (value) => (value === null ? null : Math.round(value * 1e9) / 1e9);
