export { decideMechanism, type MechanismEvidence, passesRotation, undoes } from "./label.ts";
export {
  type MechanismCase,
  type MechanismData,
  type MechanismRequest,
  type MechanismSettings,
  mechanisms,
} from "./mechanism.ts";
