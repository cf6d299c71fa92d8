/** Sets that only list their parts: what they open is what the parts are. */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, test, vi } from "vitest";
import { dictionaryFixtures } from "../../../test/dictionary-fixtures.ts";
import { must, UserError } from "../../core/index.ts";
import { loadCoder } from "../coders/load.ts";
import { hubFileOf } from "../hub-place.ts";
import { openCoders } from "./index.ts";

const scratch = mkdtempSync(join(tmpdir(), "penumbra-listed-"));
afterAll(() => {
  rmSync(scratch, { recursive: true });
  vi.unstubAllEnvs();
});

function listing(entries: readonly string[]): string {
  const folder = mkdtempSync(join(scratch, "set-"));
  const lines = ["model_name: tiny", "model_kind: transcoder_set", "feature_input_hook: mlp.hook_in"];
  const list = entries.map((entry) => `  - ${JSON.stringify(entry)}`);
  writeFileSync(
    join(folder, "config.yaml"),
    [...lines, "feature_output_hook: hook_mlp_out", "transcoders:", ...list].join("\n"),
  );
  return folder;
}

const loaded = async (folder: string) => Promise.all((await openCoders(folder)).coders.map(loadCoder));

/** Copies what a fixture holds into the hub's cache; gives the address of its file there. */
function cached(repository: string, path: string, from: string): string {
  const root = join(scratch, "hub", `models--${repository.replace("/", "--")}`);
  const target = join(root, "snapshots/abc", path);
  mkdirSync(dirname(target), { recursive: true });
  cpSync(from, target);
  mkdirSync(join(root, "refs"), { recursive: true });
  writeFileSync(join(root, "refs/main"), "abc");
  return `hf://${repository}/${path}`;
}

describe("a list of transcoders", () => {
  test("of files beside it, layer by layer in its order", async () => {
    const source = join(dictionaryFixtures, "circuit-tracer/skip");
    const folder = listing(["parts/first.safetensors", "parts/second.safetensors"]);
    mkdirSync(join(folder, "parts"));
    cpSync(join(source, "layer_0.safetensors"), join(folder, "parts/first.safetensors"));
    cpSync(join(source, "layer_1.safetensors"), join(folder, "parts/second.safetensors"));
    expect(await loaded(folder)).toEqual(await loaded(source));
  });

  test("of Gemma Scope's files in the hub's cache", async () => {
    vi.stubEnv("HF_HUB_CACHE", join(scratch, "hub"));
    const repository = "gemma-scope-2b-pt-transcoders";
    const [found] = readdirSync(join(dictionaryFixtures, "gemma-scope", repository), { recursive: true })
      .map(String)
      .filter((name) => name.endsWith("params.npz"));
    const path = must(found, "params.npz");
    const from = join(dictionaryFixtures, "gemma-scope", repository, path);
    const folder = listing([cached(`google/${repository}`, path, from)]);
    expect(await loaded(folder)).toEqual(await loaded(dirname(from)));
  });

  test("says which part is missing, and how to get it", async () => {
    vi.stubEnv("HF_HUB_CACHE", join(scratch, "hub"));
    const folder = listing(["hf://owner/none/layer_0/params.npz?revision=v2"]);
    await expect(openCoders(folder)).rejects.toThrow(/owner\/none.*penumbra dictionary pull owner\/none\/layer_0@v2/);
    await expect(openCoders(listing(["gone.safetensors"]))).rejects.toThrow(/gone\.safetensors/);
    await expect(openCoders(listing(["hf://owner/../x"]))).rejects.toThrow(UserError);
    await expect(openCoders(listing(["params.npz"]))).rejects.toThrow(UserError);
  });

  test("no address leads out of its repository", () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 40 }),
        fc.constantFrom("hf://", "hf://a/b/", "hf://a/b/../"),
        (text, before) => {
          const place = hubFileOf(before + text);
          for (const part of `${place?.repository}/${place?.folder}`.split("/")) expect(part).not.toMatch(/^\.+$/);
        },
      ),
    );
    expect(hubFileOf("hf://a/b/../../etc/passwd")).toBeNull();
    expect(hubFileOf("hf://a/b/c%2f..%2fd")).toBeNull();
  });
});
