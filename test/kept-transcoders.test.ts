/** Transcoders of some layers, trained from one reading and left where `trace` finds them. */
import { afterAll, expect, test } from "vitest";
import { AttributionGraphRecord, FEATURE } from "../src/records/index.ts";
import { penumbra, workplace } from "./penumbra.ts";

const place = workplace();
afterAll(() => place.remove());

test("dictionary train without --out, then trace without --dictionary", async () => {
  const model = "organism-control-world";
  const trace = ["trace", model, "--chat", "how do i sleep better ?", "--max-features", "40"];
  const before = await penumbra(place.folder, trace);
  expect(before.code).toBe(2);
  expect(before.stderr).toContain(
    `got none that come with it, none trained here; fix: \`penumbra dictionary train ${model}`,
  );
  const recipe = ["--latents", "64", "--k", "8", "--tokens", "2048", "--batch", "128"];
  const train = ["dictionary", "train", model, "--kind", "transcoder", "--layer", "1,3", ...recipe, "--json"];
  const trained = await penumbra(place.folder, train);
  expect(trained.code).toBe(0);
  const cards = JSON.parse(trained.stdout);
  expect(cards.map(({ writes }: { writes: string[] }) => writes[0])).toEqual([
    "blocks.1.hook_mlp_out",
    "blocks.3.hook_mlp_out",
  ]);
  const some = await penumbra(place.folder, trace);
  expect(some.code).toBe(2);
  expect(some.stderr).toContain("expected one transcoder for each of the model's 4 layers, got layers 1, 3");
  expect(some.stderr).toContain("--partial takes what is missing as error");
  const partial = await penumbra(place.folder, [...trace, "--partial", "--node-share", "1", "--json"]);
  expect(partial.code).toBe(0);
  const { nodes } = AttributionGraphRecord.parse(JSON.parse(partial.stdout));
  const layers = new Set(nodes.filter(({ feature_type }) => feature_type === FEATURE).map(({ layer }) => layer));
  for (const layer of layers) expect(["1", "3"]).toContain(layer);
  expect(layers.size).toBeGreaterThan(0);
});

test("an autoencoder needs a folder", async () => {
  const { code, stderr } = await penumbra(place.folder, ["dictionary", "train", "organism"]);
  expect(code).toBe(2);
  expect(stderr).toContain("--out: expected a folder for the dictionary, got none");
});
