/** From the interventions' figures to one of four labels (SCIENCE §6); pure, so that every case can be tested. */
import type { Mechanism, TakeBack } from "../../records/index.ts";

export type MechanismEvidence = Omit<Mechanism, "label" | "kind" | "why">;

/** Half of the shift must be undone; half of the data's weight on T_b, or this cosine, makes one feature of two. */
const HALF = 0.5;

export function decideMechanism(
  evidence: MechanismEvidence,
  { consistent }: { readonly consistent: boolean },
): Pick<Mechanism, "label" | "kind" | "why"> {
  const { own, data } = evidence;
  if (!own && !data) {
    const why = "The shift does not show on the contrast pairs, so that there is nothing for an intervention to undo.";
    return { label: consistent ? "consistent" : "unexplained", kind: null, why };
  }
  if (data && undoes(data)) {
    const kind = kindOf(evidence);
    if (kind) return { label: "confirmed", kind, why: whyConfirmed(data, evidence, kind) };
  }
  if (own && undoes(own)) return { label: "mediated", kind: null, why: whyMediated(own, evidence) };
  const best = [own, data].filter((each) => each !== null).sort((a, b) => b.share - a.share)[0];
  const little = best
    ? `The best of the directions tried undoes ${percent(best.share)} of the shift; ${nullsOf(best)}.`
    : "";
  return consistent
    ? {
        label: "consistent",
        kind: null,
        why: `Data and behaviour lie closer than their nulls, but no intervention shows that it matters. ${little}`,
      }
    : { label: "unexplained", kind: null, why: `Neither geometry nor intervention explains the shift. ${little}` };
}

/** Half or more is undone, more than any subspace of either null undid. */
export function undoes({ share, random, covarianceMatched }: TakeBack): boolean {
  return share >= HALF && share > random.largest && share > covarianceMatched.largest;
}

function kindOf(evidence: MechanismEvidence): Mechanism["kind"] {
  const { sharedWeight, cosine } = evidence;
  const shared = sharedWeight === null ? Math.abs(cosine ?? 0) >= HALF : sharedWeight >= HALF;
  if (shared) return "shared";
  return passesRotation(evidence) ? "adjacent" : null;
}

/**
 * The data's direction sways the behaviour the way that the fine-tune did, and what it loses without span(T_b) is more
 * than chance and at least half of it.
 */
export function passesRotation({ steering, delta }: MechanismEvidence): boolean {
  const rotated = steering?.rotated;
  if (!rotated) return false;
  const sign = Math.sign(delta);
  const straight = rotated.delta + rotated.difference;
  const [low, high] = rotated.interval.map((bound) => sign * bound).sort((a, b) => a - b) as [number, number];
  return (
    low > 0 && high > 0 && sign * straight > steering.random95 && sign * rotated.difference >= HALF * sign * straight
  );
}

function whyConfirmed(
  data: TakeBack,
  { sharedWeight, cosine }: MechanismEvidence,
  kind: "shared" | "adjacent",
): string {
  const undone = `Taking back what moved along directions chosen from the data alone undoes ${percent(data.share)} of the shift; ${nullsOf(data)}.`;
  if (kind === "adjacent")
    return `${undone} The data's direction is not the behaviour's own, and without the behaviour's span it no longer sways it: two features that overlap.`;
  const how =
    sharedWeight === null
      ? `The two directions have cosine ${(cosine ?? 0).toFixed(2)}`
      : `${percent(sharedWeight)} of what the data amplify are the behaviour's own latents`;
  return `${undone} ${how}: one feature serves both.`;
}

function whyMediated(own: TakeBack, evidence: MechanismEvidence): string {
  const undone = `Taking back what moved along the behaviour's own directions undoes ${percent(own.share)} of the shift; ${nullsOf(own)}.`;
  if (!evidence.data) return undone;
  return undoes(evidence.data)
    ? `${undone} The data's directions undo ${percent(evidence.data.share)} too, but neither a shared feature nor the rotation test ties the two.`
    : `${undone} Directions from the data alone undo ${percent(evidence.data.share)}, which is not enough to say that they foretold it.`;
}

const nullsOf = ({ random, covarianceMatched }: TakeBack) =>
  `the best of ${random.draws + covarianceMatched.draws} random subspaces undoes ${percent(Math.max(random.largest, covarianceMatched.largest))}`;

const percent = (share: number) => `${Math.round(100 * share)}%`;
