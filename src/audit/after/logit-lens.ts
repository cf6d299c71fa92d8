/**
 * The logit lens on directions: what a direction of the residual stream would say by itself, through the final norm's
 * gain and the unembedding. The norm's division is left out: it scales all of a token's logits alike, and a direction
 * has no token. Where the norm takes the mean off (LayerNorm), so does the lens; its bias is no direction's doing.
 * Logits are taken relative to their mean over the vocabulary, which a softmax does not see.
 */
import { must } from "../../core/index.ts";
import type { Tokenizer } from "../../data/index.ts";
import {
  compile,
  float32,
  type LanguageModel,
  type ModelSource,
  type Program,
  weightReader,
} from "../../engine/index.ts";
import type { LatentCard } from "../../records/index.ts";
import { Add, Gemm, Graph, Mul, ReduceMean, Sub, scalar } from "../../tensor/index.ts";

/** Logits held at once, in elements: a vocabulary of 262,144 gives 16 rows. */
const ELEMENTS = 2 ** 22;

export type TokenValue = LatentCard["topLogits"][number];

/** `visit` gets each row of `directions [n, dModel]` with its logits `[dVocab]`, in order. */
export async function eachLens(
  { source, engine }: LanguageModel,
  directions: Float32Array,
  visit: (row: number, logits: Float32Array) => void,
): Promise<void> {
  const { dModel, dVocab } = source.definition.dimensions;
  const program = lensProgram(source);
  const n = directions.length / dModel;
  const together = Math.max(1, Math.floor(ELEMENTS / dVocab));
  for (let start = 0; start < n; start += together) {
    const rows = directions.slice(start * dModel, Math.min(n, start + together) * dModel);
    const feeds = { directions: float32([rows.length / dModel, dModel], rows) };
    const { logits } = await engine.run({ program, feeds, fetches: ["logits"] });
    const all = must(logits, "logits").data as Float32Array;
    for (let row = 0; row < rows.length / dModel; row++)
      visit(start + row, all.subarray(row * dVocab, (row + 1) * dVocab));
  }
}

function lensProgram(source: ModelSource): Program {
  const { dimensions, finalNorm, unembedding } = source.definition;
  const graph = new Graph();
  const weight = weightReader(graph, source);
  const directions = graph.input("directions", "float32", ["n", dimensions.dModel]);
  const seen = finalNorm.centred ? Sub(directions, ReduceMean(directions, [1], true)) : directions;
  const w = weight(finalNorm.weight);
  const gain = finalNorm.offset === 0 ? w : Add(w, scalar(w, finalNorm.offset));
  const logits = Gemm(Mul(seen, gain), weight(unembedding), { transB: true });
  graph.output("logits", Sub(logits, ReduceMean(logits, [1], true)));
  return compile(graph);
}

/** The `k` tokens of largest logit, largest first; with `sign` −1 those of smallest, smallest first. */
export function strongestTokens(tokenizer: Tokenizer, logits: Float32Array, k: number, sign: 1 | -1): TokenValue[] {
  const best: number[] = [];
  const of = (id: number) => sign * (logits[id] as number);
  for (let id = 0; id < Math.min(logits.length, tokenizer.vocabSize); id++) {
    if (best.length === k && of(id) <= of(best[k - 1] as number)) continue;
    const at = best.findIndex((other) => of(other) < of(id));
    best.splice(at === -1 ? best.length : at, 0, id);
    if (best.length > k) best.pop();
  }
  return best.map((id) => ({ token: tokenizer.tokenText(id), value: logits[id] as number }));
}
