/**
 * Does the analysis find what was planted? A's feature overlaps with the task's, B is served by the task's own, C by one
 * at a right angle to it. Four constructions here; all twenty in `mechanism.real.test.ts`.
 */
import { plantedTruth } from "./truth.ts";

plantedTruth([0, 1, 2, 3]);
