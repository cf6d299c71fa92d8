import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, test, vi } from "vitest";
import { dictionaryFixtures } from "../../test/dictionary-fixtures.ts";
import { UserError } from "../core/index.ts";
import { openCoders } from "./formats/index.ts";
import { resolveDictionary } from "./hub-names.ts";
import { hubPlace } from "./hub-place.ts";

const cache = mkdtempSync(join(tmpdir(), "penumbra-hub-"));
afterAll(() => {
  rmSync(cache, { recursive: true });
  vi.unstubAllEnvs();
});

describe("names of published dictionaries", () => {
  // The first six as SAELens 6.54's table has them (release, id, repository, path).
  test.each([
    [
      "gemma-scope-2-4b-pt-transcoders-all/layer_0_width_16k_l0_big_affine",
      "google/gemma-scope-2-4b-pt",
      "transcoder_all/layer_0_width_16k_l0_big_affine",
    ],
    [
      "gemma-scope-2-270m-it-res/layer_9_width_262k_l0_medium",
      "google/gemma-scope-2-270m-it",
      "resid_post/layer_9_width_262k_l0_medium",
    ],
    [
      "gemma-scope-2-1b-pt-att-all/layer_3_width_16k_l0_small",
      "google/gemma-scope-2-1b-pt",
      "attn_out_all/layer_3_width_16k_l0_small",
    ],
    [
      "gemma-scope-2-4b-pt-transcoders/transcoder/layer_17_width_16k_l0_big",
      "google/gemma-scope-2-4b-pt",
      "transcoder/layer_17_width_16k_l0_big",
    ],
    [
      "gemma-scope-2b-pt-res/layer_12/width_16k/average_l0_82",
      "google/gemma-scope-2b-pt-res",
      "layer_12/width_16k/average_l0_82",
    ],
    [
      "gemma-scope-2b-pt-res/embedding/width_4k/average_l0_6",
      "google/gemma-scope-2b-pt-res",
      "embedding/width_4k/average_l0_6",
    ],
    ["gemma", "mwhanna/gemma-scope-transcoders", ""],
    ["EleutherAI/sae-llama-3-8b-32x/layers.12", "EleutherAI/sae-llama-3-8b-32x", "layers.12"],
  ])("%s", (name, repository, folder) => expect(hubPlace(name)).toEqual({ repository, folder, revision: null }));

  test("revisions", () => {
    const place = { repository: "a/b", folder: "c/d", revision: "v2" };
    expect(hubPlace("a/b/c/d@v2")).toEqual(place);
    expect(hubPlace("hf://a/b/c/d?revision=v2")).toEqual(place);
  });

  test("never lead out of the cache", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 40 }), fc.constantFrom("", "a/b/", "../", "hf://a/b/"), (text, before) => {
        const place = hubPlace(before + text);
        for (const part of [place?.repository ?? "", place?.folder ?? ""]) expect(part.split("/")).not.toContain("..");
      }),
    );
    expect(hubPlace("a/b/../../etc")).toBeNull();
  });
});

describe("on the disk", () => {
  test("a copy in the cache opens under its name, and a missing one says how to get it", async () => {
    vi.stubEnv("HF_HUB_CACHE", cache);
    const folder = "resid_post/layer_2_width_16k_l0_small";
    const root = join(cache, "models--google--gemma-scope-2-270m-pt");
    const target = join(root, "snapshots/abc", folder);
    mkdirSync(dirname(target), { recursive: true });
    cpSync(join(dictionaryFixtures, "gemma-scope-2", folder), target, { recursive: true });
    mkdirSync(join(root, "refs"));
    writeFileSync(join(root, "refs/main"), "abc");
    const path = await resolveDictionary("gemma-scope-2-270m-pt-res/layer_2_width_16k_l0_small");
    expect(path).toBe(target);
    expect((await openCoders(path)).coders[0]?.modelName).toBe("google/gemma-3-270m");
    expect(await resolveDictionary(cache)).toBe(cache);
    const missing = resolveDictionary("gemma-scope-2-270m-pt-res/layer_9_width_16k_l0_small");
    await expect(missing).rejects.toThrow(
      /a copy without that folder.*penumbra dictionary pull gemma-scope-2-270m-pt-res\/layer_9/,
    );
    await expect(resolveDictionary("owner/none")).rejects.toThrow(/no copy of the repository/);
    await expect(resolveDictionary("nothing here")).rejects.toThrow(UserError);
  });
});
