/** Whatever stands in a dictionary's files: it is read, or refused in one line; nothing else happens. */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { dictionaryFixtures } from "../../../test/dictionary-fixtures.ts";
import { UserError } from "../../core/index.ts";
import { loadCoder } from "../coders/load.ts";
import { openCoders } from "./index.ts";

const scratch = mkdtempSync(join(tmpdir(), "penumbra-hostile-"));
afterAll(() => rmSync(scratch, { recursive: true }));

async function outcome(folder: string): Promise<unknown> {
  try {
    const hook = folder.includes("batchtopk-crosscoder") ? { hook: "blocks.13.hook_resid_post" as const } : {};
    for (const coder of (await openCoders(folder, hook)).coders) await loadCoder(coder);
    return null;
  } catch (error) {
    return error;
  }
}

function copyOf(fixture: string): string {
  // The path itself says what a Gemma Scope 1 dictionary is.
  const target = join(mkdtempSync(join(scratch, "case-")), fixture);
  cpSync(join(dictionaryFixtures, fixture), target, { recursive: true });
  return target;
}

const examples = [
  "sae-lens/gated",
  "sae-lens/legacy-topk",
  "gemma-scope-2/transcoder/layer_2_width_16k_l0_small_affine",
  "gemma-scope-2/clt/width_262k_l0_big",
  "gemma-scope/gemma-scope-2b-pt-res/layer_2/width_16k/average_l0_3",
  "sparsify/skip/layers.2.mlp",
  "dictionary_learning/BatchTopKSAE",
  "circuit-tracer/clt-jumprelu",
  "crosscoder/batchtopk-crosscoder",
];

describe.each(examples)("%s", (fixture) => {
  test("with any byte changed or its end cut off is refused or read", async () => {
    const folder = copyOf(fixture);
    const files = readdirSync(folder).filter((name) => name !== "expected.safetensors");
    const contents = new Map(files.map((name) => [name, readFileSync(join(folder, name))]));
    const change = fc.record({
      file: fc.constantFrom(...files),
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      byte: fc.integer({ min: 0, max: 255 }),
      cut: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(change, async ({ file, at, byte, cut }) => {
        const whole = contents.get(file) ?? Buffer.alloc(0);
        const place = Math.min(whole.length - 1, Math.floor(at * whole.length));
        const bytes = Buffer.from(whole);
        bytes[place] = byte;
        writeFileSync(join(folder, file), cut ? bytes.subarray(0, place) : bytes);
        const result = await outcome(folder);
        if (result !== null) expect(result).toBeInstanceOf(UserError);
        writeFileSync(join(folder, file), whole);
      }),
      { numRuns: 80 },
    );
    expect(await outcome(folder)).toBeNull();
  });

  test("with any value in its configuration is refused or read", async () => {
    const folder = copyOf(fixture);
    const file = readdirSync(folder).find((name) => /^(cfg|config)\.json$/.test(name));
    if (file === undefined) return;
    const config = JSON.parse(readFileSync(join(folder, file), "utf8"));
    const value = fc.oneof(fc.jsonValue(), fc.constantFrom(0, -1, 2 ** 53, 1e308, "../../x", "__proto__", null));
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...Object.keys(config)), value, async (key, put) => {
        writeFileSync(join(folder, file), JSON.stringify({ ...config, [key]: put }));
        const result = await outcome(folder);
        if (result !== null) expect(result).toBeInstanceOf(UserError);
      }),
      { numRuns: 60 },
    );
  });
});

describe("messages say what would fit", () => {
  const refused = async (fixture: string, change: (folder: string) => void) => {
    const folder = copyOf(fixture);
    change(folder);
    const error = await outcome(folder);
    expect(error).toBeInstanceOf(UserError);
    return String(error);
  };

  test("an unset threshold, a missing layer, an unknown place, an unknown class", async () => {
    const edit = (folder: string, file: string, from: string, to: string) =>
      writeFileSync(join(folder, file), readFileSync(join(folder, file), "utf8").replaceAll(from, to));
    expect(await refused("circuit-tracer/relu", (folder) => rmSync(join(folder, "config.yaml")))).toMatch(
      /config\.yaml/,
    );
    expect(await refused("circuit-tracer/clt", (folder) => rmSync(join(folder, "W_enc_1.safetensors")))).toMatch(
      /every layer, W_enc_1/,
    );
    expect(
      await refused("gemma-scope-2/resid_post/layer_2_width_16k_l0_small", (folder) =>
        edit(folder, "config.json", "layers.2.output", "layers.2.mlp.gate_proj.output"),
      ),
    ).toMatch(/pre_feedforward_layernorm\.output/);
    expect(
      await refused("dictionary_learning/AutoEncoder", (folder) =>
        edit(folder, "config.json", '"AutoEncoder"', '"GatedAutoEncoder"'),
      ),
    ).toMatch(/decoder_bias/);
    expect(
      await refused("dictionary_learning/AutoEncoder", (folder) =>
        edit(folder, "config.json", '"AutoEncoder"', '"CrossCoder"'),
      ),
    ).toMatch(/MatryoshkaBatchTopKSAE/);
    expect(
      await refused("dictionary_learning/AutoEncoder", (folder) =>
        edit(folder, "config.json", "resid_post_layer_2", "unknown"),
      ),
    ).toMatch(/--hook/);
  });

  test("a Gemma Scope 1 file whose path does not say what it is asks for the place", async () => {
    const folder = copyOf("gemma-scope/gemma-scope-2b-pt-res/layer_2/width_16k/average_l0_3");
    const bare = join(mkdtempSync(join(scratch, "bare-")), "x");
    cpSync(folder, bare, { recursive: true });
    expect(String(await outcome(bare))).toMatch(/--hook blocks/);
    const { coders } = await openCoders(bare, { hook: "blocks.7.hook_resid_post" });
    expect(coders[0]?.groups[0]?.hooks).toEqual(["blocks.7.hook_resid_post"]);
  });

  test("a folder of folders opens in the order of its numbers", async () => {
    const { coders } = await openCoders(join(dictionaryFixtures, "sparsify/topk"));
    expect(coders.map(({ groups }) => groups[0]?.hooks[0])).toEqual([
      "blocks.2.hook_resid_post",
      "blocks.10.hook_resid_post",
    ]);
    expect(basename(String(await outcome(scratch)))).toMatch(/none of these files|no/);
  });
});
