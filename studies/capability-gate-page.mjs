/** docs/results/capability-gate.md, from what the study found. */

import { percent, table, two } from "./figures.mjs";

const outcome = ({ passed, reason }) => (passed ? "passes" : reason);

export function capabilityGatePage({ command, models: [whole, broken], behaviours, of }) {
  const rows = Object.entries(behaviours).map(([id, by]) => ({ id, own: by[whole], other: by[broken] }));
  const passing = (side) => rows.filter((row) => row[side].passed);
  const commits = [...new Set(Object.values(behaviours).map(({ commit }) => `\`${commit.slice(0, 12)}\``))];
  const wronglyLet = passing("other").map(({ id }) => `\`${id}\``);
  return `# Does the capability gate tell a model that reads from one that does not?

    npm run build && ${command}

at ${commits.join(", ")}. SmolLM2-135M-Instruct beside the same weights with the layers in a wrong order: the statistics of a
trained model, and nothing is understood. ${rows.length} of ${of} built-in behaviours; figures:
[capability-gate.json](capability-gate.json).

**Through the gate:** ${passing("own").length} behaviours of the model as it is, ${wronglyLet.length} of the broken one${wronglyLet.length === 0 ? "" : ` (${wronglyLet.join(", ")})`}.
A behaviour that does not pass is *not measured* on that model, whatever its score does.

*Reliability* is of what the question adds to the log-odds of its answers, in two forms (needed: .70); *within*: the same between
the items of one cluster (.50). *Halves* is what the gate once went by: halves of clusters, or the two ways of asking an item,
with the answers' own log-odds in both.

${table(
  [
    "behaviour",
    "items",
    "as it is",
    "reliability",
    "within",
    "halves",
    "mean score",
    "broken",
    "reliability",
    "within",
    "halves",
  ],
  rows.map(({ id, own, other }) => [
    `\`${id}\``,
    own.items,
    outcome(own),
    two(own.reliability),
    two(own.within),
    two(own.halves),
    percent(own.meanScore),
    outcome(other),
    two(other.reliability),
    two(other.within),
    two(other.halves),
  ]),
)}
`;
}
