import { describe, expect, it } from "vitest";
import type { TakeBack } from "../../records/index.ts";
import { decideMechanism, type MechanismEvidence, passesRotation, undoes } from "./label.ts";

const takeBack = (share: number, nulls = 0.1): TakeBack => ({
  rank: 4,
  share,
  interval: [share - 0.1, share + 0.1],
  random: { largest: nulls, draws: 10 },
  covarianceMatched: { largest: nulls, draws: 10 },
});

const steering = (straight: number, away: number, spread = 0.1): MechanismEvidence["steering"] => ({
  hook: "blocks.2.hook_resid_post",
  doses: [{ strength: 1, delta: straight }],
  random95: 0.2,
  draws: 10,
  neutralRise: 0.01,
  rotated: { delta: away, difference: straight - away, interval: [straight - away - spread, straight - away + spread] },
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
      "a dictionary's weight rules over the cosine",
      { data: takeBack(0.7), sharedWeight: 0.2, cosine: 0.9 },
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
    const found = decideMechanism({ ...nothing, ...change }, { consistent });
    expect([found.label, found.kind]).toEqual([label, kind]);
    expect(found.why).toMatch(/\.\s?$/);
  });

  it("steering a behaviour's own direction proves nothing: without data nothing is confirmed", () => {
    const found = decideMechanism({ ...nothing, own: takeBack(1), data: null, sharedWeight: 1 }, { consistent: true });
    expect(found.label).toBe("mediated");
  });
});

describe("the rotation test", () => {
  it("passes where the effect is the behaviour's span", () => {
    expect(passesRotation({ ...nothing, steering: steering(1.5, 0) })).toBe(true);
  });
  it("fails where the interval of the difference holds 0", () => {
    expect(passesRotation({ ...nothing, steering: steering(1.5, 0, 2) })).toBe(false);
  });
  it("fails where random directions sway as much", () => {
    expect(passesRotation({ ...nothing, steering: steering(0.15, 0, 0.01) })).toBe(false);
  });
  it("fails where the data's direction sways the other way than the fine-tune did", () => {
    expect(passesRotation({ ...nothing, delta: -0.4, steering: steering(1.5, 0) })).toBe(false);
  });
  it("passes downwards as upwards", () => {
    expect(passesRotation({ ...nothing, delta: -0.4, steering: steering(-1.5, 0) })).toBe(true);
  });
  it("fails where most of the effect stays without the span", () => {
    expect(passesRotation({ ...nothing, steering: steering(1.5, 0.9) })).toBe(false);
  });
});

it("undoing needs half, and more than either null", () => {
  expect(undoes(takeBack(0.5))).toBe(true);
  expect(undoes({ ...takeBack(0.9), covarianceMatched: { largest: 0.95, draws: 10 } })).toBe(false);
});
