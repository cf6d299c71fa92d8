/** `dictionary pull` against a local server that speaks the hub's protocol. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test, vi } from "vitest";
import { dictionaryFixtures } from "../../test/dictionary-fixtures.ts";
import { startHub } from "../../test/hub-server.ts";
import { pullDictionary } from "./pull-dictionary.ts";

const cache = mkdtempSync(join(tmpdir(), "penumbra-pull-dictionary-"));
afterAll(() => {
  rmSync(cache, { recursive: true });
  vi.unstubAllEnvs();
});

test("a set that lists its files brings what it lists", async () => {
  vi.stubEnv("HF_HUB_CACHE", cache);
  const id = "some-org/Tiny-transcoders";
  const part = (layer: number) =>
    readFileSync(join(dictionaryFixtures, `circuit-tracer/relu/layer_${layer}.safetensors`));
  const list = [0, 1].map((layer) => `  - hf://${id}/layers/of_${layer}.safetensors`);
  const config = ["model_name: tiny", "feature_input_hook: mlp.hook_in", "feature_output_hook: hook_mlp_out"];
  const hub = await startHub({
    id,
    commit: "0123456789abcdef0123456789abcdef01234567",
    files: {
      "set/config.yaml": Buffer.from([...config, "transcoders:", ...list].join("\n")),
      "layers/of_0.safetensors": part(0),
      "layers/of_1.safetensors": part(1),
      "other/layer_0.safetensors": part(0),
    },
    large: ["layers/of_1.safetensors"],
  });
  try {
    const client = { endpoint: hub.endpoint, token: null, firstPauseMs: 2 };
    const { format, dictionaries } = await pullDictionary({ client, name: `${id}/set` });
    expect(format).toBe("circuit-tracer");
    expect(dictionaries).toHaveLength(2);
    expect(hub.log.some(({ path }) => path.includes("other/"))).toBe(false);
  } finally {
    await hub.close();
  }
});
