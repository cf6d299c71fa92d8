/**
 * Is that how it happened? Interventions on the tuned and on the base model, per behaviour, and the label that they earn
 * (SCIENCE §6). Effects are measured on the check half of the contrast pairs; directions come from the select half, or
 * from the data alone. Take-back is of the pairs' scores, the probabilities that a verdict is about; steering, which
 * starts from a base that may lie at the floor, is of their log-odds.
 *
 * 1. Shift: score of tuned less base.
 * 2. Take-back along the behaviour's own directions, at the residual stream of every layer: the share that is undone.
 * 3. The same along directions chosen from the data alone.
 * 4. Nulls: isotropic and covariance-matched subspaces of the same rank; the largest share that one of them undoes.
 * 5. Steering: the data's mean difference added to the base, several strengths, both signs, against random directions of
 *    the same norm; its price on neutral text; the rotation test.
 * 6. Label: `confirmed` where 3 undoes half or more, beats the nulls, and the two share a feature or pass the rotation
 *    test; `mediated` where 2 does; `consistent` where only geometry speaks; else `unexplained`.
 */
import type { Behaviour } from "../../behaviours/index.ts";
import { mean, must, type OnProgress, rng } from "../../core/index.ts";
import { concatRows } from "../../dictionaries/index.ts";
import type { LanguageModel } from "../../engine/index.ts";
import { cosine, norm, principalDirections, type Vector } from "../../geometry/index.ts";
import type { HookName } from "../../models/index.ts";
import type { Mechanism, TakeBack } from "../../records/index.ts";
import type { Directions } from "../directions.ts";
import { type Probe, pairLogOdds, pairScore, probeOf } from "../pair-log-odds.ts";
import { sortedQuantile } from "../statistics/index.ts";
import { decideMechanism } from "./label.ts";
import { meanInterval, type Share, undoneShare } from "./share.ts";
import { crossEntropy, randomLike, rotatedAway, steered } from "./steering.ts";
import { covarianceMatchedSubspaces, randomSubspaces, type Subspace, subspaceOf, takenBack } from "./subspaces.ts";

/** What is known of a behaviour before any intervention. */
export interface MechanismCase {
  readonly behaviour: Behaviour;
  /** Select half, one per hook of the residual stream. */
  readonly directions: readonly Directions[];
  /** `[n, dModel]`: decoder rows of T_b, strongest first; null without a dictionary that holds here. */
  readonly latentDirections: Vector | null;
  /** Share of the data's weight on T_b; null without a dictionary. */
  readonly sharedWeight: number | null;
  /** Does the geometry of data and behaviour lie beyond its nulls? */
  readonly consistent: boolean;
}

export interface MechanismData {
  /** Data less control, one per hook. */
  readonly directions: readonly Directions[];
  /** Σ over latents outside T_b of ŵ_i d_i, by behaviour id; empty without a dictionary. */
  readonly adjacent: ReadonlyMap<string, Vector>;
}

export interface MechanismRequest {
  readonly base: LanguageModel;
  readonly tuned: LanguageModel;
  readonly cases: readonly MechanismCase[];
  /** Null where the training data are not at hand: then nothing can be `confirmed`. */
  readonly data: MechanismData | null;
  readonly steeringHook: HookName;
  /** Token sequences that have nothing to do with task or behaviours. */
  readonly neutral: readonly (readonly number[])[];
  readonly seed: number;
  readonly settings?: Partial<MechanismSettings>;
  readonly onProgress?: OnProgress;
  readonly signal?: AbortSignal;
}

export interface MechanismSettings {
  /** Contrast pairs of the check half that a behaviour is probed on, at most. */
  readonly pairs: number;
  /** Subspaces of each null; random directions for steering. */
  readonly draws: number;
  readonly strengths: readonly number[];
}

const DEFAULTS: MechanismSettings = { pairs: 6, draws: 5, strengths: [-1, 1, 2] };

/** By behaviour id. */
export async function mechanisms(request: MechanismRequest): Promise<Map<string, Mechanism>> {
  const { cases } = request;
  if (cases.length === 0) return new Map();
  const lab = await openLab(request);
  const own = await ownTakeBacks(lab);
  const data = request.data ? await dataTakeBacks(lab, request.data) : null;
  const steering = request.data ? await steeringOf(lab, request.data) : null;
  const found = new Map<string, Mechanism>();
  for (const [c, { behaviour, sharedWeight, consistent }] of cases.entries()) {
    const evidence = {
      delta: mean(must(lab.shift[c], "shift")),
      deltaLogOdds: mean(difference(must(lab.after[c], "case"), must(lab.before[c], "case"))),
      pairs: must(lab.probes[c], "probe").pairs.length,
      own: own[c] ?? null,
      data: data?.[c] ?? null,
      cosine: dataCosine(request, c),
      sharedWeight,
      steering: steering?.[c] ?? null,
    };
    found.set(behaviour.id, { ...decideMechanism(evidence, { consistent }), ...evidence });
  }
  return found;
}

/** Everything that the steps share: what both models say of the probes, and the nulls' take-backs. */
interface Lab {
  readonly request: MechanismRequest;
  readonly settings: MechanismSettings;
  readonly probes: readonly Probe[];
  /** `[case][pair]`: log-odds. */
  readonly before: readonly number[][];
  readonly after: readonly number[][];
  /** `[case][pair]`: scores of tuned less base. */
  readonly shift: readonly number[][];
  /** `[draw][case][pair]`: log-odds of the tuned model after the null's take-back. */
  readonly random: readonly number[][][];
  readonly matched: readonly number[][][];
  readonly step: (message: string) => void;
}

async function openLab(request: MechanismRequest): Promise<Lab> {
  const { base, tuned, cases } = request;
  const settings = { ...DEFAULTS, ...request.settings };
  const probes = cases.map(({ behaviour }) => probeOf(base, behaviour, { half: "check", most: settings.pairs }));
  const total = 2 * settings.draws + (request.data ? settings.draws + settings.strengths.length + 3 : 2);
  let done = 0;
  const step = (message: string) => request.onProgress?.({ task: "mechanism", step: done++, total, message });
  const ask = (model: LanguageModel) => askAll(request, model, probes);
  step("both models");
  const [before, after] = [await ask(base), await ask(tuned)];
  const shift = after.map((values, c) => scoreDifference(values, must(before[c], "case")));
  const nulls = async (name: string, subspaces: (draw: number) => Subspace[]) => {
    const answers: number[][][] = [];
    for (let draw = 0; draw < settings.draws; draw++) {
      step(name);
      answers.push(await ask(takenBack(tuned, base, subspaces(draw))));
    }
    return answers;
  };
  const like = must(cases[0], "case").directions.map(subspaceOf);
  const samples = await activationSamples(request, like);
  const { seed } = request;
  const random = await nulls("random subspaces", (draw) => randomSubspaces(like, rng(seed, "subspace", draw)));
  const matched = await nulls("covariance-matched subspaces", (draw) =>
    covarianceMatchedSubspaces(like, samples, rng(seed, "matched subspace", draw)),
  );
  return { request, settings, probes, before, after, shift, random, matched, step };
}

function askAll({ signal }: MechanismRequest, model: LanguageModel, probes: readonly Probe[]): Promise<number[][]> {
  return pairLogOdds(model, probes, signal ? { signal } : {});
}

/** Each behaviour along its own directions. */
async function ownTakeBacks(lab: Lab): Promise<(TakeBack | null)[]> {
  const { request, probes } = lab;
  lab.step("own directions");
  const found: (TakeBack | null)[] = [];
  for (const [c, { directions }] of request.cases.entries()) {
    const model = takenBack(request.tuned, request.base, directions.map(subspaceOf));
    const [answers] = await askAll(request, model, [must(probes[c], "probe")]);
    found.push(takeBackOf(lab, c, directions, must(answers, "answers")));
  }
  return found;
}

/** All behaviours along the data's directions: one model for all. */
async function dataTakeBacks(lab: Lab, { directions }: MechanismData): Promise<(TakeBack | null)[]> {
  const { request, probes } = lab;
  lab.step("the data's directions");
  const answers = await askAll(request, takenBack(request.tuned, request.base, directions.map(subspaceOf)), probes);
  return request.cases.map((_, c) => takeBackOf(lab, c, directions, must(answers[c], "answers")));
}

function takeBackOf(
  lab: Lab,
  c: number,
  directions: readonly Directions[],
  takenBackTo: readonly number[],
): TakeBack | null {
  const found = shareOf(lab, c, takenBackTo);
  if (!found) return null;
  const largest = (draws: readonly number[][][]) =>
    Math.max(...draws.map((answers) => shareOf(lab, c, must(answers[c], "answers"))?.share ?? 0));
  const { width, basis } = must(directions.at(-1), "hook");
  return {
    rank: basis.length / width,
    share: found.share,
    interval: [...found.interval],
    random: { largest: largest(lab.random), draws: lab.random.length },
    covarianceMatched: { largest: largest(lab.matched), draws: lab.matched.length },
  };
}

function shareOf({ after, shift }: Lab, c: number, takenBackTo: readonly number[]): Share | null {
  return undoneShare(must(shift[c], "shift"), scoreDifference(must(after[c], "case"), takenBackTo));
}

type Steering = NonNullable<Mechanism["steering"]>;

async function steeringOf(lab: Lab, data: MechanismData): Promise<Steering[]> {
  const { request, settings, probes } = lab;
  const { base, steeringHook: hook, cases, signal } = request;
  const { mean: vector } = at(data.directions, hook);
  const effects = async (v: Vector, strength: number) => {
    const answers = await askAll(request, steered(base, hook, v, strength), probes);
    return answers.map((values, c) => difference(values, must(lab.before[c], "case")));
  };
  const doses: { strength: number; effects: number[][] }[] = [];
  for (const strength of settings.strengths) {
    lab.step(`steering, strength ${strength}`);
    doses.push({ strength, effects: await effects(vector, strength) });
  }
  const random: number[][] = [];
  for (let draw = 0; draw < settings.draws; draw++) {
    lab.step("random directions");
    const answers = await effects(randomLike(vector, rng(request.seed, "steering", draw)), 1);
    random.push(answers.map(mean));
  }
  lab.step("neutral text");
  const options = signal ? { signal } : {};
  const usual = await crossEntropy(base, request.neutral, options);
  const neutralRise = (await crossEntropy(steered(base, hook, vector, 1), request.neutral, options)) / usual - 1;
  const rotated: Steering["rotated"][] = [];
  for (const c of cases.keys()) rotated.push(await rotationTest(lab, data, c));
  return cases.map((_, c) => ({
    hook,
    doses: doses.map(({ strength, effects: each }) => ({ strength, delta: mean(must(each[c], "case")) })),
    random95: sortedQuantile(
      random.map((each) => Math.abs(must(each[c], "case"))).sort((a, b) => a - b),
      0.95,
    ),
    draws: random.length,
    neutralRise,
    rotated: rotated[c] ?? null,
  }));
}

/**
 * Steers with what the data amplify outside T_b (the whole data direction without a dictionary), and with the same
 * direction once span(T_b) is out of it.
 */
async function rotationTest(lab: Lab, data: MechanismData, c: number): Promise<Steering["rotated"]> {
  const { request, probes, before } = lab;
  const { base, steeringHook: hook } = request;
  const { behaviour, latentDirections, directions } = must(request.cases[c], "case");
  const whole = at(data.directions, hook).mean;
  const vector = scaledTo(data.adjacent.get(behaviour.id) ?? whole, whole);
  const { basis } = at(directions, hook);
  const turned = rotatedAway(vector, latentDirections ? strongest(latentDirections, vector.length) : basis);
  if (!turned) return null;
  const probe = [must(probes[c], "probe")];
  const start = must(before[c], "case");
  const effectOf = async (v: Vector) =>
    difference(must((await askAll(request, steered(base, hook, v, 1), probe))[0], "answers"), start);
  const [straight, away] = [await effectOf(vector), await effectOf(turned)];
  const lost = difference(straight, away);
  return { delta: mean(away), difference: mean(lost), interval: meanInterval(lost) };
}

/** Principal directions of T_b that the rotation test takes out (SCIENCE §6). */
const ROTATION_RANK = 4;

function strongest(rows: Vector, width: number): Vector {
  return principalDirections(rows, width, ROTATION_RANK, { centred: false }).rows;
}

function scaledTo(vector: Vector, like: Vector): Float64Array {
  const size = norm(vector);
  const factor = size === 0 ? 0 : norm(like) / size;
  return Float64Array.from(vector, (value) => factor * value);
}

function at(directions: readonly Directions[], hook: HookName): Directions {
  return must(
    directions.find((each) => each.hook === hook),
    `directions at ${hook}`,
  );
}

function dataCosine({ data, cases, steeringHook }: MechanismRequest, c: number): number | null {
  if (!data) return null;
  return cosine(at(data.directions, steeringHook).mean, at(must(cases[c], "case").directions, steeringHook).mean);
}

function difference(a: readonly number[], b: readonly number[]): number[] {
  return a.map((value, i) => value - must(b[i], "pair"));
}

function scoreDifference(a: readonly number[], b: readonly number[]): number[] {
  return difference(a.map(pairScore), b.map(pairScore));
}

/** `[tokens, dModel]` per hook: what the base computes on neutral text, whose covariance the second null has. */
async function activationSamples({ base, neutral, signal }: MechanismRequest, like: readonly Subspace[]) {
  const parts = like.map((): Float32Array[] => []);
  await base.activations(
    neutral.map((ids) => ({ ids, positions: [...ids.keys()].slice(1) })),
    like.map(({ hook }) => hook),
    ({ rows }) => {
      for (const [h, values] of rows.entries()) must(parts[h], "hook").push(values.slice());
    },
    signal ? { signal } : {},
  );
  return parts.map(concatRows);
}
