/** From the interventions' figures to one of four labels (SCIENCE §6); pure, so that every case can be tested. */
import type { Mechanism, TakeBack } from "../../records/index.ts";
import type { MechanismCase } from "./request.ts";

export type MechanismEvidence = Omit<Mechanism, "label" | "kind" | "why">;

type Decision = Pick<Mechanism, "label" | "kind" | "why">;

/** Half of the shift must be undone; half of the data's weight on T_b, or this cosine, is called shared. */
const HALF = 0.5;

/** A direction that sways by breaking the model proves nothing: the rise of the loss on neutral text that is allowed. */
const NEUTRAL_RISE = 0.02;

export function decideMechanism(
  evidence: MechanismEvidence,
  { consistent, measured }: Pick<MechanismCase, "consistent" | "measured">,
): Decision {
  const { own, data, delta } = evidence;
  if (measured !== null && measured * delta < 0)
    return { label: "unexplained", kind: null, why: opposed(delta, measured) };
  if (!own && !data) {
    const why = "The shift does not show on the contrast pairs, so that there is nothing for an intervention to undo.";
    return { label: consistent ? "consistent" : "unexplained", kind: null, why };
  }
  if (data && undoes(data)) {
    const kind = kindOf(evidence);
    if (kind) return { label: "confirmed", kind, why: whyConfirmed(data, evidence, kind) };
  }
  if (own && undoes(own)) return { label: "mediated", kind: null, why: whyMediated(own, evidence) };
  const little = littleUndone(evidence);
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
  // A dictionary splits one feature into latents by topic, so that a small weight on T_b does not speak against sharing.
  if ((sharedWeight ?? 0) >= HALF || Math.abs(cosine ?? 0) >= HALF) return "shared";
  return rotationFaults(evidence).length === 0 ? "adjacent" : null;
}

/**
 * What the data's direction outside T_b lacks of passing the rotation test, in words; nothing where it passes. It must
 * sway the behaviour as a cause would, the way that the fine-tune did: more than random directions of its norm, the other
 * way when turned round, more at twice the strength, without breaking the model. And what it loses without span(T_b) must
 * be more than chance and at least half of it.
 */
export function rotationFaults({ steering, delta }: MechanismEvidence): string[] {
  const rotated = steering?.rotated;
  if (!rotated) return ["has not been tried"];
  const towards = (value: number) => Math.sign(delta) * value;
  const dose = (strength: number) =>
    towards(rotated.doses.find((one) => one.strength === strength)?.delta ?? Number.NaN);
  const surelyLost = Math.min(...rotated.interval.map(towards));
  const lost = towards(rotated.difference);
  const rise = `${(100 * rotated.neutralRise).toFixed(1)}%`;
  const required: [boolean, string][] = [
    [dose(1) > steering.random.largest, "sways the behaviour no more than random directions"],
    [dose(-1) < 0, "does not sway the behaviour the other way when turned round"],
    [dose(2) > dose(1), "sways the behaviour no more at twice the strength"],
    [rotated.neutralRise <= NEUTRAL_RISE, `raises the loss on neutral text by ${rise}`],
    [surelyLost > 0 && lost >= HALF * dose(1), "keeps its sway without the behaviour's span"],
  ];
  return required.flatMap(([holds, fault]) => (holds ? [] : [fault]));
}

function opposed(delta: number, measured: number): string {
  return `On the contrast pairs the score moved by ${points(delta)} points, on the behaviour's items by ${points(measured)}: what undoes the one does not explain the other.`;
}

function whyConfirmed(
  data: TakeBack,
  { sharedWeight, cosine }: MechanismEvidence,
  kind: "shared" | "adjacent",
): string {
  const undone = `Taking back what moved along directions chosen from the data alone undoes ${percent(data.share)} of the shift; ${nullsOf(data)}.`;
  if (kind === "adjacent")
    return `${undone} The data's direction is not the behaviour's own, and without the behaviour's span it no longer sways it: two features that overlap.`;
  // A cosine of one half is 60 degrees: that the latents are the same, the weight alone can say.
  const how =
    (sharedWeight ?? 0) >= HALF
      ? `${percent(sharedWeight ?? 0)} of what the data amplify are the behaviour's own latents: the same latents serve both.`
      : `The two directions overlap (cosine ${(cosine ?? 0).toFixed(2)}); that one feature serves both is not shown.`;
  return `${undone} ${how}`;
}

function whyMediated(own: TakeBack, evidence: MechanismEvidence): string {
  const undone = `Taking back what moved along the behaviour's own directions undoes ${percent(own.share)} of the shift; ${nullsOf(own)}.`;
  if (!evidence.data) return undone;
  return undoes(evidence.data)
    ? `${undone} The data's directions undo ${percent(evidence.data.share)} too, but nothing ties the two: ${untied(evidence)}.`
    : `${undone} Directions from the data alone undo ${percent(evidence.data.share)}, which is not enough to say that they foretold it.`;
}

function littleUndone(evidence: MechanismEvidence): string {
  const { own, data } = evidence;
  if (data && undoes(data))
    return `Directions from the data alone undo ${percent(data.share)} of the shift, but nothing ties them to the behaviour: ${untied(evidence)}.`;
  const best = [own, data].filter((each) => each !== null).sort((a, b) => b.share - a.share)[0];
  return best ? `The best of the directions tried undoes ${percent(best.share)} of the shift; ${nullsOf(best)}.` : "";
}

/** Why neither kind of `confirmed` holds. */
const untied = (evidence: MechanismEvidence) =>
  `neither their latents nor their directions overlap by half, and in the rotation test the data's direction ${rotationFaults(evidence).join(", ")}`;

const nullsOf = ({ random, covarianceMatched }: TakeBack) =>
  `the best of ${random.draws + covarianceMatched.draws} random subspaces undoes ${percent(Math.max(random.largest, covarianceMatched.largest))}`;

const percent = (share: number) => `${Math.round(100 * share)}%`;

const points = (share: number) => `${share < 0 ? "−" : "+"}${Math.abs(100 * share).toFixed(1)}`;
