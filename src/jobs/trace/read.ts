/** A finished graph of any of the known forms, for the page. */
import {
  edgeCount,
  graphRecord,
  graphScores,
  type PruneOptions,
  prune,
  type ReadGraph,
  readGraphJson,
  readTorchGraph,
} from "../../attribution/index.ts";
import { UserError } from "../../core/index.ts";
import { EMBEDDING, LOGIT } from "../../records/index.ts";
import type { OpenedModel } from "../open.ts";

/** With a model, a graph of another one is refused. */
export async function readGraph(file: string, model: OpenedModel | null, options: PruneOptions): Promise<ReadGraph> {
  const read = file.endsWith(".pt") ? await fromTorch(file, model, options) : await readGraphJson(file);
  if (model) checkModel(read, file, model);
  return read;
}

async function fromTorch(file: string, model: OpenedModel | null, options: PruneOptions): Promise<ReadGraph> {
  const { graph, prompt, scan } = await readTorchGraph(file);
  const vocabulary = model?.tokenizer.vocabSize ?? 0;
  const tokenText = (id: number) => (model && id < vocabulary ? model.tokenizer.tokenText(id) : `#${id}`);
  const { replacement, completeness } = graphScores(graph);
  const record = graphRecord(prune(graph, options), {
    ...options,
    slug: "graph",
    scan: scan ?? "",
    prompt,
    promptTokens: graph.ids.map(tokenText),
    ...(model
      ? {
          extra: {
            model: model.identity,
            transcoders: scan ?? "unknown",
            target: graph.targets.map(({ label, token }) => label || tokenText(token)).join(", "),
            activeFeatures: graph.activeFeatures,
            expandedFeatures: graph.features.length,
            edges: edgeCount(graph.rows),
            replacementScore: replacement,
            completenessScore: completeness,
          },
        }
      : {}),
  });
  return { record, ambiguousLinks: 0 };
}

function checkModel({ record }: ReadGraph, file: string, { source, identity }: OpenedModel): void {
  const { nLayers, dVocab } = source.definition.dimensions;
  const refuse = (got: string) =>
    new UserError(`graph ${file}`, {
      expected: `a graph of ${identity.name} (${nLayers} layers, ${dVocab} tokens)`,
      got,
      fix: "leave the model out, or give the one that the graph was made from",
    });
  const logit = record.nodes.find(({ feature_type }) => feature_type === LOGIT);
  if (logit && Number(logit.layer) !== nLayers + 1) throw refuse(`one of a model of ${Number(logit.layer) - 1} layers`);
  const token = record.nodes.find(
    ({ feature_type, node_id }) => feature_type === EMBEDDING && Number(node_id.split("_")[1]) >= dVocab,
  );
  if (token) throw refuse(`the token ${token.node_id.split("_")[1]}`);
  const { penumbra } = record;
  if (penumbra && penumbra.model.sha256 !== identity.sha256 && penumbra.model.name !== identity.name)
    throw refuse(`one of ${penumbra.model.name}`);
}
