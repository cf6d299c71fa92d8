import { describe, expect, it } from "vitest";
import type { TakeBack } from "../../records/index.ts";
import { decideMechanism, type MechanismEvidence, rotationFaults, undoes } from "./label.ts";

const takeBack = (share: number, nulls = 0.1): TakeBack => ({
  rank: 4,
  share,
  interval: [share - 0.1, share + 0.1],
  random: { largest: nulls, draws: 10 },
  covarianceMatched: { largest: nulls, draws: 10 },
});

type Steering = NonNullable<MechanismEvidence["steering"]>;

/** A direction that sways by `straight` a strength, and by `away` without the behaviour's span. */
const steering = (
  straight: number,
  away: number,
  spread = 0.1,
  change: Partial<Steering["rotated"]> = {},
): Steering => ({
  hook: "blocks.2.hook_resid_post",
  // Of the whole direction, which the label does not rest on.
  doses: [{ strength: 1, delta: 0 }],
  random: { largest: 0.2, draws: 19 },
  neutralRise: 0.5,
  rotated: {
    doses: [-1, 1, 2].map((strength) => ({ strength, delta: strength * straight })),
    neutralRise: 0.01,
    delta: away,
    difference: straight - away,
    interval: [straight - away - spread, straight - away + spread],
    ...change,
  },
});

const nothing: MechanismEvidence = {
  delta: 0.4,
  deltaLogOdds: 2,
  pairs: 8,
  own: takeBack(0.1),
  data: takeBack(0.1),
  cosine: 0,
  sharedWeight: 0,
  steering: null,
};

const alike = { consistent: true, measured: 0.5 };

describe("the four labels", () => {
  it.each([
    ["no intervention, no geometry", {}, false, "unexplained", null],
    ["geometry alone", {}, true, "consistent", null],
    ["own directions undo half", { own: takeBack(0.5) }, false, "mediated", null],
    ["own directions undo just under half", { own: takeBack(0.49) }, false, "unexplained", null],
    ["a null undoes as much", { own: takeBack(0.6, 0.6) }, false, "unexplained", null],
    ["data undo half, one feature by weight", { data: takeBack(0.7), sharedWeight: 0.5 }, true, "confirmed", "shared"],
    [
      "data undo half, no dictionary, cosine of one half",
      { data: takeBack(0.7), sharedWeight: null, cosine: -0.5 },
      false,
      "confirmed",
      "shared",
    ],
    [
      "a dictionary that splits the feature does not speak against a cosine",
      { data: takeBack(0.7), sharedWeight: 0.05, cosine: 0.6 },
      true,
      "confirmed",
      "shared",
    ],
    [
      "neither weight nor cosine, no rotation test",
      { data: takeBack(0.7), sharedWeight: 0.2, cosine: 0.4 },
      false,
      "unexplained",
      null,
    ],
    [
      "data undo half, rotation test passed",
      { data: takeBack(0.7), sharedWeight: 0.1, steering: steering(1.5, 0.1) },
      false,
      "confirmed",
      "adjacent",
    ],
    [
      "data undo half, rotation test failed, own undo half",
      { own: takeBack(0.8), data: takeBack(0.7), sharedWeight: 0.1, steering: steering(1.5, 1.4) },
      false,
      "mediated",
      null,
    ],
    ["nothing shows on the pairs", { own: null, data: null }, true, "consistent", null],
    ["nothing shows on the pairs, no geometry", { own: null, data: null }, false, "unexplained", null],
  ] as const)("%s", (_, change, consistent, label, kind) => {
    const found = decideMechanism({ ...nothing, ...change }, { consistent, measured: 0.5 });
    expect([found.label, found.kind]).toEqual([label, kind]);
    expect(found.why).toMatch(/\.\s?$/);
  });

  it("one feature is claimed where the latents are the same, and not for a cosine", () => {
    const why = (change: Partial<MechanismEvidence>) =>
      decideMechanism({ ...nothing, data: takeBack(0.7), ...change }, alike).why;
    expect(why({ sharedWeight: 0.5, cosine: 0.9 })).toContain("the same latents serve both");
    for (const sharedWeight of [0.043, null]) {
      const found = why({ sharedWeight, cosine: 0.62 });
      expect(found).toContain("overlap (cosine 0.62); that one feature serves both is not shown");
      expect(found).not.toMatch(/own latents|: one feature/);
    }
    const mediated = why({ own: takeBack(0.8), sharedWeight: 0.2, cosine: 0.4 });
    expect(mediated).toContain("The data's directions undo 70% too");
    expect(mediated).not.toContain("share no feature");
  });

  it("steering a behaviour's own direction proves nothing: without data nothing is confirmed", () => {
    const found = decideMechanism({ ...nothing, own: takeBack(1), data: null, sharedWeight: 1 }, alike);
    expect(found.label).toBe("mediated");
  });
});

describe("pairs that moved the other way than the items did", () => {
  const strong = { ...nothing, own: takeBack(0.9), data: takeBack(0.8), sharedWeight: 0.6 };

  it("explain nothing, whatever is undone of their shift", () => {
    expect(decideMechanism(strong, alike).label).toBe("confirmed");
    const found = decideMechanism(strong, { consistent: true, measured: -0.12 });
    expect([found.label, found.kind]).toEqual(["unexplained", null]);
    expect(found.why).toContain("moved by +40.0 points, on the behaviour's items by −12.0");
  });

  it("nor where they show no shift of their own", () => {
    const still = { ...nothing, delta: -0.01, own: null, data: null };
    expect(decideMechanism(still, alike).label).toBe("unexplained");
    expect(decideMechanism(still, { ...alike, measured: -0.5 }).label).toBe("consistent");
  });

  it("where nobody measured the items, the pairs stand alone", () => {
    expect(decideMechanism(strong, { consistent: true, measured: null }).label).toBe("confirmed");
  });
});

describe("the rotation test", () => {
  const faults = (steered: Steering, delta = 0.4) => rotationFaults({ ...nothing, delta, steering: steered });
  const doses = (...deltas: readonly [number, number, number]) => ({
    doses: [-1, 1, 2].map((strength, i) => ({ strength, delta: deltas[i] ?? Number.NaN })),
  });

  it("passes where the effect is the behaviour's span, downwards as upwards", () => {
    expect(faults(steering(1.5, 0))).toEqual([]);
    expect(faults(steering(-1.5, 0), -0.4)).toEqual([]);
  });

  it.each([
    ["the interval of the difference holds 0", steering(1.5, 0, 2), "keeps its sway without the behaviour's span"],
    ["most of the effect stays without the span", steering(1.5, 0.9), "keeps its sway without the behaviour's span"],
    ["random directions sway as much", steering(0.15, 0, 0.01), "sways the behaviour no more than random directions"],
    [
      "turned round it sways the same way",
      steering(1.5, 0, 0.1, doses(0.3, 1.5, 3)),
      "does not sway the behaviour the other way when turned round",
    ],
    [
      "twice as much sways no more",
      steering(1.5, 0, 0.1, doses(-1.5, 1.5, 1.4)),
      "sways the behaviour no more at twice the strength",
    ],
    ["neutral text suffers", steering(1.5, 0, 0.1, { neutralRise: 0.021 }), "raises the loss on neutral text by 2.1%"],
  ] as const)("fails where %s, and then nothing is adjacent", (_, steered, fault) => {
    expect(faults(steered)).toEqual([fault]);
    const evidence = { ...nothing, own: takeBack(0.8), data: takeBack(0.7), sharedWeight: 0.1 };
    const passed = decideMechanism({ ...evidence, steering: steering(1.5, 0) }, alike);
    expect([passed.label, passed.kind]).toEqual(["confirmed", "adjacent"]);
    const found = decideMechanism({ ...evidence, steering: steered }, alike);
    expect([found.label, found.kind]).toEqual(["mediated", null]);
    expect(found.why).toContain(fault);
  });

  it("fails where the data's direction sways the other way than the fine-tune did", () => {
    expect(faults(steering(1.5, 0), -0.4)).toContain("does not sway the behaviour the other way when turned round");
  });

  it("fails where a strength was not measured, and where it was not run", () => {
    expect(faults(steering(1.5, 0, 0.1, { doses: [{ strength: 1, delta: 1.5 }] }))).toHaveLength(2);
    expect(rotationFaults({ ...nothing, steering: { ...steering(1, 0), rotated: null } })).toHaveLength(1);
  });
});

it("undoing needs half, and more than either null", () => {
  expect(undoes(takeBack(0.5))).toBe(true);
  expect(undoes({ ...takeBack(0.9), covarianceMatched: { largest: 0.95, draws: 10 } })).toBe(false);
});
