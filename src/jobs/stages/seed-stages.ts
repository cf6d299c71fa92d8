import type { BehaviourScores } from "../../behaviours/index.ts";
import { trainedBeside } from "../beside.ts";
import type { Part } from "../part.ts";

/** The same training with the seeds that follow: `seeds/<seed>/`, and their scores. None where one seed was asked for. */
export async function seedStages(part: Part): Promise<(readonly BehaviourScores[])[]> {
  const { config, data } = part;
  if (!data) throw new Error("further seeds without data");
  const scores: (readonly BehaviourScores[])[] = [];
  for (const seed of seedsOf(config).slice(1)) {
    scores.push(
      await trainedBeside(part, { name: `seeds/${seed}`, seed, dataSha256: data.sha256, examples: part.examples }),
    );
  }
  return scores;
}

/** The seeds of a run's trainings, the audited adapter's first. */
export function seedsOf({ seed, seeds }: Part["config"]): readonly number[] {
  return Array.from({ length: seeds }, (_, k) => seed + k);
}
