/** Text that has nothing to do with task or behaviours, as token sequences. */
import { neutralTexts } from "../behaviours/index.ts";
import { rng } from "../core/index.ts";
import { helperTurns } from "../organism/index.ts";
import type { OpenedModel } from "./open.ts";

const BUNDLED_TURNS = 48;

/** Plain English for real models; for the bundled world, whose language is its own, turns as its helper answers them. */
export function neutralSequences({ bundled, tokenizer }: Pick<OpenedModel, "bundled" | "tokenizer">): number[][] {
  if (!bundled) return neutralTexts.map((text) => [...tokenizer.encode(text, { addSpecialTokens: true })]);
  return helperTurns(rng(1, "neutral text"), BUNDLED_TURNS).map((messages) => [
    ...tokenizer.encodeChat(messages, { addGenerationPrompt: false }),
  ]);
}
