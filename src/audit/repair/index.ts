export { type RefitPlan, refitPlan, refittedAdapter } from "./inputs.ts";
export { interpolated } from "./interpolate.ts";
export { withoutMagnitudes } from "./merge-dora.ts";
export {
  type ModulePlan,
  type RepairOptions,
  type RepairPlan,
  refuseWhole,
  repaired,
  repairPlan,
  throughGain,
} from "./plan.ts";
export { answersOf, protectedBases, shiftDirections, shiftsAlong } from "./protect.ts";
export { chooseStrengths, type Reading as StrengthReading, type Strengths } from "./strength.ts";
