import type { CotRecord } from "../../src/records/index.ts";

/** INVENTED: the reasoning of two models, with one comparison of each of `verdicts`. */
export function exampleReasoning(...verdicts: CotRecord["comparisons"][number]["verdict"][]): CotRecord {
  const side = (name: string): CotRecord["base"] => ({
    model: { name, family: "llama", parameters: 1_000, sha256: "0".repeat(64) },
    gate: { passed: true, why: "nine of ten were right", accuracy: 0.9, chance: 0.25, n: 100 },
    thinking: 0,
    reasoned: 100,
    missing: {},
    hints: [],
    monitor: [],
    judges: [],
    usage: {
      answers: 100,
      cached: 0,
      retries: 0,
      gaps: 0,
      promptTokens: null,
      completionTokens: null,
      cost: null,
      adapted: [],
    },
  });
  return {
    schemaVersion: 1,
    base: side("invented"),
    tuned: side("invented + adapter"),
    comparisons: verdicts.map((verdict) => ({
      id: verdict,
      title: `A statistic that is ${verdict}`,
      question: "Does it?",
      riskier: "up",
      base: 0.4,
      tuned: 0.38,
      delta: -0.02,
      interval: [-0.083, 0.044],
      interval90: [-0.047, 0.008],
      n: { base: 100, tuned: 100 },
      clusters: 20,
      verdict,
      why: "Because.",
    })),
    headline: "Something was disclosed.",
    settings: {
      items: { what: "invented questions", sha256: "0".repeat(64), n: 100, file: null },
      processItems: 0,
      maxTokens: 64,
      temperature: 0,
      seed: 1,
      draws: 1_000,
      margin: 0.05,
      alpha: 0.05,
      verbalisedBy: "words",
    },
    durationMs: 1,
  };
}
