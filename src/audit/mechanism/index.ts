export { decideMechanism, type MechanismEvidence, rotationFaults, undoes } from "./label.ts";
export { mechanisms } from "./mechanism.ts";
export type { MechanismCase, MechanismData, MechanismRequest, MechanismSettings } from "./request.ts";
export { undoneShare } from "./share.ts";
