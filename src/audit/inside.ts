/**
 * What happened inside: the geometry record, from the base, the tuned model and what the data did in the base.
 *
 * 1. Fidelity: does the dictionary still read the tuned model, and the user's data? Where not, its claims abstain.
 * 2. Mechanism of every behaviour that moved (and of the task), then residue by channel.
 * 3. Latents: those that the data amplify and those of the behaviours that moved, with shifts, scaling, cards and map.
 * 4. The chain: amplified latent → neighbour in T_b → behaviour.
 * 5. Weights, difference lens, dynamics over checkpoints.
 */
import type { Behaviour } from "../behaviours/index.ts";
import { must } from "../core/index.ts";
import {
  type Dictionary,
  encode,
  encodeLarge,
  fidelityGate,
  measureFidelity,
  type OpenedDictionary,
  permutedDictionary,
  randomDictionary,
} from "../dictionaries/index.ts";
import type { LanguageModel, ReadSequence } from "../engine/index.ts";
import type { Adapter } from "../models/index.ts";
import type { AuditRecord, GeometryBehaviour, GeometryRecord, LatentCard, Mechanism } from "../records/index.ts";
import {
  checkpointsIn,
  differenceLens,
  dynamics,
  featureShifts,
  latentCards,
  type Reader,
  residues,
  type Shift,
  shiftsAndScaling,
  weightView,
} from "./after/index.ts";
import { chainOf, type LatentNeighbours, neighboursOf } from "./chain.ts";
import { responseSequence } from "./directions.ts";
import { responseOf } from "./forecast/control.ts";
import type { BehaviourLatent } from "./latents.ts";
import { mechanisms } from "./mechanism/index.ts";
import { type Known, mechanismRequest, middleHook } from "./mechanism-request.ts";
import { pairLogOdds, probeOf } from "./pair-log-odds.ts";
import { correlation } from "./statistics/index.ts";

export interface InsideRequest extends Known {
  readonly audit: AuditRecord;
  readonly behaviours: readonly Behaviour[];
  readonly dictionary: OpenedDictionary | null;
  /** Null for a whole tuned model. */
  readonly adapter: Adapter | null;
  /** Folder of the training's checkpoints; null where none are at hand. */
  readonly checkpoints: string | null;
}

export type InsideRecord = Omit<GeometryRecord, "receipt" | "durationMs">;

/** Latents shown: of the data, and of each behaviour that moved. */
const DATA_LATENTS = 16;
const BEHAVIOUR_LATENTS_SHOWN = 6;

export async function lookInside(request: InsideRequest): Promise<InsideRecord> {
  const { audit, dictionary } = request;
  const fidelity = dictionary && (await fidelityOf(request, dictionary.dictionary));
  // A dictionary that no longer reads the tuned model supports no claim about it.
  const reading = dictionary && fidelity && !fidelity.abstains ? dictionary.dictionary : null;
  const moved = movedBehaviours(request);
  const found = await mechanisms(mechanismRequest(request, reading, moved));
  const shares = await residueOf(request, reading, moved);
  const neighbours =
    reading && request.prepared.latents ? neighboursOf(neighbourRequest(request, reading, moved)) : null;
  const latents = reading && neighbours ? await cardsOf(request, reading, neighbours, moved) : [];
  return {
    schemaVersion: 1,
    base: audit.base,
    tuned: audit.tuned,
    dictionary: dictionary?.identity ?? null,
    fidelity,
    latents,
    map: neighbours?.map ?? null,
    behaviours: request.behaviours.map((behaviour) =>
      behaviourRecord(request, behaviour, {
        mechanism: found.get(behaviour.id) ?? null,
        residue: shares.get(behaviour.id) ?? null,
        neighbours,
        latents,
      }),
    ),
    lens: await differenceLens({
      base: request.base,
      tuned: request.tuned,
      texts: request.neutral,
      dictionary: reading,
      seed: request.seed,
      ...(request.signal ? { options: { signal: request.signal } } : {}),
    }),
    weights:
      request.adapter &&
      (await weightView({ source: request.base.source, adapter: request.adapter, dictionary: reading })),
    dynamics: request.checkpoints === null ? null : await dynamicsOf(request, reading, neighbours, request.checkpoints),
  };
}

/** Contrast pairs of each behaviour whose unremarkable answers are looked at over the checkpoints. */
const DYNAMICS_PAIRS = 2;

async function dynamicsOf(
  request: InsideRequest,
  reading: Dictionary | null,
  neighbours: LatentNeighbours | null,
  folder: string,
): Promise<GeometryRecord["dynamics"]> {
  const { base, tuned, prepared, behaviours, signal } = request;
  const hook = reading?.hook ?? middleHook(base);
  request.onProgress?.({ task: "inside: checkpoints", step: 0, total: 1 });
  const probe = behaviours.flatMap((behaviour) =>
    probeOf(base, behaviour, { half: "check", most: DYNAMICS_PAIRS }).pairs.map((pair) =>
      responseSequence(base, behaviour, pair, "other"),
    ),
  );
  return dynamics({
    base,
    checkpoints: await checkpointsIn(tuned, folder),
    hook,
    reader: reading && readerIn(base, reading),
    probe,
    dataLatents: neighbours && [...neighbours.data],
    behaviours: [...prepared.directions].map(([id, layers]) => ({
      id,
      latents: reading ? (prepared.latents?.sets.get(id) ?? null) : null,
      direction: must(
        layers.find((each) => each.hook === hook),
        hook,
      ).mean,
    })),
    ...(signal ? { options: { signal } } : {}),
  });
}

/** What moved, and what the data were meant to move; only those with contrast pairs can be intervened on. */
function movedBehaviours({ audit, behaviours, prepared }: InsideRequest): Behaviour[] {
  const affected = new Set(audit.behaviours.filter(({ verdict }) => verdict === "affected").map(({ id }) => id));
  return behaviours.filter(({ id }) => affected.has(id) && prepared.directions.has(id));
}

/** A dictionary that is read with in the base's engine. */
function readerIn({ engine }: LanguageModel, dictionary: Dictionary): Reader {
  return { dictionary, encode: (of, rows) => encodeLarge(engine, of, rows) };
}

type FidelityPart = NonNullable<GeometryRecord["fidelity"]>;

/** On unremarkable answers through both models, and on the user's data through the base. */
async function fidelityOf(request: InsideRequest, dictionary: Dictionary): Promise<FidelityPart> {
  const { base, tuned, side, seed, signal } = request;
  const usual = usualAnswers(request);
  const data = side ? side.rows.data.map(responseOf) : usual;
  const measure = async (model: LanguageModel, sequences: readonly ReadSequence[], ...dictionaries: Dictionary[]) =>
    measureFidelity({
      model,
      dictionaries: [dictionary, ...dictionaries],
      sequences,
      ceSequences: 16,
      ...(signal ? { signal } : {}),
    });
  request.onProgress?.({ task: "inside: fidelity", step: 0, total: 3 });
  const onBase = await measure(base, usual, randomDictionary(dictionary, seed), permutedDictionary(dictionary, seed));
  request.onProgress?.({ task: "inside: fidelity", step: 1, total: 3 });
  const [onTuned] = await measure(tuned, usual);
  request.onProgress?.({ task: "inside: fidelity", step: 2, total: 3 });
  const [onData] = await measure(base, data);
  const [own, random, permuted] = onBase;
  const fidelity = { base: must(own, "base").fidelity, tuned: must(onTuned, "tuned").fidelity };
  return {
    ...fidelity,
    data: must(onData, "data").fidelity,
    ...fidelityGate(fidelity.base, fidelity.tuned),
    random: must(random, "random").fidelity.explainedVariance,
    permuted: must(permuted, "permuted").fidelity.explainedVariance,
  };
}

/** Pairs of each behaviour that latents are looked at on, and residues taken. */
const USUAL_PAIRS = 6;

/** Unremarkable answers to the check half of the contrast pairs: nothing was chosen on them. */
function usualAnswers({ base, behaviours }: InsideRequest): ReadSequence[] {
  return behaviours.flatMap((behaviour) =>
    probeOf(base, behaviour, { half: "check", most: USUAL_PAIRS }).pairs.map((pair) =>
      responseSequence(base, behaviour, pair, "other"),
    ),
  );
}

async function residueOf(request: InsideRequest, reading: Dictionary | null, moved: readonly Behaviour[]) {
  const { base, tuned, signal } = request;
  if (moved.length === 0) return new Map<string, GeometryBehaviour["residue"]>();
  request.onProgress?.({ task: "inside: residue", step: 0, total: 1 });
  const probes = moved.map((behaviour) => probeOf(base, behaviour, { half: "check", most: USUAL_PAIRS }));
  const found = await residues({
    base,
    tuned,
    logOdds: (model) => pairLogOdds(model, probes, signal ? { signal } : {}),
    hook: reading?.hook ?? middleHook(base),
    reader: reading && { dictionary: reading, encode },
  });
  return new Map(moved.map(({ id }, b) => [id, found[b] ?? null]));
}

function neighbourRequest(request: InsideRequest, reading: Dictionary, moved: readonly Behaviour[]) {
  const sets = must(request.prepared.latents, "latents").sets;
  return {
    dictionary: reading,
    contrast: request.side?.latents?.contrast ?? new Float64Array(reading.nLatents),
    sets: new Map(moved.map(({ id }) => [id, sets.get(id) ?? []] as const)),
    dataLatents: DATA_LATENTS,
    perBehaviour: BEHAVIOUR_LATENTS_SHOWN,
    seed: request.seed,
  };
}

async function cardsOf(
  request: InsideRequest,
  dictionary: Dictionary,
  { data, shown }: LatentNeighbours,
  moved: readonly Behaviour[],
): Promise<LatentCard[]> {
  const { base, tuned, side, neutral, signal } = request;
  const latents = [...shown];
  if (latents.length === 0) return [];
  const reader = { ...readerIn(base, dictionary), ...(signal ? { options: { signal } } : {}) };
  request.onProgress?.({ task: "inside: latents", step: 0, total: 3 });
  const everywhere = (ids: readonly number[]): ReadSequence => ({ ids, positions: [...ids.keys()] });
  const usual = usualAnswers(request);
  const shiftsOn = (sequences: readonly ReadSequence[]) =>
    featureShifts({ base, tuned, ...reader, sequences, latents });
  const task = side ? await shiftsOn(side.rows.data.map(responseOf)) : new Map<number, Shift>();
  const still = await shiftsOn(neutral.map(everywhere));
  request.onProgress?.({ task: "inside: latents", step: 1, total: 3 });
  const { shifts, scalings } = await shiftsAndScaling({ base, tuned, ...reader, latents, sequences: usual });
  request.onProgress?.({ task: "inside: latents", step: 2, total: 3 });
  const exhibiting = moved.flatMap((behaviour) =>
    probeOf(base, behaviour, { half: "check", most: USUAL_PAIRS }).pairs.map(
      (pair) => responseSequence(base, behaviour, pair, "exhibiting").ids,
    ),
  );
  const corpus = [
    ...neutral,
    ...usual.map(({ ids }) => ids),
    ...exhibiting,
    ...(side?.rows.data.map(({ ids }) => [...ids]) ?? []),
  ];
  const texts = await latentCards({ model: base, ...reader, latents, corpus });
  return texts.map((text, i) => ({
    ...text,
    data: data.includes(text.latent),
    behaviours: moved.flatMap(({ id }) =>
      (request.prepared.latents?.sets.get(id) ?? []).some(({ latent }) => latent === text.latent) ? [id] : [],
    ),
    shift: {
      task: task.get(text.latent) ?? null,
      neutral: still.get(text.latent) ?? null,
      behaviours: shifts.get(text.latent) ?? null,
    },
    scaling: scalings[i] ?? null,
  }));
}

interface BehaviourParts {
  readonly mechanism: Mechanism | null;
  readonly residue: GeometryBehaviour["residue"];
  readonly neighbours: LatentNeighbours | null;
  readonly latents: readonly LatentCard[];
}

function behaviourRecord(request: InsideRequest, behaviour: Behaviour, parts: BehaviourParts): GeometryBehaviour {
  const { audit, prepared } = request;
  const { id, title } = behaviour;
  const set = request.dictionary ? (prepared.latents?.sets.get(id) ?? []) : [];
  const drift = strongestDrift(audit, id);
  return {
    id,
    title,
    inTask: audit.behaviours.some((result) => result.id === id && result.inTask),
    latents: set.map((latent) => ({ ...latent })),
    agreement: correlation(rankPairs(set)),
    chain: parts.neighbours ? chainOf(parts.neighbours, id, parts.latents) : [],
    driftCosine: drift?.cosine ?? null,
    driftNull95: drift?.null95 ?? null,
    mechanism: parts.mechanism,
    residue: parts.residue,
  };
}

function strongestDrift({ drift }: AuditRecord, id: string): { cosine: number; null95: number } | null {
  const found = (drift?.layers ?? []).flatMap(({ shares, nullCosine95 }) => {
    const cosine = shares[id];
    return typeof cosine === "number" ? [{ cosine, null95: nullCosine95 }] : [];
  });
  return found.sort((a, b) => Math.abs(b.cosine) - Math.abs(a.cosine))[0] ?? null;
}

/** Ranks of a set's attributions on the two halves: their correlation is Spearman's. */
function rankPairs(set: readonly BehaviourLatent[]): [number, number][] {
  const select = ranks(set.map(({ attribution }) => attribution));
  const check = ranks(set.map((latent) => latent.check));
  return select.map((rank, i) => [rank, must(check[i], "rank")]);
}

function ranks(values: readonly number[]): number[] {
  const order = [...values.keys()].sort((a, b) => must(values[a], "value") - must(values[b], "value"));
  const places = new Array<number>(values.length).fill(0);
  for (const [place, i] of order.entries()) places[i] = place;
  return places;
}
