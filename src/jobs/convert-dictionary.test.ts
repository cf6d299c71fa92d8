import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { dictionaryFixtures, expectedOf, worstOf } from "../../test/dictionary-fixtures.ts";
import { must } from "../core/index.ts";
import { loadCoder, openCoders, runCoder } from "../dictionaries/index.ts";
import { convertDictionary } from "./convert-dictionary.ts";
import { assetFolder } from "./open.ts";

const scratch = mkdtempSync(join(tmpdir(), "penumbra-convert-"));
afterAll(() => rmSync(scratch, { recursive: true }));

describe("conversion", () => {
  test("there and back over three libraries' forms keeps what is computed", async () => {
    const source = join(dictionaryFixtures, "circuit-tracer/skip");
    const steps = [
      [source, "sae-lens"],
      [join(scratch, "sae-lens"), "gemma-scope-2"],
      [join(scratch, "gemma-scope-2"), "circuit-tracer"],
    ] as const;
    for (const [from, format] of steps) {
      const { dictionaries } = await convertDictionary({ source: from, target: join(scratch, format), format });
      expect(dictionaries.length).toBe(2);
    }
    const { coders } = await openCoders(join(scratch, "circuit-tracer"));
    const { inputs, outputs } = await expectedOf("circuit-tracer/skip");
    for (const [layer, filed] of coders.entries()) {
      const y = runCoder(await loadCoder(filed), [must(inputs[layer], "x")])[0];
      expect(worstOf(must(y, "y"), must(outputs[layer], "y"))).toBeLessThan(1e-5);
    }
  });

  test("half precision stays as it is: bundled transcoders to circuit-tracer's form", async () => {
    const target = join(scratch, "bundled");
    const source = assetFolder("organism/transcoders");
    const converted = await convertDictionary({ source, target, format: "circuit-tracer", dtype: "F16" });
    expect(converted).toMatchObject({ from: "sae-lens", to: "circuit-tracer" });
    const [ours, theirs] = [await openCoders(source), await openCoders(target)];
    expect(theirs.coders.length).toBe(4);
    const [a, b] = [await loadCoder(must(ours.coders[2], "coder")), await loadCoder(must(theirs.coders[2], "coder"))];
    expect(b.groups[0]?.encoder).toEqual(a.groups[0]?.encoder);
    expect(b.groups[0]?.decoder).toEqual(a.groups[0]?.decoder);
    expect(b.groups[0]?.activation).toEqual(a.groups[0]?.activation);
  });

  test("what cannot be kept is refused before anything is written", async () => {
    const target = join(scratch, "refused");
    const source = join(dictionaryFixtures, "sae-lens/gated");
    const refused = convertDictionary({ source, target, format: "circuit-tracer" });
    await expect(refused).rejects.toThrow(/what circuit-tracer holds.*choose sae-lens/);
    expect(existsSync(target)).toBe(false);
    await expect(convertDictionary({ source, target: source, format: "sae-lens" })).rejects.toThrow(/another folder/);
  });
});
