import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { randomCase, randomRows } from "../../test/dictionaries.ts";
import { golden } from "../../test/golden.ts";
import { UserError } from "../core/index.ts";
import { floatsToBytes, writeSafetensors } from "../data/index.ts";
import { encode } from "./encode.ts";
import { checkFits, openDictionary, writeSaeLens } from "./open.ts";

const folder = mkdtempSync(join(tmpdir(), "penumbra-dictionary-"));
afterAll(() => rmSync(folder, { recursive: true }));

const dictionary = randomCase(6, 10, 3);
const sound = join(folder, "sound");
beforeAll(() => writeSaeLens(sound, dictionary, { modelName: "some-model" }));

/** A copy of the sound folder with another cfg.json. */
function withConfig(name: string, change: (config: Record<string, unknown>) => Record<string, unknown>): string {
  const copy = join(folder, name);
  mkdirSync(copy, { recursive: true });
  const config = JSON.parse(readFileSync(join(sound, "cfg.json"), "utf8"));
  writeFileSync(join(copy, "cfg.json"), JSON.stringify(change(config)));
  writeFileSync(join(copy, "sae_weights.safetensors"), readFileSync(join(sound, "sae_weights.safetensors")));
  return copy;
}

async function faultOf(reading: Promise<unknown>): Promise<string> {
  const error = await reading.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(UserError);
  return (error as UserError).message;
}

describe("SAELens' folder", () => {
  test("write, then read, is the same", async () => {
    const read = await openDictionary(sound);
    expect(read.modelName).toBe("some-model");
    expect(read.dictionary.encoder).toEqual(dictionary.encoder);
    expect(read.dictionary.encoderBias).toEqual(dictionary.encoderBias);
    expect(read.dictionary.decoderBias).toEqual(dictionary.decoderBias);
    expect(read.dictionary).toMatchObject({ hook: dictionary.hook, dModel: 6, nLatents: 10, k: 3 });
    // Rows are scaled to unit norm again: one rounding.
    for (const [i, value] of read.dictionary.decoder.entries())
      expect(Math.abs(value - (dictionary.decoder[i] ?? 0))).toBeLessThan(1e-6);
  });

  test("in half precision it reads as nearly the same, with decoder rows of unit norm", async () => {
    const half = join(folder, "half");
    await writeSaeLens(half, dictionary, { modelName: "m", dtype: "F16" });
    const read = (await openDictionary(half)).dictionary;
    // Half precision: 11 bits.
    for (const [i, value] of read.encoder.entries())
      expect(Math.abs(value - (dictionary.encoder[i] ?? 0))).toBeLessThan(2 ** -10 * Math.max(1, Math.abs(value)));
    for (let i = 0; i < 10; i++)
      expect(read.decoder.subarray(6 * i, 6 * i + 6).reduce((sum, v) => sum + v * v, 0)).toBeCloseTo(1, 6);
  });

  test("decoder norms that are not 1 are folded where the file says that latents compete by them", async () => {
    const path = withConfig("rescaled", (config) => ({ ...config, rescale_acts_by_decoder_norm: true }));
    const tensors = (factor: (latent: number) => number) => [
      {
        name: "W_enc",
        shape: [6, 10],
        data: Float32Array.from(
          { length: 60 },
          (_, at) => (dictionary.encoder[(at % 10) * 6 + Math.floor(at / 10)] ?? 0) / factor(at % 10),
        ),
      },
      { name: "b_enc", shape: [10], data: dictionary.encoderBias.map((value, i) => value / factor(i)) },
      {
        name: "W_dec",
        shape: [10, 6],
        data: dictionary.decoder.map((value, at) => value * factor(Math.floor(at / 6))),
      },
      { name: "b_dec", shape: [6], data: dictionary.decoderBias },
    ];
    const file = join(path, "sae_weights.safetensors");
    const write = (factor: (latent: number) => number) =>
      writeSafetensors(
        file,
        tensors(factor).map((tensor) => ({
          ...tensor,
          dtype: "F32" as const,
          data: floatsToBytes(tensor.data, "F32"),
        })),
      );
    await write((latent) => 1 + latent / 3);
    const read = (await openDictionary(path)).dictionary;
    const rows = randomRows(20, 6);
    const [ours, theirs] = [encode(read, rows), encode(dictionary, rows)];
    expect(ours.latents).toEqual(theirs.latents);
    for (const [slot, value] of ours.values.entries()) expect(value).toBeCloseTo(theirs.values[slot] ?? 0, 4);
    writeFileSync(join(path, "cfg.json"), readFileSync(join(sound, "cfg.json")));
    expect(await faultOf(openDictionary(path))).toMatch(/unit norm.*row 1/);
  });

  test("an encoder that reads h itself is written as one that reads h − b", async () => {
    const path = withConfig("unshifted", (config) => ({ ...config, apply_b_dec_to_input: false }));
    const read = (await openDictionary(path)).dictionary;
    const rows = randomRows(20, 6);
    const shifted = rows.map((value, i) => value + (dictionary.decoderBias[i % 6] ?? 0));
    const [ours, theirs] = [encode(read, rows), encode(dictionary, shifted)];
    expect(ours.latents).toEqual(theirs.latents);
    for (const [slot, value] of ours.values.entries()) expect(value).toBeCloseTo(theirs.values[slot] ?? 0, 4);
  });

  test("identity: the same bytes have the same sha256, other bytes another", async () => {
    const opened = await openDictionary(sound);
    expect(opened.identity).toMatchObject({ name: "sound", hook: dictionary.hook, nLatents: 10, k: 3 });
    const copy = await openDictionary(withConfig("copy", (config) => config));
    const other = await openDictionary(withConfig("other", (config) => ({ ...config, k: 2 })));
    expect((await openDictionary(sound)).identity.sha256).toBe(opened.identity.sha256);
    expect(other.identity.sha256).not.toBe(copy.identity.sha256);
  });

  test("does not fit a model of another width, nor one without its hook point", async () => {
    const { source } = await golden("llama-tied");
    const opened = await openDictionary(sound);
    expect(() => checkFits(opened, source.definition)).toThrow(/numbers read at blocks.*got topk sae of some-model/);
    const deep = {
      ...opened,
      dictionary: {
        ...dictionary,
        dModel: source.definition.dimensions.dModel,
        hook: "blocks.99.hook_resid_post" as const,
      },
    };
    expect(() => checkFits(deep, source.definition)).toThrow(
      /one of this model's \d+ layers \(blocks.0.hook_resid_post … /,
    );
  });
});

describe("what is refused", () => {
  test.each([
    ["another architecture", (c: object) => ({ ...c, architecture: "spiking" }), /architecture/],
    ["one whose codes depend on other tokens", (c: object) => ({ ...c, architecture: "temporal" }), /dictionary eval/],
    [
      "tensors that the architecture needs",
      (c: object) => ({ ...c, architecture: "jumprelu", k: undefined, rescale_acts_by_decoder_norm: undefined }),
      /threshold/,
    ],
    ["an unknown key", (c: object) => ({ ...c, surprise: 1 }), /surprise/],
    ["another width", (c: object) => ({ ...c, d_in: 7 }), /W_dec of shape \[10, 7\].*\[10, 6\]/],
    ["no k", (c: object) => ({ ...c, k: undefined }), /k:/],
    ["a hook name of another library", (c: object) => ({ ...c, metadata: { hook_name: "model.layers.3" } }), /hook/],
    ["input normalised at run time", (c: object) => ({ ...c, normalize_activations: "layer_norm" }), /no layer_norm/],
  ])("%s", async (name, change, message) => {
    expect(await faultOf(openDictionary(withConfig(name, change as never)))).toMatch(message);
  });

  test("a missing folder, a missing file, no JSON, a stray tensor, numbers that are none", async () => {
    expect(await faultOf(openDictionary(join(folder, "nowhere")))).toMatch(/nothing there/);
    const bare = join(folder, "bare");
    mkdirSync(bare);
    expect(await faultOf(openDictionary(bare))).toMatch(/cfg.json/);
    const broken = withConfig("broken", (config) => config);
    writeFileSync(join(broken, "cfg.json"), "{");
    expect(await faultOf(openDictionary(broken))).toMatch(/JSON/);
    const one = { name: "threshold", dtype: "F32" as const, shape: [1], data: new Uint8Array(4) };
    const stray = withConfig("stray", (config) => config);
    await writeSafetensors(join(stray, "sae_weights.safetensors"), [one]);
    expect(await faultOf(openDictionary(stray))).toMatch(/threshold/);
    const infinite = join(folder, "infinite");
    const encoder = dictionary.encoder.slice();
    encoder[3] = Number.NaN;
    await writeSaeLens(infinite, { ...dictionary, encoder }, { modelName: "m" });
    expect(await faultOf(openDictionary(infinite))).toMatch(/finite/);
  });

  test("a file cut anywhere, or with any byte changed, is refused or read: nothing else happens", async () => {
    const bytes = readFileSync(join(sound, "sae_weights.safetensors"));
    // Without the line break behind it, whose loss is none.
    const config = readFileSync(join(sound, "cfg.json")).subarray(0, -1);
    const path = withConfig("fuzzed", (each) => each);
    const files = { "sae_weights.safetensors": bytes, "cfg.json": config };
    const change = fc.record({
      file: fc.constantFrom("sae_weights.safetensors" as const, "cfg.json" as const),
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      byte: fc.integer({ min: 0, max: 255 }),
      cut: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(change, async ({ file, at, byte, cut }) => {
        for (const [name, whole] of Object.entries(files)) writeFileSync(join(path, name), whole);
        const whole = files[file];
        const position = Math.min(whole.length - 1, Math.floor(at * whole.length));
        if (cut) truncateSync(join(path, file), position);
        else {
          const changed = Buffer.from(whole);
          changed[position] = byte;
          writeFileSync(join(path, file), changed);
        }
        const result = await openDictionary(path).catch((error: unknown) => error);
        if (result instanceof Error) expect(result).toBeInstanceOf(UserError);
        else expect(cut).toBe(false);
      }),
      { numRuns: 300 },
    );
  });
});
