import type { PreparedBase } from "../audit/index.ts";

/** What is known of one base for several lists of behaviours; the first list's answer tokens give the firing rates. */
export function mergePrepared(parts: readonly PreparedBase[]): PreparedBase {
  const [first] = parts;
  const latents = parts.flatMap((part) => part.latents ?? []);
  return {
    scores: parts.flatMap(({ scores }) => scores),
    parallel: new Map(parts.flatMap(({ parallel }) => [...parallel])),
    directions: new Map(parts.flatMap(({ directions }) => [...directions])),
    pairLogOdds: new Map(parts.flatMap(({ pairLogOdds }) => [...pairLogOdds])),
    latents: first?.latents
      ? { sets: new Map(latents.flatMap(({ sets }) => [...sets])), firingRates: first.latents.firingRates }
      : null,
  };
}
