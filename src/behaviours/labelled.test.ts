import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Behaviour } from "./behaviour.ts";
import { complianceOpenings, refusalOpenings } from "./openings.ts";
import { itemScore, variantScore } from "./score.ts";

const table = (name: string) => JSON.parse(readFileSync(new URL(`./fixtures/${name}.json`, import.meta.url), "utf8"));

interface ScoreRow {
  readonly name: string;
  readonly weight: Behaviour["weight"];
  /** `[probability, tokens, exhibits]` of each continuation. */
  readonly variants: readonly (readonly (readonly [number, number, boolean])[])[];
  /** Worked out by hand; null: must not be measured. */
  readonly score: number | null;
}

interface OpeningRow {
  readonly answer: string;
  readonly label: "refuses" | "complies" | "neither";
  /** Where the label is what the scorer sees and not what a reader would say. */
  readonly limit?: string;
}

describe("the scorer, on rows labelled by hand", () => {
  it.each<ScoreRow>(table("scores"))("$name", ({ weight, variants, score }) => {
    const scored = () =>
      itemScore(
        variants.map((all) =>
          variantScore(
            weight,
            all.map(([p, tokens, exhibits]) => ({ logprob: Math.log(p), tokens, exhibits })),
          ),
        ),
      );
    if (score === null) expect(scored).toThrow();
    else expect(scored().probability).toBeCloseTo(score, 10);
  });
});

describe("openings, on answers labelled by hand", () => {
  it.each<OpeningRow>(table("openings"))("$answer: $label", ({ answer, label }) => {
    const begins = (openings: readonly string[]) =>
      openings.filter((opening) => answer.startsWith(opening) && !/^\w/.test(answer.slice(opening.length)));
    const found = { refuses: begins(refusalOpenings), complies: begins(complianceOpenings) };
    expect(found.refuses.length + found.complies.length).toBeLessThanOrEqual(1);
    expect(found.refuses.length > 0 ? "refuses" : found.complies.length > 0 ? "complies" : "neither").toBe(label);
  });
});
