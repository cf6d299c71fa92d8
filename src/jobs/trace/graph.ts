/** `penumbra trace`: the attribution graph of one model on one prompt. */
import {
  type AttributionGraph,
  attribute,
  edgeCount,
  graphRecord,
  graphScores,
  type LocalReplacement,
  localReplacement,
  logitTargets,
  type PrunedGraph,
  type PruneOptions,
  prune,
  similarFeatures,
  type TargetChoice,
  type TranscoderSet,
} from "../../attribution/index.ts";
import { must, type OnProgress } from "../../core/index.ts";
import type { ReadSequence } from "../../engine/index.ts";
import type { AttributionGraphRecord } from "../../records/index.ts";
import type { NamedModel } from "../train-dictionary.ts";
import { featureCards } from "./cards.ts";
import type { TracePrompt } from "./prompt.ts";

export interface TraceSettings extends PruneOptions {
  readonly maxFeatures: number;
  /** Texts that are searched for where features fire. */
  readonly text: readonly ReadSequence[];
  /** By `layer_latent`. */
  readonly labels: Readonly<Record<string, string>>;
  readonly onProgress?: OnProgress;
  readonly signal?: AbortSignal;
}

export interface TraceRequest {
  readonly base: NamedModel;
  readonly transcoders: TranscoderSet;
  readonly prompt: TracePrompt;
  readonly settings: TraceSettings;
}

export interface Traced {
  readonly replacement: LocalReplacement;
  readonly graph: AttributionGraph;
}

export async function traceOnce(
  { model }: NamedModel,
  transcoders: TranscoderSet,
  ids: readonly number[],
  choice: TargetChoice,
  settings: Pick<TraceSettings, "maxFeatures" | "onProgress" | "signal"> & { readonly required?: ReadonlySet<string> },
): Promise<Traced> {
  const replacement = await localReplacement(
    model,
    transcoders,
    ids,
    settings.signal ? { signal: settings.signal } : {},
  );
  const targets = await logitTargets(replacement, choice);
  return { replacement, graph: await attribute(replacement, targets, settings) };
}

export async function traceGraph({
  base,
  transcoders,
  prompt,
  settings,
}: TraceRequest): Promise<AttributionGraphRecord> {
  const traced = await traceOnce(base, transcoders, prompt.ids, prompt.choice, settings);
  return recordOf(base, traced, prompt, settings);
}

/** The graph as it is kept, pruned, with cards of its features. */
export async function recordOf(
  { identity, model }: NamedModel,
  { replacement, graph }: Traced,
  prompt: TracePrompt,
  settings: TraceSettings,
): Promise<AttributionGraphRecord> {
  const pruned = prune(graph, settings);
  const { replacement: replacementScore, completeness: completenessScore } = graphScores(graph);
  const shown = graph.features.filter((_, f) => pruned.kept[f] === 1);
  const record = graphRecord(pruned, {
    ...settings,
    slug: slugOf(`${identity.name} ${prompt.text}`),
    scan: replacement.transcoders.name,
    prompt: prompt.text,
    promptTokens: graph.ids.map((id) => model.tokenizer.tokenText(id)),
    cards: await featureCards(replacement, shown, settings.text, settings.signal),
    extra: {
      model: identity,
      transcoders: replacement.transcoders.name,
      target: graph.targets.map(({ label }) => label).join(", "),
      activeFeatures: graph.activeFeatures,
      expandedFeatures: graph.features.length,
      edges: edgeCount(graph.rows),
      replacementScore,
      completenessScore,
    },
  });
  return { ...record, qParams: { ...record.qParams, supernodes: supernodesOf(pruned) } };
}

function supernodesOf(pruned: PrunedGraph): string[][] {
  return similarFeatures(pruned).map(({ label, nodes }) => [
    label,
    ...nodes.map((node) => {
      const { layer, latent, position } = must(pruned.graph.features[node], "feature");
      return `${layer}_${latent}_${position}`;
    }),
  ]);
}

function slugOf(text: string): string {
  const words = text.toLowerCase().replace(/[^a-z0-9]+/g, "-");
  return words.replace(/^-|-$/g, "").slice(0, 60).replace(/-$/, "") || "graph";
}
