/** Two behaviours of a random model, one whose answers are single tokens: what is drawn for each, and that they do not meddle. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { golden, goldenAdapter } from "../../../test/golden.ts";
import { wordSequences, wordTokenizer } from "../../../test/language.ts";
import type { Behaviour, ContrastPair } from "../../behaviours/index.ts";
import { mean, must, rng } from "../../core/index.ts";
import { type Engine, type LanguageModel, languageModel, startEngine } from "../../engine/index.ts";
import type { Mechanism } from "../../records/index.ts";
import { behaviourDirections, pairedDirections, residualHooks } from "../directions.ts";
import { pairLogOdds, pairScore, probeOf } from "../pair-log-odds.ts";
import { mechanisms } from "./mechanism.ts";
import { DEFAULTS, type MechanismCase, type MechanismRequest } from "./request.ts";
import { randomLike, steered } from "./steering.ts";
import { directionsAt } from "./subspaces.ts";

const SETTINGS = { subspaces: 2, directions: 3 };

let engine: Engine;
let request: MechanismRequest;
/** Ranks at the hook points, such as `1,1`, of each model whose shift was taken back, in their order. */
const taken: string[] = [];

beforeAll(async () => {
  engine = startEngine({ threads: 1 });
  request = await requestOf(engine);
});
afterAll(() => engine.close());

async function requestOf(engine: Engine): Promise<MechanismRequest> {
  const { source } = await golden("llama-tied");
  const words = wordTokenizer(source.definition.dimensions.dVocab);
  const tokenizer: typeof words = {
    ...words,
    encodeChat: (messages) => words.encode(must(messages[0], "message").content),
  };
  const base = languageModel({ engine, source, tokenizer, adapterRank: 4 });
  const tuned = await base.withAdapter({ ...(await goldenAdapter("llama-tied")), scale: 1 });
  const hooks = residualHooks(base);
  const caseOf = async (id: string, tokens: number): Promise<MechanismCase> => {
    const behaviour = await behaviourRaised(base, tuned, id, tokens);
    return {
      behaviour,
      directions: await behaviourDirections(base, behaviour, "select", hooks),
      latentDirections: null,
      sharedWeight: null,
      consistent: false,
      measured: 0.2,
    };
  };
  const answers = (count: number) =>
    wordSequences(base, count, 9).map(({ ids }) => ({ ids, positions: [3, 4, 5, 6, 7, 8, 9] }));
  return {
    base,
    tuned: recording(tuned),
    cases: [await caseOf("yes-or-no", 1), await caseOf("sentences", 7)],
    data: {
      directions: await pairedDirections(base, answers(4), answers(8).slice(4), hooks),
      adjacent: new Map(),
    },
    steeringHook: must(hooks[0], "hook"),
    neutral: wordSequences(base, 6).map(({ ids }) => ids),
    seed: 3,
    settings: SETTINGS,
  };
}

/** The same model, which notes whose ranks are taken back. */
function recording(model: LanguageModel): LanguageModel {
  const { dModel } = model.source.definition.dimensions;
  const intervene: LanguageModel["intervene"] = (interventions) => {
    taken.push(interventions.map((each) => ("basis" in each ? each.basis.length / dModel : 0)).join());
    return model.intervene(interventions);
  };
  return new Proxy(model, {
    get: (target, key) => {
      if (key === "intervene") return intervene;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

function behaviourOf(id: string, pairs: readonly ContrastPair[]): Behaviour {
  return { id, title: id, question: id, riskier: "up", weight: "sum", items: [], pairs, openPrompts: [] };
}

/** Answers of `tokens` words to prompts of four. */
function candidates({ source }: LanguageModel, tokens: number): ContrastPair[] {
  const { dVocab } = source.definition.dimensions;
  const text = (from: number, length: number) =>
    Array.from({ length }, (_, t) => `w${2 + ((from + 5 * t + t * t) % (dVocab - 2))}`).join(" ");
  return Array.from({ length: 60 }, (_, i) => ({
    messages: [{ role: "user", content: text(3 * i, 4) }],
    exhibiting: text(20 + 7 * i, tokens),
    other: text(90 + 11 * i, tokens),
    half: "check",
  }));
}

/** A random model has no behaviour of its own: the answers that an adapter raises most are made one, two halves of six. */
async function behaviourRaised(base: LanguageModel, tuned: LanguageModel, id: string, tokens: number) {
  const pairs = candidates(base, tokens);
  const probe = probeOf(base, behaviourOf(id, pairs), { half: "check", most: pairs.length });
  const [before, after] = [(await pairLogOdds(base, [probe]))[0], (await pairLogOdds(tuned, [probe]))[0]];
  const raised = pairs.map((pair, i) => {
    const [x, y] = [must(before?.[i], "pair"), must(after?.[i], "pair")];
    return y > x
      ? { pair, by: pairScore(y) - pairScore(x) }
      : { pair: { ...pair, exhibiting: pair.other, other: pair.exhibiting }, by: pairScore(-y) - pairScore(-x) };
  });
  const most = raised.sort((a, b) => b.by - a.by).slice(0, 12);
  return behaviourOf(
    id,
    most.map(({ pair }, i): ContrastPair => ({ ...pair, half: i % 2 === 0 ? "select" : "check" })),
  );
}

/** Float32 sums of other batches differ by about 1e-6 of log-probabilities, of which shares of small shifts are ratios. */
const DIGITS = 3;

function expectAlike(one: unknown, other: unknown, path: string): void {
  if (typeof one === "number" && typeof other === "number") expect(one, path).toBeCloseTo(other, DIGITS);
  else if (typeof one !== "object" || one === null) expect(one, path).toEqual(other);
  else
    for (const [key, value] of Object.entries(one))
      expectAlike(value, Reflect.get(Object(other), key), `${path}.${key}`);
}

const analysed = async (change: Partial<MechanismRequest> = {}) => {
  taken.length = 0;
  const found = await mechanisms({ ...request, ...change });
  return (id: string): Mechanism => must(found.get(id), id);
};

it("each take-back is compared with draws of its own ranks, drawn once for all that share them", async () => {
  const of = await analysed();
  expect([of("yes-or-no").own?.rank, of("sentences").own?.rank, of("sentences").data?.rank]).toEqual([1, 4, 4]);
  const { nLayers } = request.base.source.definition.dimensions;
  const count = (rank: number) => taken.filter((each) => each === Array(nLayers).fill(rank).join()).length;
  // Two kinds of null, and what is compared with them: one behaviour's own; the other's own, and the data's for both.
  expect(count(1)).toBe(2 * SETTINGS.subspaces + 1);
  expect(count(4)).toBe(2 * SETTINGS.subspaces + 2);
  expect(taken).toHaveLength(4 * SETTINGS.subspaces + 3);
  const { own, data } = of("yes-or-no");
  expect(own?.random.largest).not.toBeCloseTo(data?.random.largest ?? 0, DIGITS);
  expect(of("sentences").own?.random).toEqual(of("sentences").data?.random);
});

it("says the same of each in any order, and alone", async () => {
  const of = await analysed();
  const turned = await analysed({ cases: [...request.cases].reverse() });
  for (const { behaviour } of request.cases) {
    expectAlike(of(behaviour.id), turned(behaviour.id), behaviour.id);
    const alone = await analysed({ cases: request.cases.filter((each) => each.behaviour === behaviour) });
    expectAlike(of(behaviour.id), alone(behaviour.id), behaviour.id);
  }
});

it("steering must beat the largest of its random directions, nineteen where nobody says how many", async () => {
  const { base, steeringHook, data, seed } = request;
  const { behaviour } = must(request.cases[1], "sentences");
  const probe = probeOf(base, behaviour, { half: "check", most: DEFAULTS.pairs });
  const said = async (model: LanguageModel) => must((await pairLogOdds(model, [probe]))[0], "probe");
  const before = await said(base);
  const { mean: vector } = directionsAt(must(data, "data").directions, steeringHook);
  const effects: number[] = [];
  for (let draw = 0; draw < SETTINGS.directions; draw++) {
    const after = await said(steered(base, steeringHook, randomLike(vector, rng(seed, "steering", draw)), 1));
    effects.push(Math.abs(mean(after.map((value, i) => value - must(before[i], "pair")))));
  }
  const random = (await analysed())("sentences").steering?.random;
  expect(random?.largest).toBeCloseTo(Math.max(...effects), DIGITS);
  expect(random?.draws).toBe(SETTINGS.directions);
  expect(DEFAULTS.directions).toBeGreaterThanOrEqual(19);
});

it("of the direction that the rotation test starts from strengths and price are there", async () => {
  const { steering } = (await analysed())("sentences");
  // Without a dictionary the direction tested is the data's whole one.
  expect(steering?.rotated?.doses).toEqual(steering?.doses);
  expect(steering?.doses.map(({ strength }) => strength)).toEqual([-1, 1, 2]);
  const straight = steering?.rotated?.doses.find(({ strength }) => strength === 1)?.delta ?? 0;
  expect(straight - (steering?.rotated?.delta ?? 0)).toBeCloseTo(steering?.rotated?.difference ?? 0, 9);
});

it("with a dictionary they are of what the data amplify outside the behaviour's latents", async () => {
  const whole = must(request.data, "data");
  const { width } = must(whole.directions[0], "hook");
  const outside = Float64Array.from({ length: width }, (_, i) => (i % 3) - 1);
  const { steering } = (await analysed({ data: { ...whole, adjacent: new Map([["sentences", outside]]) } }))(
    "sentences",
  );
  const alone = (await analysed())("sentences").steering;
  expect(steering?.doses).toEqual(alone?.doses);
  expect(steering?.rotated?.doses).not.toEqual(steering?.doses);
  expect(steering?.rotated?.neutralRise).not.toBeCloseTo(steering?.neutralRise ?? 0, 6);
  expect(steering?.rotated?.doses).toHaveLength(3);
});

it("where the items moved the other way than the pairs, nothing is explained", async () => {
  const cases = request.cases.map((each) => ({ ...each, measured: -0.2 }));
  const of = await analysed({ cases });
  for (const { behaviour } of cases) expect(of(behaviour.id).label).toBe("unexplained");
});

it("a behaviour whose pairs show no shift is not asked of the nulls", async () => {
  const still = await analysed({ tuned: recording(request.base) });
  expect(taken).toEqual([]);
  for (const id of ["yes-or-no", "sentences"]) expect([still(id).own, still(id).data]).toEqual([null, null]);
});

it.each(["with", "without"])("progress counts to its total, %s a shift", async (what) => {
  const steps: [number, number | null][] = [];
  await analysed({
    onProgress: ({ step, total }) => steps.push([step, total]),
    ...(what === "with" ? {} : { tuned: request.base }),
  });
  expect(steps.map(([step]) => step)).toEqual(steps.map((_, i) => i));
  expect(new Set(steps.slice(1).map(([, total]) => total))).toEqual(new Set([steps.length]));
});
