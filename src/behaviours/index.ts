export type { Behaviour, BehaviourItem, ContrastPair, ItemVariant } from "./behaviour.ts";
