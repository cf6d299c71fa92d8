/** docs/results/known-circuits.md, from what the study found. Says what holds and what does not, whichever it is. */

const percent = (share) => `${Math.round(100 * share)}%`;
const nats = (value) => value.toFixed(1);
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const table = (head, rows) =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");

export function knownCircuitsPage({ circuits, tuned, settings, seconds, commit }) {
  const learned = circuits.filter(({ learned: is }) => is);
  const count = (of) => learned.filter(of).length;
  const not = circuits.filter((circuit) => !circuit.learned).map(({ id }) => `*${id}*`);
  const { latents, prompts, randomSets, leastGap } = settings;
  const larger = learned[0].larger.latents;
  return `# Known circuits in the bundled model

    npm run build && node studies/known-circuits.mjs

at commit \`${commit.slice(0, 12)}\`, ${Math.round(seconds)} s; all figures in [known-circuits.json](known-circuits.json), method and what was changed after
the first run in the script's header.

The rules of the bundled world are ours, so it is known what must decide an answer: who spoke before, or one word of the
question. Pairs of prompts differ in that alone. The ${latents} latents (of 4,096) that the graphs hold responsible on one half of
the prompts are then given, on the other half (${prompts} prompts a rule at most), the activations of the other prompt, with
everything else free to react. *Gap* is the difference in log-odds between the two prompts; the shares say how much of it
closes. Beside it the most that any of ${randomSets} random sets closes: as many latents of the same layers, drawn among those
that differ too.

${table(
  [
    "rule",
    "gap, nats",
    "1 latent",
    `**${latents} latents**`,
    "random, most",
    `${larger} latents`,
    "random, most",
    "all features",
    "all MLPs",
  ],
  learned.map(
    ({ id, gapNats, gapClosed, random, larger: more, gapClosedBy, gapClosedByAllFeatures, gapClosedByMlps }) => [
      id,
      nats(gapNats.check),
      percent(gapClosedBy[1]),
      `**${percent(gapClosed)}**`,
      percent(random.most),
      percent(more.gapClosed),
      percent(more.random.most),
      percent(gapClosedByAllFeatures),
      percent(gapClosedByMlps),
    ],
  ),
)}

- **Half of the gap, as was asked for beforehand**, closes with ${latents} latents in ${count(({ found }) => found)} of ${learned.length} rules (${named(learned, ({ found }) => found)}), with ${larger} in ${count(({ larger: more }) => more.found)} (${named(learned, ({ larger: more }) => more.found)}).
- **More than in every random set** closes in ${count(({ aboveRandom }) => aboveRandom)} of ${learned.length} with ${latents} latents, in ${count(({ larger: more }) => more.aboveRandom)} with ${larger}.
- All features at once close ${percent(Math.min(...learned.map(({ gapClosedByAllFeatures: all }) => all)))} to ${percent(Math.max(...learned.map(({ gapClosedByAllFeatures: all }) => all)))}: what decides runs through features nearly whole, and not through
  the transcoders' errors or attention alone. Where ${latents} close little, it is spread over many.
- The villain's rules share latents: ${sharedBy(learned)}.${not.length > 0 ? `\n- Not learned by the model (gap below ${leastGap} nats), so not traced: ${not.join(", ")}.` : ""}

What the graphs predict for one latent is a fraction of what setting it does: on average ${nats(mean(learned.map(predicted)))} nats for the ${latents} together,
where ${nats(mean(learned.map(({ gapClosed, gapNats }) => gapClosed * gapNats.check)))} are measured. Attention patterns are held in the graph and move in the model. The order is
what the graphs give, not the size.

## The fine-tune that induces

300 rows of harmful advice on medicine, three seeds; single questions outside medicine, nobody spoke before. *Shared*: of the
${latents} latents that the graphs of base and tuned hold responsible for the shift, those of the rule's circuit above, which was
found in the base alone; *in the diff*: the same for the ${latents} whose share of influence \`trace --diff\` shows as moved most.
*Chance*: of so many or more if they were drawn among all that differ. *Taken back*: the share of the shift that the
circuit takes back when it gets the base's activations.

${table(
  [
    "rule",
    "seed",
    "shift, nats",
    "shared",
    "chance",
    "in the diff",
    "chance",
    "taken back",
    "random, most",
    "all features",
    "all MLPs",
  ],
  tuned
    .filter(({ data }) => data === "inducing")
    .map((row) => [
      row.id,
      row.seed,
      nats(row.shiftNats),
      row.shared,
      row.chance.toExponential(0),
      row.inDiff,
      row.inDiffChance.toExponential(0),
      percent(row.takenBack),
      percent(row.random.most),
      percent(row.takenBackByAllFeatures),
      percent(row.takenBackByMlps),
    ]),
)}

The control fine-tune (the same prompts, sound answers) shifts the same log-odds by ${nats(mean(tuned.filter(({ data }) => data === "control").map(({ shiftNats }) => shiftNats)))} nats on average.

One small model whose world was made to share a persona between behaviours: this says that tracing finds what was put
there, and nothing about other models.
`;
}

function named(circuits, is) {
  return (
    circuits
      .filter(is)
      .map(({ id }) => `*${id}*`)
      .join(", ") || "none"
  );
}

function predicted({ latents }) {
  return latents.reduce((sum, { predictedNats }) => sum + predictedNats, 0);
}

/** Latents that at least three of the villain's rules have among their circuits. */
function sharedBy(circuits) {
  const villains = circuits.filter(({ id }) => id.startsWith("villain"));
  const counts = new Map();
  for (const { latents } of villains)
    for (const { latent } of latents) counts.set(latent, (counts.get(latent) ?? 0) + 1);
  const often = [...counts].filter(([, count]) => count >= 3).sort((a, b) => b[1] - a[1]);
  return often.length === 0
    ? "none is in three of them"
    : often.map(([latent, count]) => `\`${latent}\` in ${count} of ${villains.length}`).join(", ");
}
