/**
 * Is that how it happened? Interventions on the tuned and on the base model, per behaviour, and the label that they earn
 * (SCIENCE §6). Effects are measured on the check half of the contrast pairs; directions come from the select half, or
 * from the data alone. Take-back is of the pairs' scores, the probabilities that a verdict is about; steering, which
 * starts from a base that may lie at the floor, is of their log-odds.
 *
 * 1. Shift: score of tuned less base.
 * 2. Take-back along the behaviour's own directions, at the residual stream of every layer: the share that is undone.
 * 3. The same along directions chosen from the data alone.
 * 4. Nulls of each: isotropic and covariance-matched subspaces of the same ranks; the largest share that one undoes.
 * 5. Steering: the data's mean difference added to the base, several strengths, both signs, against random directions of
 *    the same norm; its price on neutral text; the rotation test, with strengths, signs and price of its own.
 * 6. Label: `confirmed` where 3 undoes half or more, beats the nulls, and the two share a feature or pass the rotation
 *    test; `mediated` where 2 does; `consistent` where only geometry speaks; else `unexplained`, as where the pairs
 *    moved the other way than the behaviour's items did.
 */
import { mean, must } from "../../core/index.ts";
import { cosine } from "../../geometry/index.ts";
import type { Mechanism } from "../../records/index.ts";
import { difference, type Lab, openLab } from "./lab.ts";
import { decideMechanism, type MechanismEvidence } from "./label.ts";
import type { MechanismRequest } from "./request.ts";
import { directionsAt } from "./subspaces.ts";
import { steeringOf, swaySteps } from "./sway.ts";
import { takeBackSteps, takeBacks } from "./take-backs.ts";

/** By behaviour id. */
export async function mechanisms(request: MechanismRequest): Promise<Map<string, Mechanism>> {
  const { cases, data } = request;
  if (cases.length === 0) return new Map();
  const lab = await openLab(
    request,
    (settings, shifted) => takeBackSteps(request, settings, shifted) + (data ? swaySteps(request, settings) : 0),
  );
  const undone = await takeBacks(lab);
  const steering = data && (await steeringOf(lab, data));
  const found = new Map<string, Mechanism>();
  for (const [c, { behaviour, sharedWeight, consistent, measured }] of cases.entries()) {
    const evidence: MechanismEvidence = {
      ...shiftOf(lab, c),
      own: undone.own.get(c) ?? null,
      data: undone.data.get(c) ?? null,
      cosine: dataCosine(request, c),
      sharedWeight,
      steering: steering?.[c] ?? null,
    };
    found.set(behaviour.id, { ...decideMechanism(evidence, { consistent, measured }), ...evidence });
  }
  return found;
}

function shiftOf({ shift, before, after }: Lab, c: number): Pick<Mechanism, "delta" | "deltaLogOdds" | "pairs"> {
  const scores = must(shift[c], "case");
  const logOdds = difference(must(after[c], "case"), must(before[c], "case"));
  return { delta: mean(scores), deltaLogOdds: mean(logOdds), pairs: scores.length };
}

function dataCosine({ data, cases, steeringHook }: MechanismRequest, c: number): number | null {
  if (!data) return null;
  const { directions } = must(cases[c], "case");
  return cosine(directionsAt(data.directions, steeringHook).mean, directionsAt(directions, steeringHook).mean);
}
