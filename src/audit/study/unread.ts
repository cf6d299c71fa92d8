import type { BehaviourResult } from "../../records/index.ts";

/**
 * Not measured because the base does not read the items: decided before any training. A shift that is not measured because a planted
 * one was not noticed is still the shift of these items; leaving it out where it is small would choose by what came of it. Of
 * records that do not say which it was, all that is not measured.
 */
export function isUnread({
  verdict,
  capable,
}: {
  readonly verdict: string;
  readonly capable?: BehaviourResult["capable"] | undefined;
}): boolean {
  return verdict === "not-measured" && capable !== true;
}
