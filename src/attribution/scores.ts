/**
 * How much of a graph its features explain (Ameisen et al. 2025, "Circuit Tracing"), on the graph before it is pruned:
 * replacement = influence of tokens over that of tokens and errors (1: every path ends in the prompt); completeness =
 * share of what flows into nodes that comes from no error, by how much runs through the nodes.
 */
import { mass } from "./edges.ts";
import { type AttributionGraph, logitWeights, nodeLayout } from "./graph.ts";
import { influence } from "./influence.ts";

export interface GraphScores {
  readonly replacement: number;
  readonly completeness: number;
}

export function graphScores(graph: AttributionGraph): GraphScores {
  const weights = logitWeights(graph);
  const through = influence(graph.rows, weights);
  const { errors, tokens, logits } = nodeLayout(graph);
  const sum = (from: number, to: number) => through.subarray(from, to).reduce((total, value) => total + value, 0);
  const [byErrors, byTokens] = [sum(errors, tokens), sum(tokens, logits)];
  let [explained, all] = [0, 0];
  for (let node = 0; node < weights.length; node++) all += (through[node] as number) + (weights[node] as number);
  explained = all;
  for (const row of graph.rows) {
    let fromErrors = 0;
    for (let e = 0; e < row.sources.length; e++) {
      const source = row.sources[e] as number;
      if (source >= errors && source < tokens) fromErrors += Math.abs(row.weights[e] as number);
    }
    const flow = (through[row.target] as number) + (weights[row.target] as number);
    explained -= (fromErrors / Math.max(mass(row), 1e-10)) * flow;
  }
  return { replacement: byTokens / (byTokens + byErrors), completeness: explained / all };
}
