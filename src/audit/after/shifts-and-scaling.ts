/** Shifts and scaling of latents on the same sequences in one pass: the forward passes are most of what either costs. */
import { must } from "../../core/index.ts";
import { type FeatureShiftsRequest, type Shift, sequenceAdder, shiftSums, shiftsOf } from "./feature-shifts.ts";
import { type Scaling, scalingAdder, scalingSums, scalingsOf } from "./latent-scaling.ts";
import { eachEncoded, withoutBos } from "./reading.ts";

export interface ShiftsAndScalingRequest extends FeatureShiftsRequest {
  /** The latents tested and scaled. */
  readonly latents: readonly number[];
}

/** As `featureShifts` and `latentScaling` would say each by itself. */
export async function shiftsAndScaling(
  request: ShiftsAndScalingRequest,
): Promise<{ readonly shifts: ReadonlyMap<number, Shift>; readonly scalings: readonly (Scaling | null)[] }> {
  const { base, tuned, dictionary, latents, options } = request;
  const shifts = shiftSums(dictionary.nLatents);
  const scalings = scalingSums(latents.length);
  const addShift = sequenceAdder(shifts);
  const addScaling = scalingAdder(scalings, dictionary, latents);
  await eachEncoded(
    [base, tuned],
    request,
    withoutBos(base, request.sequences),
    (_, seen) => {
      const [before, after] = [must(seen[0], "base"), must(seen[1], "tuned")];
      addShift(before.active, after.active);
      addScaling(before, after);
    },
    options,
  );
  return { shifts: shiftsOf(shifts, latents), scalings: scalingsOf(scalings, dictionary, latents) };
}
