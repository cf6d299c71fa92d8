import type { Behaviour } from "../behaviours/index.ts";
import { rng } from "../core/index.ts";

/** At most `most` items, spread over the clusters as evenly as they allow; the same ones for the same seed. */
export function chooseItems(behaviour: Behaviour, most: number, seed: number): Behaviour {
  if (behaviour.items.length <= most) return behaviour;
  const draw = rng(seed, "items", behaviour.id);
  const clusters = new Map<string, string[]>();
  for (const { id, cluster } of draw.shuffle(behaviour.items))
    clusters.set(cluster, [...(clusters.get(cluster) ?? []), id]);
  const chosen = new Set<string>();
  for (let round = 0; chosen.size < most; round++) {
    for (const ids of clusters.values()) {
      const id = ids[round];
      if (id !== undefined && chosen.size < most) chosen.add(id);
    }
  }
  return { ...behaviour, items: behaviour.items.filter(({ id }) => chosen.has(id)) };
}
