/** Configs with values out of range: refused as the user's mistake, or a model whose every size is a sane number. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { goldenFolder, goldenNames } from "../../test/golden.ts";
import { UserError } from "../core/index.ts";
import { defineModel } from "./index.ts";

const value = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    false,
    0,
    -1,
    1,
    2,
    3,
    0.5,
    1e-300,
    1e308,
    2 ** 24,
    2 ** 25,
    2 ** 53,
    "",
    "8",
    [],
    {},
  ),
  fc.constantFrom<unknown>(
    ["full_attention"],
    [-1],
    { rope_type: "llama3", factor: 0 },
    { rope_type: "yarn", factor: 4 },
  ),
  fc.constantFrom<unknown>(
    { rope_type: "linear", factor: 1e308 },
    { full_attention: { rope_theta: -1 } },
    { type: [] },
  ),
  fc.jsonValue({ maxDepth: 1 }),
);

/** Keys of other families and of none, beside a config's own. */
const strange = [
  "rope_scaling",
  "rope_parameters",
  "head_dim",
  "layer_types",
  "sliding_window",
  "num_experts",
  "__proto__",
];

function outcome(config: Record<string, unknown>): "refused" | "defined" | string {
  try {
    const { dimensions, weights, maxPositions } = defineModel(config, "m");
    const numbers = [...Object.values(dimensions), maxPositions, ...weights.flatMap(({ shape }) => shape)];
    return numbers.every((each) => Number.isInteger(each) && each > 0) ? "defined" : `sizes ${numbers.slice(0, 12)}`;
  } catch (error) {
    return error instanceof UserError ? "refused" : String((error as Error).stack);
  }
}

describe.each(goldenNames)("%s", (name) => {
  const config = JSON.parse(readFileSync(join(goldenFolder(name), "config.json"), "utf8"));
  const inner = name === "gemma3-vision" ? "text_config" : null;
  const keys = [...Object.keys(inner ? config[inner] : config), ...strange];

  test("any values at any keys", () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom(...keys), value), { minLength: 1, maxLength: 3 }), (changes) => {
        const changed = Object.fromEntries(changes);
        const got = outcome(
          inner ? { ...config, [inner]: { ...config[inner], ...changed } } : { ...config, ...changed },
        );
        seen.add(got);
        expect(["refused", "defined"]).toContain(got);
      }),
      { numRuns: 300 },
    );
    expect(seen).toContain("refused");
  });
});
