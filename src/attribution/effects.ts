/**
 * What each node says to the targets along all of its paths, with its sign: to first order, what they would lose without
 * it while attention patterns, norm scales and errors stay. A feature hands on what it receives in proportion: of what a
 * feature with activation a says, an edge e into it is the share e/a.
 *
 *   effect(n) = Σ_t edge(n → t) · effect(t) / a_t,   effect(target) = its weight, a = 1 for targets
 *
 * Edges lead from lower to higher nodes of the order features by layer, …, logits, so one sweep from behind suffices.
 */
import { must } from "../core/index.ts";
import type { EdgeRow } from "./edges.ts";
import type { AttributionGraph } from "./graph.ts";

/** `weights [nodes]`, zero but on logits; the effect of every node, `[nodes]`. */
export function totalEffects({ features, rows }: AttributionGraph, weights: Float64Array): Float64Array {
  const effects = Float64Array.from(weights);
  for (const { target, sources, weights: edges } of [...rows].sort(deepestFirst)) {
    const activation = features[target]?.activation ?? 1;
    const said = must(effects[target], "effect") / activation;
    if (said === 0) continue;
    for (let e = 0; e < sources.length; e++) {
      const s = sources[e] as number;
      effects[s] = (effects[s] as number) + said * (edges[e] as number);
    }
  }
  return effects;
}

const deepestFirst = (a: EdgeRow, b: EdgeRow) => b.target - a.target;
