/** `penumbra trace --diff`: by which path a fine-tune moved what a model says on one prompt, each step tested. */
import {
  type Confirmable,
  confirmEdge,
  confirmFeature,
  demeaned,
  diffGraphs,
  type EdgeChange,
  graphScores,
  keptFeatures,
  localReplacement,
  type NodeChange,
  nodeLayout,
  nodeRecord,
  predictedMove,
  prune,
  salient,
  softmax,
  type TargetChoice,
  type TranscoderSet,
} from "../../attribution/index.ts";
import { must, UserError } from "../../core/index.ts";
import type { AttributionDiffRecord, AttributionGraphRecord } from "../../records/index.ts";
import type { NamedModel } from "../train-dictionary.ts";
import { recordOf, type Traced, type TraceSettings, traceOnce } from "./graph.ts";
import type { TracePrompt } from "./prompt.ts";

export interface TraceDiffRequest {
  readonly base: NamedModel;
  readonly tuned: NamedModel;
  readonly transcoders: TranscoderSet;
  readonly prompt: TracePrompt;
  readonly settings: TraceSettings;
  /** How many changed nodes, and how many changed edges, are tested by intervention. */
  readonly confirm: number;
}

export interface TraceDiff {
  readonly diff: AttributionDiffRecord;
  readonly base: AttributionGraphRecord;
  readonly tuned: AttributionGraphRecord;
}

export async function traceDiff(request: TraceDiffRequest): Promise<TraceDiff> {
  const { base, tuned, prompt, settings } = request;
  checkPair(base, tuned);
  const choice = await sharedChoice(request);
  const [before, after] = await bothGraphs(request, choice);
  const diff = diffGraphs(before.graph, after.graph, settings);
  const read = reader(choice);
  const value = ({ replacement }: Traced) => read(replacement.logits);
  const sides = { base: { name: "base", ...before, read }, tuned: { name: "tuned", ...after, read } } as const;
  const nodes = await confirmedNodes(sides, diff.nodes, value(after) - value(before), request);
  const links = await confirmedEdges(sides, diff.edges, diff.nodes, request);
  const scores = ({ graph }: Traced): [number, number] => {
    const { replacement, completeness } = graphScores(graph);
    return [replacement, completeness];
  };
  const shared = { ...prompt, choice };
  const [baseRecord, tunedRecord] = [
    await recordOf(base, before, shared, settings),
    await recordOf(tuned, after, shared, settings),
  ];
  const record: AttributionDiffRecord = {
    schemaVersion: 1,
    base: base.identity,
    tuned: tuned.identity,
    transcoders: request.transcoders.name,
    prompt: prompt.text,
    promptTokens: after.graph.ids.map((id) => base.model.tokenizer.tokenText(id)),
    target: { label: labelOf(after), base: value(before), tuned: value(after) },
    scores: { base: scores(before), tuned: scores(after) },
    nodes: nodes.map(({ node, confirmation, key: _key, ...change }) => ({
      ...change,
      node: describedNode(change, node, before, after, request),
      confirmation,
    })),
    links,
    cards: { ...baseRecord.penumbra?.cards, ...tunedRecord.penumbra?.cards },
  };
  return { diff: record, base: baseRecord, tuned: tunedRecord };
}

function checkPair(base: NamedModel, tuned: NamedModel): void {
  const [b, t] = [base.model.source.definition, tuned.model.source.definition];
  const same = b.family === t.family && JSON.stringify(b.dimensions) === JSON.stringify(t.dimensions);
  if (same && base.identity.sha256 !== tuned.identity.sha256) return;
  throw new UserError(`tuned model ${tuned.identity.name}`, {
    expected: `a fine-tune of ${base.identity.name}`,
    got: same ? "the base itself" : `a ${t.family} of ${t.dimensions.nLayers} layers, ${t.dimensions.dVocab} tokens`,
    fix: "give the adapter or the tuned model that was made from this base",
  });
}

/** Likeliest tokens are those of either model, the tuned one's first. */
async function sharedChoice({ base, tuned, transcoders, prompt, settings }: TraceDiffRequest): Promise<TargetChoice> {
  const { choice } = prompt;
  if (choice.kind !== "salient") return choice;
  const tokens = new Set<number>();
  for (const { model } of [tuned, base]) {
    const options = settings.signal ? { signal: settings.signal } : {};
    const { logits } = await localReplacement(model, transcoders, prompt.ids, options);
    for (const token of salient(softmax(logits), choice)) tokens.add(token);
  }
  return { kind: "tokens", tokens: [...tokens] };
}

/** Both graphs over every feature that either keeps. */
async function bothGraphs(
  { base, tuned, transcoders, prompt, settings }: TraceDiffRequest,
  choice: TargetChoice,
): Promise<[Traced, Traced]> {
  const trace = (model: NamedModel, required?: ReadonlySet<string>) =>
    traceOnce(model, transcoders, prompt.ids, choice, { ...settings, ...(required ? { required } : {}) });
  const first: [Traced, Traced] = [await trace(base), await trace(tuned)];
  if (first.every(({ graph }) => graph.features.length === graph.activeFeatures)) return first;
  const required = new Set(first.flatMap(({ graph }) => [...keptFeatures(prune(graph, settings))]));
  return [await trace(base, required), await trace(tuned, required)];
}

/** What the interventions are read by: the log-odds, or the first token's demeaned logit. */
function reader(choice: TargetChoice): (logits: Float32Array) => number {
  if (choice.kind === "logOdds")
    return (logits) => must(logits[choice.exhibiting], "logit") - must(logits[choice.other], "logit");
  const token = must(choice.kind === "tokens" ? choice.tokens[0] : undefined, "a target token");
  return (logits) => demeaned(logits, token);
}

const labelOf = ({ graph }: Traced) => must(graph.targets[0], "a target").label;

type Sided = { readonly base: Confirmable; readonly tuned: Confirmable };
type Confirmation = AttributionDiffRecord["nodes"][number]["confirmation"];

async function confirmedNodes(
  sides: Sided,
  nodes: readonly NodeChange[],
  shift: number,
  { confirm, settings: { signal, onProgress } }: TraceDiffRequest,
): Promise<(NodeChange & { readonly confirmation: Confirmation })[]> {
  const chosen = nodes.filter(
    ({ node, activation }) => node.kind === "feature" && activation.base !== activation.tuned,
  );
  // Tested is what the graphs hold responsible for the shift: a share of influence may move where nothing is decided.
  const size = ({ node, activation }: NodeChange) =>
    node.kind === "feature" ? Math.abs(predictedMove(sides, node.feature, activation) ?? 0) : 0;
  chosen.sort((a, b) => size(b) - size(a));
  const tested = new Map<string, Confirmation>();
  for (const { key, node, activation } of chosen.slice(0, confirm)) {
    if (node.kind === "feature") tested.set(key, await confirmFeature(sides, node.feature, activation, shift, signal));
    onProgress?.({ task: "confirm", step: tested.size, total: Math.min(confirm, chosen.length) });
  }
  return nodes.map((each) => ({ ...each, confirmation: tested.get(each.key) ?? null }));
}

async function confirmedEdges(
  { base, tuned }: Sided,
  edges: readonly EdgeChange[],
  nodes: readonly NodeChange[],
  { confirm, settings: { signal } }: TraceDiffRequest,
): Promise<AttributionDiffRecord["links"]> {
  const activations = new Map(nodes.map(({ key, activation }) => [key, activation]));
  const links: AttributionDiffRecord["links"] = [];
  let tested = 0;
  for (const { source, target, change, weight } of edges) {
    const side = weight.tuned === null ? base : tuned;
    const own = weight.tuned ?? weight.base;
    const activation = activations.get(source);
    const confirmation =
      tested < confirm && own !== null && activation
        ? await confirmEdge(side, { source, target, weight: own }, activation, signal)
        : null;
    if (confirmation) tested++;
    links.push({ source, target, change, weight: { ...weight }, confirmation });
  }
  return links;
}

function describedNode(
  { influence }: Pick<NodeChange, "influence">,
  node: NodeChange["node"],
  before: Traced,
  after: Traced,
  { base, settings: { labels } }: TraceDiffRequest,
) {
  const { graph } = influence.tuned === null ? before : after;
  const { errors, tokens, logits } = nodeLayout(graph);
  const promptTokens = graph.ids.map((id) => base.model.tokenizer.tokenText(id));
  const index = {
    feature: () => graph.features.findIndex((each) => node.kind === "feature" && each === node.feature),
    error: () => (node.kind === "error" ? errors + node.layer * graph.ids.length + node.position : -1),
    token: () => (node.kind === "token" ? tokens + node.position : -1),
    logit: () => (node.kind === "logit" ? logits + node.target : -1),
  }[node.kind]();
  return nodeRecord(graph, index, influence.tuned ?? influence.base ?? 0, { promptTokens, labels });
}
