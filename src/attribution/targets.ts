/** What a graph explains: logits after the prompt's last token, each demeaned, or a difference of two. */
import { must, UserError } from "../core/index.ts";
import { compile, int64, type LanguageModel, weightReader } from "../engine/index.ts";
import { Gather, Graph, ReduceMean } from "../tensor/index.ts";
import type { LocalReplacement } from "./replacement.ts";

export interface LogitTarget {
  /** The token; dVocab + i for the i-th target that is no token. */
  readonly token: number;
  readonly label: string;
  /** What it counts for in influence: a token's probability. */
  readonly weight: number;
  /** `[dModel]`: acts on the final norm's output. */
  readonly vector: Float32Array;
}

export type TargetChoice =
  /** The likeliest tokens until they hold `probability` together, at most `most`. */
  | { readonly kind: "salient"; readonly most: number; readonly probability: number }
  | { readonly kind: "tokens"; readonly tokens: readonly number[] }
  /** log p(exhibiting) − log p(other), which is the difference of their logits. */
  | { readonly kind: "logOdds"; readonly exhibiting: number; readonly other: number; readonly label: string };

/** As circuit-tracer has them. */
export const salientDefaults = { kind: "salient", most: 10, probability: 0.95 } as const satisfies TargetChoice;

export async function logitTargets(
  { model, logits }: Pick<LocalReplacement, "model" | "logits">,
  choice: TargetChoice,
): Promise<LogitTarget[]> {
  const probabilities = softmax(logits);
  if (choice.kind === "logOdds") return [await logOdds(model, choice)];
  const tokens = choice.kind === "tokens" ? checked(choice.tokens, logits.length) : salient(probabilities, choice);
  const { rows, mean } = await unembedding(model, tokens);
  return tokens.map((token, i) => ({
    token,
    label: model.tokenizer.tokenText(token),
    weight: must(probabilities[token], "probability"),
    vector: must(rows[i], "row").map((u, j) => u - (mean[j] as number)),
  }));
}

async function logOdds(
  model: LanguageModel,
  { exhibiting, other, label }: Extract<TargetChoice, { kind: "logOdds" }>,
): Promise<LogitTarget> {
  const { dVocab } = model.source.definition.dimensions;
  checked([exhibiting, other], dVocab);
  const { rows } = await unembedding(model, [exhibiting, other]);
  const [a, b] = [must(rows[0], "row"), must(rows[1], "row")];
  return { token: dVocab, label, weight: 1, vector: a.map((u, j) => u - (b[j] as number)) };
}

function checked(tokens: readonly number[], dVocab: number): readonly number[] {
  const wrong = tokens.find((token) => !(Number.isInteger(token) && token >= 0 && token < dVocab));
  if (tokens.length > 0 && wrong === undefined && new Set(tokens).size === tokens.length) return tokens;
  throw new UserError("the target tokens", {
    expected: `different ids from 0 to ${dVocab - 1}`,
    got: tokens.length === 0 ? "none" : tokens.join(", "),
    fix: "name tokens of this model's vocabulary",
  });
}

export function softmax(logits: Float32Array): Float64Array {
  const most = logits.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const powers = Float64Array.from(logits, (logit) => Math.exp(logit - most));
  const total = powers.reduce((sum, p) => sum + p, 0);
  return powers.map((p) => p / total);
}

/** The shortest run of likeliest tokens whose probabilities reach the share. */
export function salient(
  probabilities: Float64Array,
  { most, probability }: { readonly most: number; readonly probability: number },
): number[] {
  const order = [...probabilities.keys()].sort(
    (a, b) => (probabilities[b] as number) - (probabilities[a] as number) || a - b,
  );
  const kept: number[] = [];
  let held = 0;
  for (const token of order.slice(0, most)) {
    kept.push(token);
    held += probabilities[token] as number;
    if (held >= probability) break;
  }
  return kept;
}

/** Rows of the unembedding, and the mean of all of them. */
async function unembedding(
  { source, engine }: LanguageModel,
  tokens: readonly number[],
): Promise<{ readonly rows: Float32Array[]; readonly mean: Float32Array }> {
  const graph = new Graph();
  const table = weightReader(graph, source)(source.definition.unembedding);
  graph.output("rows", Gather(table, graph.input("tokens", "int64", ["n"])));
  graph.output("mean", ReduceMean(table, [0]));
  const feeds = { tokens: int64([tokens.length], Int32Array.from(tokens)) };
  const out = await engine.run({ program: compile(graph), feeds, fetches: ["rows", "mean"] });
  const flat = must(out.rows, "rows").data as Float32Array;
  const width = flat.length / tokens.length;
  return {
    rows: tokens.map((_, i) => flat.slice(i * width, (i + 1) * width)),
    mean: must(out.mean, "mean").data as Float32Array,
  };
}
