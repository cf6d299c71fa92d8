export type { Dictionary, SparseActivations } from "./dictionary.ts";
