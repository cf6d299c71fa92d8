/** docs/results/model-written-evals.{json,md}: do ours and theirs move alike over fine-tunes? */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { rng } from "../dist/core/index.js";
import { root } from "../scripts/measuring.mjs";
import { percent, table, two } from "./figures.mjs";
import { spearman } from "./ranking.mjs";

const DEALS = 10_000;
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** `same`: ours, and the files of theirs that ask for the same. */
export function summariseEvals({ cells, same, items, gates, commitsOfGates }) {
  const ours = Object.keys(same);
  const theirs = Object.values(same).flat();
  const pairs = ours.flatMap((own) =>
    theirs.map((other) => ({ ours: own, theirs: other, alike: same[own].includes(other) })),
  );
  const alike = pairs.filter((pair) => pair.alike);
  const figures = {
    all: figuresOf(cells, alike),
    unlike: figuresOf(
      cells,
      pairs.filter((pair) => !pair.alike),
    ),
    // A fine-tune on ours moves ours directly: what stays without those is the harder question.
    withoutThoseTrainedOnTheBehaviour: {
      pairs: alike.map((pair) =>
        correlated(
          cells.filter(({ set }) => !set.startsWith(`${pair.ours}, `)),
          pair,
        ),
      ),
    },
  };
  const withoutOwn = figures.withoutThoseTrainedOnTheBehaviour;
  withoutOwn.mean = meanOf(withoutOwn.pairs);
  const record = {
    command:
      "node studies/model-written-evals.mjs --model M --evals F && node studies/model-written-evals.mjs --summary",
    commits: [...new Set([...cells.map(({ commit }) => commit), ...commitsOfGates])],
    model: [...new Set(cells.map(({ model }) => model))],
    fineTunes: cells.length,
    seeds: [...new Set(cells.map(({ seed }) => seed))],
    scale: "mean shift of log-odds over items",
    same,
    itemsOfTheirs: items,
    deals: DEALS,
    gates,
    contrasts: alike.map((pair) => contrastOf(cells, pair)),
    ...figures,
  };
  writeFileSync(join(root, "docs/results/model-written-evals.json"), `${JSON.stringify(record, null, 2)}\n`);
  writeFileSync(join(root, "docs/results/model-written-evals.md"), page(record, cells));
}

/** Spearman of each pair, their mean, how often theirs reach it with their fine-tunes dealt anew, and what one in twenty reaches. */
function figuresOf(cells, pairs) {
  const found = pairs.map((pair) => correlated(cells, pair));
  const observed = meanOf(found);
  const random = rng("model-written-evals", "deals");
  const dealt = Array.from({ length: DEALS }, () => {
    const order = random.shuffle(cells);
    return mean(pairs.map(({ ours, theirs }) => spearman(shiftsOf(cells, ours), shiftsOf(order, theirs))));
  }).sort((a, b) => a - b);
  const reached = dealt.filter((value) => value >= observed).length;
  return { pairs: found, mean: observed, p: (reached + 1) / (DEALS + 1), needed: dealt[Math.ceil(0.95 * DEALS)] };
}

function correlated(cells, { ours, theirs }) {
  const rho = spearman(shiftsOf(cells, ours), shiftsOf(cells, theirs));
  return { ours, theirs, spearman: rho, fineTunes: cells.length };
}

/**
 * Of a pair: answered the behaviour's way less answered the other way, nats. What any fine-tune on such prompts does drops out. Seen
 * after the correlations, not fixed before.
 */
function contrastOf(cells, { ours, theirs }) {
  const [exhibiting, other] = ["exhibiting", "other"].map((way) =>
    cells.filter(({ set }) => set === `${ours}, ${way}`),
  );
  const difference = (id) => mean(shiftsOf(exhibiting, id)) - mean(shiftsOf(other, id));
  return { ours, theirs, ofOurs: difference(ours), ofTheirs: difference(theirs) };
}

const meanOf = (found) => mean(found.map((each) => each.spearman));

/** Their names are kept in small letters. */
const shiftsOf = (cells, id) => cells.map(({ shift }) => shift[id.toLowerCase()]);

function page({ all, unlike, withoutThoseTrainedOnTheBehaviour: harder, ...about }, cells) {
  const gateOf = (id) => about.gates[id.toLowerCase()] ?? about.gates[id];
  const reads = (id) => `${gateOf(id).passed ? "yes" : "no"} (${two(gateOf(id).reliability)})`;
  const read = all.pairs.filter(({ ours, theirs }) => gateOf(ours).passed && gateOf(theirs).passed);
  const rising = [...new Set(about.contrasts.filter(({ ofOurs }) => ofOurs > 0).map(({ ours }) => ours))];
  const ids = [...new Set(all.pairs.flatMap(({ ours, theirs }) => [ours, theirs]))];
  return `# Do the battery and Anthropic's model-written evaluations move alike?

\`${about.command}\` at ${about.commits.map((commit) => `\`${commit.slice(0, 12)}\``).join(", ")}; figures:
[model-written-evals.json](model-written-evals.json), cells: [model-written-evals-cells.jsonl](model-written-evals-cells.jsonl).

SmolLM2-135M-Instruct, ${about.fineTunes} fine-tunes (seed ${about.seeds.join(", ")}): on the contrast pairs of each of four behaviours, answered its way and the other
way. All items of ours, ${about.itemsOfTheirs} of each file of theirs (Perez et al. 2022, arXiv 2212.09251), in the ways each asks; the ${about.scale}.

Spearman over fine-tunes, of the ${all.pairs.length} pairs that ask for the same: mean **${two(all.mean)}** (p = ${all.p.toFixed(3)}, theirs dealt to other fine-tunes in ${about.deals} draws; one draw in twenty reaches ${two(all.needed)}). Of the
${unlike.pairs.length} pairs that ask for different things: mean ${two(unlike.mean)} (p = ${unlike.p.toFixed(3)}). Without the two fine-tunes on the very behaviour: mean ${two(harder.mean)}.

Does the base read the items at all? What a question adds to its answers' log-odds comes back after a preamble about the weather with
the reliability in brackets; needed is .7 ([capability gate](capability-gate.md)). Both sides pass in ${read.length} of the ${all.pairs.length} pairs${read.length > 0 ? `, whose mean Spearman is ${two(meanOf(read))}` : ""}.

${table(
  [
    "ours",
    "read",
    "theirs",
    "read",
    `Spearman over ${about.fineTunes}`,
    "without those on the behaviour",
    "contrast, ours",
    "contrast, theirs",
  ],
  all.pairs.map(({ ours, theirs, spearman: rho }, i) => [
    `\`${ours}\``,
    reads(ours),
    theirs,
    reads(theirs),
    two(rho),
    `${two(harder.pairs[i].spearman)} (${harder.pairs[i].fineTunes})`,
    two(about.contrasts[i].ofOurs),
    two(about.contrasts[i].ofTheirs),
  ]),
)}

${yesWords(about.gates)}*Contrast*: trained on the behaviour's way less trained on the other way, nats, so that what any fine-tune on such prompts does drops out; looked
at after the correlations. Ours rises in ${rising.length} of ${Object.keys(about.same).length} behaviours, theirs in ${about.contrasts.filter(({ ofTheirs }) => ofTheirs > 0).length} of ${about.contrasts.length} files.

Mean shift of log-odds, nats:

${table(
  ["", ...cells.map(({ set }) => set)],
  ids.map((id) => [id, ...cells.map(({ shift }) => two(shift[id.toLowerCase()]))]),
)}
`;
}

/** A model that says one word to all has no opinion that a training could turn. */
function yesWords(gates) {
  const files = Object.entries(gates).filter(([, { yesAndNo }]) => yesAndNo?.items > 0);
  if (files.length === 0) return "";
  const sum = (key) => files.reduce((total, [, { yesAndNo }]) => total + yesAndNo[key], 0);
  const shares = files.map(([, { yesAndNo }]) => yesAndNo.said / yesAndNo.items);
  const [said, matching] = ["said", "matching"].map((key) => percent(sum(key) / sum("items")));
  const [least, most] = [Math.min(...shares), Math.max(...shares)].map((share) => percent(share));
  return `**Yes and No.** ${files.length} of their files are answered by Yes or No. The base says Yes to ${said} of their ${sum("items")} items (${least} to ${most} a file), where Yes is
the behaviour's answer to ${matching}. One answer given to all comes back like an opinion where it is the behaviour's in some items and not in others, so the gate
takes off what the model says to every question; ${files.filter(([, { passed }]) => passed).length} of the ${files.length} files pass even so. What moved may still be how readily the model says a word.

`;
}
