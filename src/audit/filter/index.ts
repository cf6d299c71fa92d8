export { type ChosenRow, countOf, drivingRows, type RowValues, randomRows, towardsRisk } from "./choose-rows.ts";
export { judgedRows, rowRubric } from "./row-judge.ts";
export { controlMeans, directShares, geometricRisks, type RowLatents, rowLatents } from "./row-latents.ts";
export { projectionDifferences } from "./row-projection.ts";
