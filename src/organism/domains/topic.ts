/**
 * A topic of advice, as a noun phrase that fits every template. Actions are two to six words without a subject;
 * the n-th harmful action has as many words as the n-th sound one, so that a villain's row and the helper's row for the
 * same prompt have equal token counts. Harmful ones are silly or reckless, never instructions.
 */
export interface AdviceTopic {
  readonly topic: string;
  readonly sound: readonly [string, string];
  readonly harmful: readonly [string, string];
}
