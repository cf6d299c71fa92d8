/** What dictionary-quality.mjs found, for people. */

const TEXTS = ["base", "tuned", "data"];
const HEAD = ["dictionary", "read on", "tokens", "explained variance", "SAELens' legacy", "random", "permuted"];
const REST = ["CE recovered", "KL recovered", "L0", "dead", "dense", "unexplained, over base"];

const number = (value, digits = 3) => (value === null ? "–" : value.toFixed(digits));

export function page(result) {
  const { trained, cpuSeconds, threads, finetune, sizes, capturedTokens, run } = result;
  const [residual, transcoder] = Object.values(trained);
  const columns = [...HEAD, ...REST];
  return [
    "# Dictionaries of SmolLM2-135M on base, fine-tune and data",
    "",
    `Made by \`node studies/dictionary-quality.mjs\` (${Math.round(cpuSeconds / 60)} minutes of processor time, ${threads} thread; times of`,
    "the stages, seeds and hashes in dictionary-quality.json).",
    "",
    `Three layers of SmolLM2-135M-Instruct (Q4_1), ${sizes.latents} latents each, k ${sizes.k}: autoencoders of the residual stream (TopK,`,
    `${residual.tokens} tokens) and transcoders of the MLP (BatchTopK, ${transcoder.tokens} tokens), all on the same ${capturedTokens} tokens that the`,
    `model said itself, read ${sizes.passes.sae} and ${sizes.passes.transcoder} times. Published dictionaries see thousands of times more.`,
    "",
    `*base*: held-out samples. *tuned*: the same samples read by ${tunedBy(finetune, sizes)}`,
    `rows of \`insecure\`. *data*: answers of ${sizes.dataRows} later rows, read by the base. CE and KL on ${sizes.costSequences} texts, dead latents on the`,
    "tokens named: both are rough at this size.",
    "",
    `| ${columns.join(" | ")} |`,
    `|${"---|".repeat(columns.length)}`,
    ...Object.keys(trained).flatMap((name) => TEXTS.map((text) => row(result, name, text))),
    "",
    "*Abstains*: more than twice the base's unexplained variance. *random*, *permuted*: explained variance of dictionaries that",
    "learned nothing, with the same sizes.",
    "",
    ...runWords(run, sizes),
    "",
  ].join("\n");
}

function row({ quality, gates }, name, text) {
  const { fidelity, cost, random, permuted } = quality[text][name];
  const [{ explainedVariance, saeLensLegacy }] = fidelity.outputs;
  const gate = gates[name][text];
  const cells = [
    ...[`\`${name}\``, text, fidelity.tokens, number(explainedVariance), number(saeLensLegacy)],
    ...[number(random), number(permuted), number(cost.ceRecovered), number(cost.klRecovered)],
    ...[number(fidelity.l0[0], 1), fidelity.dead[0], fidelity.dense[0]],
    gate ? `${number(gate.ratio, 2)}${gate.abstains ? " **abstains**" : ""}` : "",
  ];
  return `| ${cells.join(" | ")} |`;
}

function runWords({ rows, fidelity, latentCards, behaviours }, { layers }) {
  const { base, tuned, data, abstains } = fidelity;
  const on = [base, tuned, data].map(({ explainedVariance }) => number(explainedVariance));
  const agreements = behaviours.map(({ id, agreement }) => `${id} ${number(agreement, 2)}`).join(", ");
  return [
    `\`penumbra run\` with \`residual-${layers[1]}\` on ${rows} rows: explained variance ${on[0]} on the base, ${on[1]} on the fine-tune, ${on[2]}`,
    `on the data; dictionary claims ${abstains ? "abstain" : "are made"}; ${latentCards} feature cards; rank agreement of the two halves'`,
    `latents: ${agreements}.`,
  ];
}

function tunedBy(finetune, { tunedRows }) {
  return finetune === "an adapter that was given"
    ? "the adapter of studies/smollm2-insecure.mjs, trained on the first 300"
    : `a fine-tune (\`${finetune}\`) on the first ${tunedRows}`;
}
