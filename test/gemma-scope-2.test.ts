/**
 * Gemma 3 with Gemma Scope 2's transcoders from end to end, without the real files: a tiny random Gemma 3 and transcoders in
 * the published layout (several kinds of each layer side by side), through `penumbra trace` as a user starts it.
 */
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { must } from "../src/core/index.ts";
import { writeCoders } from "../src/dictionaries/index.ts";
import { AttributionGraphRecord, ERROR, FEATURE } from "../src/records/index.ts";
import { golden, goldenFolder } from "./golden.ts";
import { penumbra, workplace } from "./penumbra.ts";
import { randomTranscoders } from "./transcoders.ts";

const place = workplace();
const KINDS = ["width_16k_l0_small", "width_16k_l0_small_affine", "width_16k_l0_big"];

beforeAll(async () => {
  const model = place.path("gemma-3-tiny");
  mkdirSync(model);
  for (const file of ["config.json", "model.safetensors"])
    copyFileSync(join(goldenFolder("gemma3"), file), join(model, file));
  const { source } = await golden("gemma3");
  const { dVocab } = source.definition.dimensions;
  const words = Object.fromEntries(Array.from({ length: dVocab }, (_, id) => [`w${id}`, id]));
  writeJson(join(model, "tokenizer.json"), {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: { type: "WhitespaceSplit" },
    post_processor: null,
    decoder: null,
    model: { type: "WordLevel", vocab: words, unk_token: "w0" },
  });
  writeJson(join(model, "tokenizer_config.json"), {
    bos_token: "w2",
    eos_token: "w1",
    pad_token: "w0",
    unk_token: "w0",
  });
  for (const [seed, kind] of KINDS.entries()) {
    const coders = randomTranscoders(source.definition, {
      kind: kind.endsWith("affine") ? "skip_transcoder" : "transcoder",
      activation: "jumprelu",
      seed,
    });
    for (const [layer, coder] of coders.entries()) {
      const folder = join(place.path("gemma-scope-2-270m-pt"), "transcoder_all", `layer_${layer}_${kind}`);
      await writeCoders("gemma-scope-2", folder, [{ ...coder, modelName: "google/gemma-3-270m" }]);
    }
  }
});
afterAll(() => place.remove());

function writeJson(file: string, value: unknown): void {
  writeFileSync(file, JSON.stringify(value));
}

const all = "gemma-scope-2-270m-pt/transcoder_all";
const trace = (dictionary: string, ...more: string[]) =>
  penumbra(place.folder, [
    "trace",
    "gemma-3-tiny",
    "--prompt",
    "w2 w17 w40 w8 w63",
    "--dictionary",
    dictionary,
    ...more,
  ]);

test.each(KINDS)("one kind of the published folder is traced from files to page: %s", async (kind) => {
  const { code, stdout } = await trace(`${all}/${kind}`, "--out", kind, "--node-share", "1");
  expect(code).toBe(0);
  expect(stdout).toContain("replacement score");
  const record = AttributionGraphRecord.parse(JSON.parse(readFileSync(place.path(`${kind}/graph.json`), "utf8")));
  const kinds = new Set(record.nodes.map(({ feature_type }) => feature_type));
  for (const type of [FEATURE, ERROR]) expect(kinds).toContain(type);
  expect(record.penumbra?.activeFeatures).toBeGreaterThan(50);
  // Position 0 holds BOS, where nothing is read.
  for (const { feature_type, ctx_idx } of record.nodes)
    if (feature_type === FEATURE) expect(ctx_idx).toBeGreaterThan(0);
  expect(readFileSync(place.path(`${kind}/graph.html`), "utf8")).toContain(
    must(record.metadata.prompt_tokens[1], "token"),
  );
});

test("all kinds at once, a layer that is missing: refused with the way out, or taken as error", async () => {
  const together = await trace(all);
  expect(together.code).toBe(2);
  expect(together.stderr).toContain(
    "got 3 for layer 0; fix: name one kind of them, as in transcoder_all/width_16k_l0_small",
  );
  rmSync(join(place.path(all), "layer_3_width_16k_l0_big"), { recursive: true });
  const missing = await trace(`${all}/width_16k_l0_big`);
  expect(missing.code).toBe(2);
  expect(missing.stderr).toContain("got layers 0, 1, 2, 4, 5, 6");
  const partial = await trace(`${all}/width_16k_l0_big`, "--partial", "--json");
  expect(partial.code).toBe(0);
  const { nodes } = AttributionGraphRecord.parse(JSON.parse(partial.stdout));
  const layers = nodes.filter(({ feature_type }) => feature_type === FEATURE).map(({ layer }) => layer);
  expect(layers).not.toContain("3");
});
