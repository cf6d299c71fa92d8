/** `dictionary train` of everything but a plain TopK autoencoder. */
import { join } from "node:path";
import type { TrainedArchitecture, TrainedKind } from "../dictionaries/index.ts";
import { defaultHook, type NamedModel, placesFor, trainCoderFolder, trainingText } from "../jobs/index.ts";
import type { HookName } from "../models/index.ts";
import type { CoderCard } from "../records/index.ts";
import { withModel } from "./models.ts";
import type { Session } from "./session.ts";
import { columns } from "./tables.ts";

export interface CoderFlags {
  readonly kind: TrainedKind;
  readonly architecture: TrainedArchitecture;
  readonly layer?: number;
  readonly hook?: string;
  readonly corpus?: string;
  readonly tokens: number;
  readonly seed: number;
  readonly latents: number;
  readonly k: number;
  readonly batch: number;
  readonly learningRate?: number;
  readonly out: string;
}

const JUDGED_TOKENS = 10_000;

export async function trainCoders(session: Session, reference: string, flags: CoderFlags): Promise<void> {
  const cards = await withModel({ reference, adapter: undefined }, async (base) => {
    const made: CoderCard[] = [];
    for (const layer of layersOf(base, flags)) made.push(await trainOne(session, base, flags, layer));
    return made;
  });
  for (const line of cardLines(cards)) session.print(line);
  session.print(`Dictionary: ${flags.out}`);
  session.document(cards);
}

/** Null: in one folder; else each into a folder of its own. */
function layersOf({ model }: NamedModel, { kind, layer }: CoderFlags): readonly (number | null)[] {
  if (kind === "sae" || kind === "clt" || layer !== undefined) return [null];
  return [...Array(model.source.definition.dimensions.nLayers).keys()];
}

async function trainOne(
  session: Session,
  base: NamedModel,
  flags: CoderFlags,
  layer: number | null,
): Promise<CoderCard> {
  const { kind, architecture, corpus = null, seed, tokens, latents, k, batch, learningRate, out } = flags;
  const at = layer ?? flags.layer;
  const hook = (flags.hook as HookName | undefined) ?? defaultHook(base.model);
  const places = placesFor(base.model, kind, { hook, ...(at === undefined ? {} : { layer: at }) });
  const given = await trainingText(base, { corpus, seed, signal: session.signal }, JUDGED_TOKENS);
  const rate = learningRate === undefined ? {} : { learningRate };
  const recipe = { architecture, nLatents: latents, k, tokens, seed, batchTokens: batch, ...rate };
  const folder = layer === null ? out : join(out, `layer_${layer}`);
  return trainCoderFolder({ base, places, recipe, ...given, folder, ...session });
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
