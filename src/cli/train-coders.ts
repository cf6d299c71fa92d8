/** `dictionary train` of everything but a plain TopK autoencoder. */
import { join } from "node:path";
import type { TrainedArchitecture, TrainedKind } from "../dictionaries/index.ts";
import {
  defaultHook,
  keptTranscoders,
  type NamedModel,
  placesFor,
  trainCoderFolders,
  trainingText,
} from "../jobs/index.ts";
import type { HookName } from "../models/index.ts";
import type { CoderCard } from "../records/index.ts";
import { withModel } from "./models.ts";
import type { Session } from "./session.ts";
import { columns } from "./tables.ts";

export interface CoderFlags {
  readonly kind: TrainedKind;
  readonly architecture: TrainedArchitecture;
  readonly layer?: readonly number[];
  readonly hook?: string;
  readonly corpus?: string;
  readonly tokens: number;
  readonly seed: number;
  readonly latents: number;
  readonly k: number;
  readonly batch: number;
  readonly learningRate?: number;
  /** Default: where `trace` finds the transcoders of this model. */
  readonly out?: string;
}

const JUDGED_TOKENS = 10_000;
/** Layers that learn side by side from one reading of the text: each holds a buffer of activations (150 MB at width 576). */
const ONE_READING = 6;

export async function trainCoders(session: Session, reference: string, flags: CoderFlags): Promise<void> {
  const { cards, out } = await withModel({ reference, adapter: undefined }, async (base) => {
    const folder = flags.out ?? (await keptTranscoders(base.identity));
    return { cards: await train(session, base, flags, folder), out: folder };
  });
  for (const line of cardLines(cards)) session.print(line);
  session.print(`Dictionary: ${out}`);
  session.document(cards);
}

async function train(session: Session, base: NamedModel, flags: CoderFlags, out: string): Promise<CoderCard[]> {
  const { kind, architecture, corpus = null, seed, tokens, latents, k, batch, learningRate } = flags;
  const hook = (flags.hook as HookName | undefined) ?? defaultHook(base.model);
  const parts = layersOf(base, flags).map((layer) => ({
    places: placesFor(base.model, kind, layer === null ? { hook } : { layer }),
    folder: layer === null || flags.layer?.length === 1 ? out : join(out, `layer_${layer}`),
  }));
  const rate = learningRate === undefined ? {} : { learningRate };
  const recipe = { architecture, nLatents: latents, k, tokens, seed, batchTokens: batch, ...rate };
  const cards: CoderCard[] = [];
  for (let start = 0; start < parts.length; start += ONE_READING) {
    const given = await trainingText(base, { corpus, seed, signal: session.signal }, JUDGED_TOKENS);
    cards.push(
      ...(await trainCoderFolders({ base, recipe, ...given, ...session }, parts.slice(start, start + ONE_READING))),
    );
  }
  return cards;
}

/** Null: in one folder, of no layer. */
function layersOf({ model }: NamedModel, { kind, layer }: CoderFlags): readonly (number | null)[] {
  if (kind === "sae" || kind === "clt") return [null];
  return layer ? [...new Set(layer)] : [...Array(model.source.definition.dimensions.nLayers).keys()];
}

function cardLines(cards: readonly CoderCard[]): string[] {
  const head = ["writes", "explained variance", "latents a token", "never fire"];
  const rows = cards.flatMap(({ writes, fidelity: { outputs, l0, dead } }) =>
    outputs.map(({ explainedVariance }, o) => [
      writes[o] ?? "",
      explainedVariance.toFixed(3),
      l0[o]?.toFixed(1) ?? "",
      String(dead[o] ?? ""),
    ]),
  );
  return columns([head, ...rows], [1, 2, 3]);
}
