/** A trained coder's card for people (README.md); for programs it is card.json. */
import type { CoderCard } from "../records/index.ts";

const kinds: Readonly<Record<CoderCard["kind"], string>> = {
  sae: "Sparse autoencoder",
  transcoder: "Transcoder (from the MLP's input behind its norm to what the MLP writes)",
  skip_transcoder: "Skip transcoder (a transcoder with a linear map beside it)",
  clt: "Cross-layer transcoder",
};

export function coderCardText(card: CoderCard): string {
  const { fidelity, reads, writes } = card;
  const at = reads.length === 1 ? `\`${reads[0]}\`` : `${reads.length} layers`;
  return [
    `# Dictionary of ${card.model.name} at ${at}`,
    "",
    `${kinds[card.kind]}, trained as ${card.architecture}, ${card.nLatents} latents${reads.length > 1 ? " a layer" : ""}, k = ${card.k}, in the`,
    `format of ${card.format}. ${card.tokens} tokens (${card.text}), ${card.steps} steps of ${card.batchTokens}, peak learning rate`,
    `${card.learningRate}, seed ${card.seed}. At the end ${card.deadLatents} latents were dead; ${card.revivedLatents} times one was started again.`,
    "",
    `On ${fidelity.tokens} tokens that training did not see:`,
    "",
    "| writes | explained variance | SAELens' legacy formula | latents a token | never fire | fire on over a tenth |",
    "|---|---|---|---|---|---|",
    ...fidelity.outputs.map(({ explainedVariance, saeLensLegacy }, o) => {
      const figures = [fidelity.l0[o]?.toFixed(1), fidelity.dead[o], fidelity.dense[o]].join(" | ");
      return `| \`${writes[o]}\` | ${explainedVariance.toFixed(3)} | ${saeLensLegacy.toFixed(3)} | ${figures} |`;
    }),
    "",
    `Model weights: sha256 \`${card.model.sha256}\`.`,
    "",
  ].join("\n");
}
