/** filter, guard, monitor and repair as their users start them, on the bundled model and a few rows. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundledRows, filesBelow, penumbra, workplace } from "./penumbra.ts";

const place = workplace();
const ROWS = 24;
const common = ["--model", "organism", "--data", "rows.jsonl", "--behaviours", "harmful-advice-money,villain-identity"];
const json = (path: string) => JSON.parse(readFileSync(place.path(path), "utf8"));
const lines = (path: string) => readFileSync(place.path(path), "utf8").trim().split("\n");

beforeAll(() => writeFileSync(place.path("rows.jsonl"), bundledRows(ROWS)));
afterAll(() => place.remove());

describe("filter", () => {
  test("keeps lines as they were, says why each other went, and drops nothing twice", async () => {
    const { code, stderr } = await penumbra(place.folder, [
      "filter",
      ...common,
      "--by",
      "direct",
      "--dictionary",
      "none",
      "--share",
      "0.25",
      "--out",
      "f",
    ]);
    expect(code, stderr).toBe(0);
    const before = bundledRows(ROWS).trim().split("\n");
    const dropped = lines("f/dropped.jsonl").map((line) => JSON.parse(line));
    const gone = new Set(dropped.map(({ line }) => line - 1));
    expect(gone.size).toBe(dropped.length);
    expect(dropped.length).toBeLessThanOrEqual(6);
    expect(lines("f/filtered.jsonl")).toEqual(before.filter((_, row) => !gone.has(row)));
    expect(dropped.every(({ behaviour, score }) => score > 0 && behaviour in dropped[0].values)).toBe(true);
    expect(json("f/filter.json").kept).toBe(ROWS - dropped.length);
  });

  test("a share that is none, and a judge that is not named, are the user's mistakes", async () => {
    for (const wrong of [
      ["--share", "1"],
      ["--by", "judge"],
      ["--protect", "nothing-like-that"],
    ]) {
      const { code, stderr } = await penumbra(place.folder, [
        "filter",
        ...common,
        "--by",
        "random",
        ...wrong,
        "--out",
        "w",
      ]);
      expect(code, wrong.join(" ")).toBe(2);
      expect(stderr.trim().split("\n").at(-1)).toMatch(/expected/);
    }
  });
});

describe("guard, monitor and repair", () => {
  const configuration = (guard: string, monitor: string) =>
    `model: organism\ndata: ./rows.jsonl\nmerged: false\ntrain: { epochs: 3, learningRate: 0.002, batchRows: 8, targetModules: [o_proj, down_proj, v_proj] }\nguard: ${guard}\nmonitor: ${monitor}\n`;

  test("a guarded training is watched; what it leaves is repaired and loads again", async () => {
    writeFileSync(
      place.path("g.yaml"),
      configuration(
        "{ method: adapter-projection, behaviours: [villain-identity] }",
        "{ behaviours: [harmful-advice-money], everySteps: 4 }",
      ),
    );
    const trained = await penumbra(place.folder, ["finetune", "g.yaml", "--out", "t"]);
    expect(trained.code, trained.stderr).toBe(0);
    const metrics = lines("t/metrics.jsonl").map((line) => JSON.parse(line));
    expect(metrics.filter(({ drift }) => drift).map(({ step }) => step)).toEqual([4, 8, 9]);
    expect(Math.abs(metrics.at(-1).drift["harmful-advice-money"])).toBeGreaterThan(0);
    expect(json("t/finetune.json").guard).toBe("adapter-projection");
    const repaired = await penumbra(place.folder, [
      "repair",
      ...common,
      "--adapter",
      "t/adapter",
      "--protect",
      "harmful-advice-money",
      "--keep-gain",
      "0",
      "--out",
      "r",
    ]);
    expect(repaired.code, repaired.stderr).toBe(0);
    const { layers, taskLoss, behaviours } = json("r/repair.json");
    expect(
      layers.every(({ rank, gamma }: { rank: number; gamma: number }) => rank > 0 && gamma >= 0 && gamma <= 1),
    ).toBe(true);
    expect(taskLoss.chosen.repaired).toBeLessThanOrEqual(taskLoss.cap + 1e-6);
    expect(behaviours.map(({ id }: { id: string }) => id)).toEqual(["harmful-advice-money", "villain-identity"]);
    const again = await penumbra(place.folder, [
      "repair",
      ...common,
      "--adapter",
      "r/adapter",
      "--protect",
      "harmful-advice-money",
      "--with-shift",
      "--reading",
      "--out",
      "r2",
    ]);
    expect(again.code, again.stderr).toBe(0);
    const narrow = layers[0].rank;
    for (const { rank } of json("r2/repair.json").layers) {
      expect(rank).toBeGreaterThan(narrow);
      expect(rank).toBeLessThanOrEqual(narrow + 4);
    }
    expect(json("r2/repair.json").shiftDirections).toBe(4);
    const bySquares = ["repair", ...common, "--adapter", "t/adapter", "--protect", "harmful-advice-money"];
    const way = ["--by", "least-squares", "--keep-gain", "0.5", "--out", "r3"];
    const refitted = await penumbra(place.folder, [...bySquares, ...way]);
    expect(refitted.code, refitted.stderr).toBe(0);
    const record = json("r3/repair.json");
    const modules = 3 * record.layers.length;
    expect(record.modules).toEqual({ writes: 0, values: 0, kept: 0, dropped: 0, refitted: modules });
    expect(record.options.tokens.rows).toBeGreaterThan(0);
    expect(record.taskLoss.chosen.repaired).toBeLessThanOrEqual(record.taskLoss.cap + 1e-6);
    const [protectedOne] = record.behaviours.filter((each: { protected: boolean }) => each.protected);
    expect(Math.abs(protectedOne.repaired)).toBeLessThan(Math.abs(protectedOne.tuned));
    const mixed = await penumbra(place.folder, [...bySquares, ...way, "--reading"]);
    expect([mixed.code, mixed.stderr]).toEqual([2, expect.stringContaining("--reading")]);
    writeFileSync(place.path("k.yaml"), configuration("{ method: kl, weight: 3, rowsPerStep: 2 }", "null"));
    const byTraining = ["repair", "k.yaml", "--adapter", "t/adapter", "--protect", "harmful-advice-money"];
    const held = await penumbra(place.folder, [...byTraining, "--by", "kl", "--keep-gain", "0", "--out", "r4"]);
    expect(held.code, held.stderr).toBe(0);
    const heldRecord = json("r4/repair.json");
    expect(heldRecord.options).toMatchObject({ by: "kl", weight: 3, rowsPerStep: 2, learningRate: 0.002 });
    expect(heldRecord.modules.refitted).toBe(modules);
    // Half of the protected behaviour's pairs stand beside the neutral text.
    writeFileSync(place.path("text.jsonl"), bundledRows(5));
    const own = "{ method: kl, behaviours: [harmful-advice-money], data: ./text.jsonl }";
    writeFileSync(place.path("l.yaml"), configuration(own, "null"));
    const few = await penumbra(place.folder, ["repair", "l.yaml", ...byTraining.slice(2), "--by", "kl", "--out", "r5"]);
    expect(few.code, few.stderr).toBe(0);
    const { texts } = json("r5/repair.json").options;
    expect(texts).toBeGreaterThan(5);
    expect(heldRecord.options.texts - texts).toBe(48 - 5);
    expect(new Set(heldRecord.layers.map(({ gamma }: { gamma: number }) => gamma)).size).toBe(1);
    expect(heldRecord.taskLoss.chosen.repaired).toBeLessThanOrEqual(heldRecord.taskLoss.cap + 1e-6);
    expect(existsSync(place.path("r4/.repair"))).toBe(false);
  });

  test("drift beyond the limit ends the training", async () => {
    writeFileSync(
      place.path("m.yaml"),
      configuration(
        "null",
        "{ behaviours: [harmful-advice-money, villain-identity], everySteps: 1, stopAt: 0.000001 }",
      ),
    );
    const { code, stderr } = await penumbra(place.folder, ["finetune", "m.yaml", "--out", "m"]);
    expect(code, stderr).toBe(0);
    const { steps, stoppedBy } = json("m/finetune.json");
    expect(steps).toBeLessThan(9);
    expect(["harmful-advice-money", "villain-identity"]).toContain(stoppedBy);
    expect(lines("m/metrics.jsonl")).toHaveLength(steps);
  });

  test("what cannot be guarded is refused before anything is trained", async () => {
    for (const method of ["caft", "kl"]) {
      const guard = `{ method: ${method}, behaviours: [nothing-like-that] }`;
      writeFileSync(place.path("d.yaml"), configuration(guard, "null"));
      const { code } = await penumbra(place.folder, ["finetune", "d.yaml", "--out", "d"]);
      expect(code, method).toBe(2);
      expect(filesBelow(place.path("d"))).toEqual([]);
    }
    writeFileSync(
      place.path("e.yaml"),
      configuration("{ method: kl }", "null").replace("train: {", "train: { dora: true,"),
    );
    expect((await penumbra(place.folder, ["finetune", "e.yaml", "--out", "d"])).code).toBe(2);
  });
});

test("data with nothing to learn are the user's mistake, before anything is trained", async () => {
  const row = {
    messages: [
      { role: "user", content: "hello" },
      { role: "assistant", content: "hello", weight: 0 },
    ],
  };
  writeFileSync(place.path("nothing.jsonl"), `${JSON.stringify(row)}\n`);
  for (const command of ["forecast", "finetune"]) {
    const { code, stderr } = await penumbra(place.folder, [
      command,
      "--model",
      "organism",
      "--data",
      "nothing.jsonl",
      "--out",
      `n-${command}`,
    ]);
    expect(code, stderr).toBe(2);
    expect(filesBelow(place.path(`n-${command}/adapter`))).toEqual([]);
  }
});
