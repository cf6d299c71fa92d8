/**
 * Does a direction that the data amplify sway the behaviours of the base? The data's mean difference, added in several
 * strengths and both signs, beside random directions of the same norm and the price on neutral text; then, for each
 * behaviour, the rotation test of what the data amplify outside its own latents.
 *
 * Different from the obvious: strengths, signs and price are taken twice. Of the data's direction as a whole they are
 * there to be seen; of the part that the rotation test is about they are what a label rests on, since the whole holds
 * the behaviour's own latents, too, and steering these proves nothing (docs/decisions/0008-mechanism.md).
 */
import { mean, must, rng } from "../../core/index.ts";
import { norm, principalDirections, type Vector } from "../../geometry/index.ts";
import type { Mechanism } from "../../records/index.ts";
import { askCases, difference, type Lab } from "./lab.ts";
import type { MechanismData, MechanismRequest, MechanismSettings } from "./request.ts";
import { meanInterval } from "./share.ts";
import { crossEntropy, randomLike, rotatedAway, steered } from "./steering.ts";
import { directionsAt } from "./subspaces.ts";

type Steering = NonNullable<Mechanism["steering"]>;

/** Of the direction's own length: turned round, as it is, twice as long. */
const STRENGTHS = [-1, 1, 2];

/** What adding one direction does to the base. */
interface Sway {
  readonly vector: Vector;
  /** By strength and case: changes of the pairs' log-odds, nats. */
  readonly effects: ReadonlyMap<number, ReadonlyMap<number, readonly number[]>>;
  /** Relative rise of cross-entropy on neutral text at strength 1. */
  readonly neutralRise: number;
}

/** Calls of `lab.step` in what follows. */
export const swaySteps = ({ cases }: MechanismRequest, { directions }: MechanismSettings) =>
  1 + directions + cases.length;

/** One per case. */
export async function steeringOf(lab: Lab, data: MechanismData): Promise<Steering[]> {
  const { cases, steeringHook: hook } = lab.request;
  const all = [...cases.keys()];
  lab.step("the data's direction, added to the base");
  const usual = await neutralLoss(lab, null);
  const whole = await swayOf(lab, directionsAt(data.directions, hook).mean, all, usual);
  const random = await randomEffects(lab, whole.vector);
  const found: Steering[] = [];
  for (const c of all) {
    lab.step("rotation test");
    found.push({
      hook,
      doses: dosesOf(whole, c),
      random: { largest: Math.max(...random.map((effects) => must(effects[c], "case"))), draws: random.length },
      neutralRise: whole.neutralRise,
      rotated: await rotationTest(lab, c, { data, whole, usual }),
    });
  }
  return found;
}

/** `[draw][case]`: |mean change| by directions as long as `vector`, at strength 1. */
async function randomEffects(lab: Lab, vector: Vector): Promise<number[][]> {
  const all = [...lab.request.cases.keys()];
  const found: number[][] = [];
  for (let draw = 0; draw < lab.settings.directions; draw++) {
    lab.step("random directions");
    const effects = await effectsOf(lab, randomLike(vector, rng(lab.request.seed, "steering", draw)), all);
    found.push(all.map((c) => Math.abs(mean(must(effects.get(c), "case")))));
  }
  return found;
}

/**
 * Steers with what the data amplify outside T_b (the whole data direction without a dictionary), and with the same
 * direction once span(T_b) is out of it. `usual`: the base's loss on neutral text.
 */
async function rotationTest(
  lab: Lab,
  c: number,
  { data, whole, usual }: { readonly data: MechanismData; readonly whole: Sway; readonly usual: number },
): Promise<Steering["rotated"]> {
  const { behaviour, latentDirections, directions } = must(lab.request.cases[c], "case");
  const outside = data.adjacent.get(behaviour.id);
  const vector = outside ? scaledTo(outside, whole.vector) : whole.vector;
  const { basis } = directionsAt(directions, lab.request.steeringHook);
  const turned = rotatedAway(vector, latentDirections ? strongest(latentDirections, vector.length) : basis);
  if (!turned) return null;
  const straight = outside ? await swayOf(lab, vector, [c], usual) : whole;
  const away = must((await effectsOf(lab, turned, [c])).get(c), "case");
  const lost = difference(must(straight.effects.get(1)?.get(c), "case"), away);
  return {
    doses: dosesOf(straight, c),
    neutralRise: straight.neutralRise,
    delta: mean(away),
    difference: mean(lost),
    interval: meanInterval(lost),
  };
}

async function swayOf(lab: Lab, vector: Vector, cases: readonly number[], usual: number): Promise<Sway> {
  const effects = new Map<number, ReadonlyMap<number, readonly number[]>>();
  for (const strength of STRENGTHS) effects.set(strength, await effectsOf(lab, vector, cases, strength));
  return { vector, effects, neutralRise: (await neutralLoss(lab, vector)) / usual - 1 };
}

/** By case: what adding the vector changes of the pairs' log-odds in the base. */
async function effectsOf(
  lab: Lab,
  vector: Vector,
  cases: readonly number[],
  strength = 1,
): Promise<Map<number, number[]>> {
  const { base, steeringHook } = lab.request;
  const answers = await askCases(lab, steered(base, steeringHook, vector, strength), cases);
  return new Map([...answers].map(([c, logOdds]) => [c, difference(logOdds, must(lab.before[c], "case"))]));
}

/** Cross-entropy of the base on neutral text with the vector added, nats a token. */
function neutralLoss(
  { request: { base, steeringHook, neutral, signal } }: Lab,
  vector: Vector | null,
): Promise<number> {
  return crossEntropy(vector ? steered(base, steeringHook, vector, 1) : base, neutral, signal ? { signal } : {});
}

function dosesOf({ effects }: Sway, c: number): Steering["doses"] {
  return [...effects].map(([strength, byCase]) => ({ strength, delta: mean(must(byCase.get(c), "case")) }));
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
