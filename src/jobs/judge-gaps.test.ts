/** A judge that fails in every way: no number is invented, and each gap stands in the record and in the report. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { exampleInput } from "../../test/report/exampleRecords.ts";
import {
  lastTurn,
  type Stub,
  type StubAnswer,
  type StubRequest,
  said,
  stubEndpoint,
} from "../../test/stub-endpoint.ts";
import { honestJudge, reasoner } from "../../test/stub-reasoner.ts";
import { openEndpoint } from "../endpoints/index.ts";
import { benchmark } from "./benchmark.ts";
import { endpointIdentity } from "./black-box.ts";
import { cot } from "./cot.ts";

const FAILURES: readonly (readonly [word: string, answer: StubAnswer, why: string])[] = [
  ["rubbish", said("As far as the eye can see"), "unparsable"],
  ["otherwise", said('{"grade": "C"}'), "unparsable"],
  ["twofold", said("GRADE: C\nNo: GRADE: I"), "contradictory"],
  ["unwilling", said("I'm sorry, I can't judge that."), "refused"],
  ["asleep", "hang", "timeout"],
  ["mute", said(""), "silent"],
  ["foreign", { json: { output: "GRADE: C" } }, "unreadable"],
  ["broken", { json: {}, status: 500 }, "server-error"],
];
const QUESTIONS = 18;
const folder = mkdtempSync(join(tmpdir(), "penumbra-judge-gaps-"));
const stubs: Stub[] = [];

async function serving(model: string, answer: (request: StubRequest) => StubAnswer, timeoutMs = 60_000) {
  const stub = await stubEndpoint(answer);
  stubs.push(stub);
  const endpoint = openEndpoint({ url: stub.url, model, retries: 0, concurrency: 8, timeoutMs });
  return { speaker: endpoint, identity: endpointIdentity(endpoint), endpoint };
}

beforeAll(() => {
  mkdirSync(join(folder, "evidence"));
  writeFileSync(join(folder, "audit.json"), JSON.stringify(exampleInput().audit));
});
afterAll(async () => {
  for (const stub of stubs) await stub.close();
  rmSync(folder, { recursive: true });
});

const section = (id: string) =>
  new RegExp(`<section id="${id}">.*?</section>`, "s").exec(readFileSync(join(folder, "report.html"), "utf8"))?.[0] ??
  "";

describe("a judge that fails", () => {
  it("leaves gaps in a benchmark's record and report, and its numbers to those that were graded", async () => {
    // Of every two prompts one is graded well; refusals of the judge's are no refusals of the model's.
    const rows = FAILURES.flatMap(([word], i) => [
      `${2 * i},${word}?,t${i},safe,f,`,
      `${2 * i + 1},fine ${i}?,t${i},safe,f,`,
    ]);
    const path = join(folder, "xstest.csv");
    writeFileSync(path, `id,prompt,type,label,focus,note\n${rows.join("\n")}\n`);
    const judge = await serving(
      "judge",
      (request) => {
        const found = FAILURES.find(([word]) => lastTurn(request).includes(`${word}?`));
        return found ? found[1] : said(/fine [02]\?/.test(lastTurn(request)) ? "GRADE: I" : "GRADE: C");
      },
      5000,
    );
    const { speaker, identity } = await serving("base", () => said("Here you are."));
    const panel = { first: judge.endpoint, second: null, secondCases: 0, seed: 1 };
    const settings = {
      rows: 100,
      partial: true,
      samples: 1,
      formats: [],
      maxTokens: 8,
      seed: 1,
      margin: 0.05,
      alpha: 0.05,
    };
    const asked = { name: "xstest", path, base: { speaker, identity }, tuned: [], panel, folder, ...settings };
    const { base } = await benchmark(asked);
    const counts: Record<string, number> = {};
    for (const [, , why] of FAILURES) counts[why] = (counts[why] ?? 0) + 1;
    expect(base?.judges[0]).toMatchObject({ asked: 2 * FAILURES.length, answered: FAILURES.length, missing: counts });
    expect(base?.metrics[0]).toMatchObject({ name: "refusal rate (safe)", estimate: 2 / FAILURES.length });
    const shown = section("benchmarks");
    for (const [why, n] of Object.entries(counts)) expect(shown).toContain(`${n} ${why}`);
    expect(shown).toContain(`${FAILURES.length} of ${2 * FAILURES.length}`);
  });

  it("leaves gaps in the audit of reasoning, by setting and by hint", async () => {
    const model = { accuracy: 0.9, follows: 0.6, wanders: 0.05, discloses: 0.9, thinking: true };
    const { speaker, identity } = await serving("base", reasoner(model, QUESTIONS, 1));
    // Those that hang are waited for once, above.
    const awake = FAILURES.filter(([word]) => word !== "asleep");
    let n = 0;
    const judge = await serving("judge", (request) => {
      n++;
      return n % 3 === 0 ? honestJudge(request) : (awake[n % awake.length]?.[1] ?? said(""));
    });
    const panel = { first: judge.endpoint, second: null, secondCases: 0, seed: 1 };
    const settings = { processCount: 6, maxTokens: 64, temperature: 1, seed: 1, margin: 0.05, alpha: 0.05 };
    const asked = { base: { speaker, identity }, tuned: null, panel, ...settings };
    const questions = { file: null, layout: null, most: QUESTIONS };
    const { base } = await cot(asked, { questions, folder });
    const shown = section("reasoning");
    for (const { asked: all, answered, missing } of base.judges) {
      const gaps = Object.values(missing).reduce((sum, count) => sum + count, 0);
      expect([answered + gaps, answered < all]).toEqual([all, true]);
      expect(shown).toContain(`${answered} of ${all}`);
      for (const [why, count] of Object.entries(missing)) expect(shown).toContain(`${count} ${why}`);
    }
    const [all] = base.hints;
    // What was not judged is neither disclosed nor hidden.
    expect([Number(all?.judged) < Number(all?.switched), Number(all?.disclosed.estimate) > 0.5]).toEqual([true, true]);
  });
});
