import { hashJson } from "../store/index.ts";
import type { Behaviour } from "./behaviour.ts";

/**
 * sha256 of what a score hangs on: the items and how a continuation's weight is made. Two behaviours of one name and
 * different items are two questions, and what has been learnt of the one says nothing of the other.
 */
export function askedSha256({
  items,
  weight,
  wholeAnswers = false,
}: Pick<Behaviour, "items" | "weight" | "wholeAnswers">): string {
  return hashJson({ items, weight, wholeAnswers });
}
