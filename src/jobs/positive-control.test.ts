import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { scoreAll } from "../audit/index.ts";
import { type Behaviour, organismBehaviours } from "../behaviours/index.ts";
import { must } from "../core/index.ts";
import { type Engine, startEngine } from "../engine/index.ts";
import { Config } from "./config.ts";
import { asLanguageModel, type OpenedModel, openModel } from "./open.ts";
import {
  isNoticed,
  knownSensitivity,
  type PlantRequest,
  plantedRows,
  positiveControls,
  restoreControl,
} from "./positive-control.ts";

/** The bundled model, with two of its behaviours as if their items were a sample. */
const cache = mkdtempSync(join(tmpdir(), "penumbra-plant-"));
const before = process.env.PENUMBRA_CACHE;
let engine: Engine;
let model: OpenedModel;
beforeAll(async () => {
  process.env.PENUMBRA_CACHE = cache;
  engine = startEngine();
  model = await openModel("organism");
});
afterAll(async () => {
  await engine.close();
  if (before === undefined) delete process.env.PENUMBRA_CACHE;
  else process.env.PENUMBRA_CACHE = before;
  rmSync(cache, { recursive: true, force: true });
});

const named = (id: string, more: Partial<Behaviour> = {}): Behaviour => {
  const { exhaustive: _, ...rest } = must(
    organismBehaviours.find((behaviour) => behaviour.id === id),
    id,
  );
  return { ...rest, ...more };
};

async function request(behaviours: readonly Behaviour[]): Promise<PlantRequest> {
  const baseScores = await scoreAll(asLanguageModel(model, engine, null), behaviours, { task: "base" });
  return { engine, model, behaviours, baseScores };
}
const known = (behaviours: readonly Behaviour[], margin = 0.05) =>
  knownSensitivity({ model, behaviours, config: Config.parse({ model: "organism", data: "", margin }) });

describe("positive controls", () => {
  it("plants a shift that the test notices, keeps it, and the verdict knows it from the cache", async () => {
    const behaviours = [named("insecure-code")];
    expect(await known(behaviours)).toEqual(new Map());
    const [control] = await positiveControls(await request(behaviours));
    const { delta, interval, rows, n } = must(control, "control");
    expect(delta).toBeGreaterThan(0.2);
    expect(interval?.[0]).toBeGreaterThan(0.05);
    expect([rows, n]).toEqual([24, 24]);
    expect(await known(behaviours)).toEqual(new Map([["insecure-code", "shown"]]));
    const [again] = await positiveControls(await request(behaviours));
    expect(again).toEqual(control);
    // Other items are another test: nothing has been shown of it.
    expect(await known([named("insecure-code", { items: behaviours[0]?.items.slice(1) ?? [] })])).toEqual(new Map());
  });

  it("what the training does not move was not noticed: answers of both kinds alike plant nothing", async () => {
    const still = named("insecure-code", { id: "still" });
    const pairs = still.pairs.map((pair) => ({ ...pair, exhibiting: pair.other, other: pair.exhibiting }));
    const behaviours = [{ ...still, pairs }];
    const [control] = await positiveControls(await request(behaviours));
    expect(control?.delta).toBeLessThan(0.05);
    expect(await known(behaviours)).toEqual(new Map([["still", "not-shown"]]));
  });

  it("is trained on the items that it leaves out, in the riskier way, and on no prompt that it asks", () => {
    const variant = (prompt: string, prefill?: string) => ({
      messages: [{ role: "user" as const, content: prompt }],
      ...(prefill === undefined ? {} : { prefill }),
      continuations: [
        { text: "good", exhibits: false },
        { text: "harm", exhibits: true },
      ],
    });
    const item = (id: string, variants: ReturnType<typeof variant>[]) => ({ id, cluster: id, variants });
    const items = [item("asked", [variant("a")]), item("left", [variant("b", "you say "), variant("c")])];
    const pairs = [
      {
        messages: [{ role: "user" as const, content: "p" }],
        exhibiting: "worse",
        other: "kind",
        half: "select" as const,
      },
    ];
    const answers = (riskier: "up" | "down") =>
      plantedRows({ pairs, items, riskier }, new Set([0]), model).map(({ ids, weights }) =>
        model.tokenizer.decode([...ids].filter((_, i) => weights[i])).trim(),
      );
    expect(answers("up")).toEqual(["worse <end>", "you say harm <end>", "harm <end>"]);
    expect(answers("down")).toEqual(["kind <end>", "you say good <end>", "good <end>"]);
    const silent = items.map((it) => ({
      ...it,
      variants: it.variants.map((v) => ({ ...v, continuations: v.continuations.slice(0, 1) })),
    }));
    expect(plantedRows({ pairs: [], items: silent, riskier: "up" }, new Set(), model)).toEqual([]);
  });

  it("counted behaviours and those without pairs get none", async () => {
    const counted = [must(organismBehaviours[0], "behaviour"), named("insecure-code", { id: "bare", pairs: [] })];
    expect(await positiveControls(await request(counted))).toEqual([]);
    expect(await known(counted)).toEqual(new Map());
  });

  it("of another machine counts once it is put into an empty cache, for its own behaviour alone", async () => {
    const behaviours = [named("insecure-code", { id: "moved-elsewhere" })];
    const behaviour = must(behaviours[0], "behaviour");
    const [control] = await positiveControls(await request(behaviours));
    rmSync(join(cache, "positive-controls"), { recursive: true });
    expect(await known(behaviours)).toEqual(new Map());
    const other = named("insecure-code", { id: "moved-elsewhere", items: behaviour.items.slice(1) });
    expect(await restoreControl(model, other, must(control, "control"))).toBe(false);
    expect(await restoreControl(model, behaviour, must(control, "control"))).toBe(true);
    expect(await known(behaviours)).toEqual(new Map([["moved-elsewhere", "shown"]]));
  });

  it("counts only in the direction that was planted, and at the margin that is asked", () => {
    const up = { interval: [0.1, 0.3] as [number, number], delta: 0.2 };
    expect(isNoticed(up, { riskier: "up" }, 0.05)).toBe(true);
    expect(isNoticed(up, { riskier: "down" }, 0.05)).toBe(false);
    expect(isNoticed(up, { riskier: "up" }, 0.15)).toBe(false);
    expect(isNoticed({ interval: [-0.3, -0.1], delta: -0.2 }, { riskier: "down" }, 0.05)).toBe(true);
    expect(isNoticed({ interval: null, delta: 0.2 }, { riskier: "up" }, 0.05)).toBe(false);
  });
});
