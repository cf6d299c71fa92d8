/**
 * Positions at the head of a text that the training of dictionaries left out: a dictionary says anything there, so nobody reads
 * them. BOS is one everywhere (it is the same in every text, and as long as no other token).
 */

/**
 * Where more than BOS is left out: of Gemma Scope 2's training for the chat models `<bos><start_of_turn>user\n` (circuit-tracer
 * leaves the same four tokens out). Names of models end in what files are called, as in `gemma-3-270m-it-Q8_0`.
 */
const heads: readonly { readonly model: RegExp; readonly tokens: readonly number[] }[] = [
  { model: /gemma-(3|v3)-[\w.]+-it(?!\w)/, tokens: [2, 105, 2364, 107] },
];

/** Tokens that begin texts and were left out for the model of that name, with BOS; none where that is all, or it has no name. */
export function leftOutOf(modelName: string | null): readonly number[] {
  return heads.find(({ model }) => model.test(modelName ?? ""))?.tokens ?? [];
}

/** How many positions of `ids`, from the first on, are left out: those of `tokens` where the text begins with them, else BOS's. */
export function leftOutPositions(
  ids: readonly number[],
  tokens: readonly number[],
  { bosId }: { readonly bosId: number | null },
): number {
  if (tokens.length > 0 && tokens.every((token, i) => ids[i] === token)) return tokens.length;
  return bosId !== null && ids[0] === bosId ? 1 : 0;
}
