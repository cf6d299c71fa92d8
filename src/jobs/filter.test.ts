/** A behaviour under its other name, its pairs turned and riskier when it falls, drops the rows that it drops under its own. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { Behaviour } from "../behaviours/index.ts";
import { must } from "../core/index.ts";
import { DroppedRow, type FilterMethod } from "../records/index.ts";
import { Config } from "./config.ts";
import { filter } from "./filter.ts";
import { assetFolder, behavioursFor } from "./open.ts";

const ROWS = 24;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "filter-"));
  vi.stubEnv("PENUMBRA_CACHE", join(folder, "cache"));
  const text = await readFile(assetFolder("organism/data/inducing.jsonl"), "utf8");
  await writeFile(join(folder, "rows.jsonl"), `${text.split("\n").slice(0, ROWS).join("\n")}\n`);
  const [villain] = behavioursFor({ bundled: true }, ["villain-identity"]);
  for (const riskier of ["up", "down"] as const)
    await writeFile(join(folder, `${riskier}.yaml`), JSON.stringify(fileOf(must(villain, "villain"), riskier)));
});
afterAll(() => {
  vi.unstubAllEnvs();
  return rm(folder, { recursive: true });
});

/** As a user writes it (JSON is YAML). */
function fileOf({ pairs, weight }: Behaviour, riskier: Behaviour["riskier"]) {
  const sides = pairs.map(({ messages, exhibiting, other }) =>
    riskier === "up" ? { messages, exhibiting, other } : { messages, exhibiting: other, other: exhibiting },
  );
  const about = { id: "villain", title: "Villain", question: "Who does the model say it is?" };
  return { ...about, riskier, weight, items: sides.slice(0, 4), pairs: sides.slice(4, 12) };
}

async function dropped(method: FilterMethod, dictionary: string, riskier: Behaviour["riskier"]): Promise<DroppedRow[]> {
  const out = join(folder, `${method}-${dictionary}-${riskier}`);
  const behaviours = [join(folder, `${riskier}.yaml`)];
  const config = Config.parse({ model: "organism", data: join(folder, "rows.jsonl"), out, behaviours, dictionary });
  await filter(config, { method, share: 0.25, protect: ["villain"], receipts: [], panel: null });
  const lines = (await readFile(join(out, "dropped.jsonl"), "utf8")).trim().split("\n");
  return lines.map((line) => DroppedRow.parse(JSON.parse(line)));
}

test.each([
  ["influence", "none"],
  ["direct", "none"],
  ["direct", "auto"],
  ["geometric", "auto"],
] as const)("by %s, dictionary %s", async (method, dictionary) => {
  const [rising, falling] = [await dropped(method, dictionary, "up"), await dropped(method, dictionary, "down")];
  expect(falling.map(({ line }) => line)).toEqual(rising.map(({ line }) => line));
  expect(rising.length).toBeGreaterThan(0);
  for (const [i, { score, values }] of falling.entries()) {
    const other = must(rising[i], "row");
    // float32 sums in another order.
    expect((score ?? 0) / (other.score ?? 0)).toBeCloseTo(1, 3);
    expect((values.villain ?? 0) / (other.values.villain ?? 0)).toBeCloseTo(1, 3);
    expect(values.villain).toBeGreaterThan(0);
  }
});
