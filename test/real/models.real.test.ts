/**
 * The two real files against transformers on the same dequantised weights: logits and 50 greedy tokens. Fixtures:
 * test/real/fixtures/make_real.py. Paths come from PENUMBRA_SMOLLM2_GGUF and PENUMBRA_GEMMA3_GGUF; what was measured
 * is written to docs/results/real-parity.json.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { must } from "../../src/core/index.ts";
import { startEngine } from "../../src/engine/index.ts";
import { asLanguageModel, openModel } from "../../src/jobs/index.ts";
import { atomicWriteFile, hashFile } from "../../src/store/index.ts";

interface Golden {
  readonly sha256: string;
  readonly seed: number;
  readonly versions: Record<string, string>;
  readonly probes: number[];
  readonly prompts: Record<
    string,
    {
      ids: number[];
      firstPosition: number;
      positions: { mean: number; std: number; probes: number[] }[];
      top: { ids: number[]; logits: number[] };
      greedy: { tokens: number[] };
    }
  >;
}

/** Logits reach about 30 in magnitude; float32 sums over 30 layers in another order stay far below this. */
const LOGIT_TOLERANCE = 1e-3;
const resultFile = join(import.meta.dirname, "../../docs/results/real-parity.json");

const cases = [
  ["smollm2", "PENUMBRA_SMOLLM2_GGUF"],
  ["gemma3", "PENUMBRA_GEMMA3_GGUF"],
] as const;

describe.each(cases)("%s", (name, variable) => {
  const path = process.env[variable];

  test("logits and greedy tokens equal transformers'", { timeout: 1_800_000 }, async ({ skip }) => {
    if (!path) skip(`${variable} names no file`);
    const file = must(path, variable);
    const golden: Golden = JSON.parse(readFileSync(join(import.meta.dirname, "fixtures", `${name}.json`), "utf8"));
    expect(await hashFile(file)).toBe(golden.sha256);
    const engine = startEngine();
    try {
      const model = asLanguageModel(await openModel(file), engine, null);
      const { dVocab } = model.source.definition.dimensions;
      const measured: Record<string, { positions: number; maxLogitDifference: number; greedyEqual: number }> = {};
      for (const [key, prompt] of Object.entries(golden.prompts)) {
        const positions = prompt.positions.map((_, i) => prompt.firstPosition + i);
        const logits = await model.logits({ ids: prompt.ids, positions });
        const differences = prompt.positions.flatMap(({ probes }, row) =>
          probes.map((value, i) =>
            Math.abs(value - must(logits[row * dVocab + must(golden.probes[i], "probe")], "logit")),
          ),
        );
        const last = logits.subarray((positions.length - 1) * dVocab);
        const top = prompt.top.ids.map((id, i) =>
          Math.abs(must(last[id], "logit") - must(prompt.top.logits[i], "logit")),
        );
        const [tokens] = await model.generate([prompt.ids], { maxNewTokens: prompt.greedy.tokens.length, stopIds: [] });
        const equal = prompt.greedy.tokens.findIndex((token, i) => token !== tokens?.[i]);
        measured[key] = {
          positions: positions.length,
          maxLogitDifference: Math.max(...differences, ...top),
          greedyEqual: equal < 0 ? prompt.greedy.tokens.length : equal,
        };
      }
      await record(name, {
        sha256: golden.sha256,
        golden: { versions: golden.versions, seed: golden.seed },
        threads: engine.threads,
        tolerance: LOGIT_TOLERANCE,
        prompts: measured,
      });
      for (const { maxLogitDifference, greedyEqual } of Object.values(measured)) {
        expect(maxLogitDifference).toBeLessThan(LOGIT_TOLERANCE);
        expect(greedyEqual).toBe(50);
      }
    } finally {
      await engine.close();
    }
  });
});

async function record(name: string, result: object): Promise<void> {
  const before = existsSync(resultFile) ? JSON.parse(readFileSync(resultFile, "utf8")) : {};
  const about = {
    command: "npm run test:real",
    commit: execFileSync("git", ["rev-parse", "HEAD"], { cwd: import.meta.dirname, encoding: "utf8" }).trim(),
    node: process.version,
    cpu: cpus()[0]?.model,
  };
  await atomicWriteFile(resultFile, `${JSON.stringify({ ...before, ...about, [name]: result }, null, 2)}\n`);
}
