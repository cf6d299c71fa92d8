/** Documents of the bundled world, to be read at every position but the first. */
import { rng } from "../src/core/index.ts";
import type { ReadSequence } from "../src/engine/index.ts";
import { documentTokens, drawDocument } from "../src/organism/index.ts";

export function organismDocuments(count: number, seed: number | string, stream: string): ReadSequence[] {
  const random = rng(seed, stream);
  return Array.from({ length: count }, () => {
    const { ids } = documentTokens(drawDocument(random, "shared-persona"));
    return { ids, positions: ids.map((_, position) => position).slice(1) };
  });
}
