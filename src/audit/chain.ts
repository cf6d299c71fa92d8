/** Amplified latent → neighbour in T_b: cosines between decoder rows, their null, and the map that shows them. */
import { must } from "../core/index.ts";
import type { Dictionary } from "../dictionaries/index.ts";
import type { GeometryBehaviour, GeometryRecord, LatentCard } from "../records/index.ts";
import { featureMap } from "./after/index.ts";
import type { BehaviourLatent } from "./latents.ts";
import { sortedQuantile } from "./statistics/index.ts";

export interface NeighboursRequest {
  readonly dictionary: Dictionary;
  /** `[nLatents]`: w, what the data amplify beyond the control. */
  readonly contrast: Float64Array;
  /** T_b of the behaviours that moved. */
  readonly sets: ReadonlyMap<string, readonly BehaviourLatent[]>;
  /** How many of the data's latents, and of each behaviour's, are shown. */
  readonly dataLatents: number;
  readonly perBehaviour: number;
  readonly seed: number;
}

export interface LatentNeighbours {
  /** The strongest of the data, strongest first. */
  readonly data: readonly number[];
  readonly shown: ReadonlySet<number>;
  readonly links: ReadonlyMap<string, GeometryBehaviour["chain"]>;
  readonly map: GeometryRecord["map"];
}

/** Links that a behaviour's chain shows. */
const LINKS = 6;

export function neighboursOf(request: NeighboursRequest): LatentNeighbours {
  const { dictionary, contrast, sets, seed } = request;
  const data = strongestLatents(contrast, request.dataLatents);
  const own = [...sets.values()].flatMap((set) => set.slice(0, request.perBehaviour).map(({ latent }) => latent));
  const links = new Map([...sets].map(([id, set]) => [id, linksOf(request, data, set)] as const));
  const linked = [...links.values()].flat().flatMap(({ from, to }) => [from, to]);
  const shown = new Set([...data, ...own, ...linked]);
  return { data, shown, links, map: featureMap({ dictionary, data, behaviours: [...new Set(own)], seed }) };
}

function strongestLatents(weights: Float64Array, most: number): number[] {
  return [...weights.keys()]
    .filter((latent) => must(weights[latent], "weight") > 0)
    .sort((a, b) => must(weights[b], "weight") - must(weights[a], "weight"))
    .slice(0, most);
}

function linksOf(
  { dictionary, contrast }: NeighboursRequest,
  data: readonly number[],
  set: readonly BehaviourLatent[],
): GeometryBehaviour["chain"] {
  const total = contrast.reduce((sum, weight) => sum + Math.abs(weight), 0);
  const own = new Set(set.map(({ latent }) => latent));
  const raising = set.filter(({ sign }) => sign === 1);
  const links = data.flatMap((from) => {
    const cosines = cosinesOf(dictionary, from);
    const null95 = quantile95(cosines, from);
    const nearest = raising.map(({ latent }) => ({ to: latent, cosine: must(cosines[latent], "cosine") }));
    return nearest.map(({ to, cosine }) => ({
      from,
      to,
      cosine,
      null95,
      weight: Math.abs(must(contrast[from], "weight")) / total,
      shiftOfTo: null,
      direct: own.has(from),
    }));
  });
  // A latent that is its own neighbour says it once; the others by how much of the data's weight pulls how hard.
  return links.sort((a, b) => b.weight * b.cosine - a.weight * a.cosine).slice(0, LINKS);
}

function cosinesOf({ decoder, dModel, nLatents }: Dictionary, latent: number): Float64Array {
  const row = decoder.subarray(latent * dModel, (latent + 1) * dModel);
  return Float64Array.from({ length: nLatents }, (_, other) => {
    let sum = 0;
    for (let i = 0; i < dModel; i++) sum += (row[i] as number) * (decoder[other * dModel + i] as number);
    return sum;
  });
}

function quantile95(cosines: Float64Array, itself: number): number {
  const sizes = [...cosines].filter((_, latent) => latent !== itself).map(Math.abs);
  return sortedQuantile(
    sizes.sort((a, b) => a - b),
    0.95,
  );
}

/** The links with what became of their ends on neutral text. */
export function chainOf(
  { links }: LatentNeighbours,
  id: string,
  cards: readonly LatentCard[],
): GeometryBehaviour["chain"] {
  const shifts = new Map(cards.map(({ latent, shift }) => [latent, shift.neutral?.delta ?? null]));
  return (links.get(id) ?? []).map((link) => ({ ...link, shiftOfTo: shifts.get(link.to) ?? null }));
}
