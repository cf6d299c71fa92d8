/**
 * Does the analysis find what was planted? A's feature overlaps with the task's, B is served by the task's own, C by one
 * at a right angle to it. All twenty constructions.
 */
import { plantedTruth } from "./truth.ts";

plantedTruth(
  Array.from({ length: 20 }, (_, seed) => seed),
  { record: true },
);
