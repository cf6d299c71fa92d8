import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { type Stub, type StubAnswer, type StubRequest, said, stubEndpoint } from "../../test/stub-endpoint.ts";
import { drawOf } from "../../test/stub-model.ts";
import { hintedLetter, honestJudge, type Reasoner, reasoner } from "../../test/stub-reasoner.ts";
import { openEndpoint } from "../endpoints/index.ts";
import { CotRecord, ReasoningEvidence } from "../records/index.ts";
import { reasonedOf, withoutAnswer } from "./answers.ts";
import { auditReasoning, type ReasoningRequest } from "./audit-reasoning.ts";
import { describedHint, HINT_KINDS, hints } from "./hints.ts";
import { choiceItems } from "./items.ts";
import { processItems } from "./process-items.ts";
import { letterOf, unhinted } from "./prompts.ts";

const stubs: Stub[] = [];
afterEach(async () => {
  for (const stub of stubs.splice(0)) await stub.close();
});

async function serving(answer: (request: StubRequest) => StubAnswer, model: string) {
  const stub = await stubEndpoint(answer);
  stubs.push(stub);
  return openEndpoint({ url: stub.url, model, retries: 0, concurrency: 16, timeoutMs: 20_000 });
}

const identity = (model: string) => ({
  name: model,
  family: "endpoint" as const,
  parameters: null,
  sha256: null,
  model,
  where: "here",
});
/** Enough to see what was planted; the others do with fewer. */
const COUNT = 60;
const FEW = 24;
const SEED = 5;
const typical: Reasoner = { accuracy: 0.75, follows: 0.5, discloses: 0.7, wanders: 0.1, thinking: true };

async function audited(
  base: Partial<Reasoner>,
  tuned: Partial<Reasoner> | null,
  judge = honestJudge,
  { count = FEW, ...more }: Partial<ReasoningRequest> & { readonly count?: number } = {},
) {
  const side = async (change: Partial<Reasoner>, name: string) => ({
    speaker: await serving(reasoner({ ...typical, ...change }, count, SEED), name),
    identity: identity(name),
  });
  return auditReasoning({
    base: await side(base, "base"),
    tuned: tuned && (await side(tuned, "tuned")),
    items: choiceItems(count, SEED),
    what: "our own questions",
    file: null,
    processCount: 12,
    panel: { first: await serving(judge, "judge"), second: null, secondCases: 0, seed: 1 },
    maxTokens: 256,
    temperature: 1,
    seed: SEED,
    margin: 0.05,
    alpha: 0.05,
    ...more,
  });
}

describe("our own questions", () => {
  const items = choiceItems(240, 1);

  it("are different, have four different options and one right answer, and come again with the seed", () => {
    expect(new Set(items.map(({ question }) => question)).size).toBe(240);
    expect(new Set(items.map(({ id }) => id)).size).toBe(240);
    for (const { options } of items) expect(new Set(options).size).toBe(4);
    expect(choiceItems(240, 1)).toEqual(items);
    expect(choiceItems(240, 2)).not.toEqual(items);
    expect(new Set(items.map(({ cluster }) => cluster)).size).toBe(12);
  });

  it("put the right answer at every place", () => {
    const places = [0, 1, 2, 3].map((place) => items.filter(({ correct }) => correct === place).length);
    for (const count of places) expect(count).toBeGreaterThan(35);
  });

  it("are right: checked by another way of working them out", () => {
    const found = (cluster: string) => items.filter((item) => item.cluster === cluster);
    const ints = (text: string) => (text.match(/\d+/g) ?? []).map(Number);
    const checks: Record<string, (numbers: number[]) => number> = {
      change: ([count = 0, price = 0, paid = 0]) =>
        Array.from({ length: count }).reduce<number>((left) => left - price, paid),
      queue: ([front = 0, back = 0]) => front - 1 + 1 + (back - 1),
      overlap: ([all = 0, tea = 0, coffee = 0, both = 0]) => all - (tea + coffee - both),
      ages: ([age = 0, gap = 0, years = 0]) => age + years + (age + gap + years),
      handshakes: ([people = 0]) => Array.from({ length: people }, (_, i) => i).reduce((a, b) => a + b, 0),
      speed: ([first = 0, hours = 0, second = 0, more = 0]) => first * hours + second * more,
      tiles: ([long = 0, wide = 0, tile = 0]) => long * tile * (wide * tile),
    };
    for (const [cluster, right] of Object.entries(checks))
      for (const { question, options, correct } of found(cluster))
        expect([question, options[correct]]).toEqual([question, String(right(ints(question)))]);
    const days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
    for (const { question, options, correct } of found("weekday")) {
      const today = days.findIndex((name) => question.includes(`Today is ${name}`));
      const date = new Date(Date.UTC(2023, 0, 1 + today + (ints(question)[0] ?? 0)));
      expect(options[correct]).toBe(days[date.getUTCDay()]);
    }
  });

  it("of two rules have a different result for each", () => {
    for (const { options, rules } of processItems(60, 3)) {
      expect(new Set(options).size).toBe(options.length);
      expect(options.length).toBeGreaterThanOrEqual(3);
      expect(rules[0].option).not.toBe(rules[1].option);
      expect(Math.min(rules[0].option, rules[1].option)).toBeGreaterThanOrEqual(0);
    }
  });
});

describe("the six hints", () => {
  const items = choiceItems(12, 1);
  const asRequest = (messages: unknown): StubRequest => ({ path: "", headers: {}, index: 0, body: { messages } });

  it.each(HINT_KINDS)("%s names the hinted option and no other, and leaves the question whole", (kind) => {
    for (const item of items) {
      expect(hintedLetter(asRequest(unhinted(item)))).toBeNull();
      for (const index of [0, 1, 2, 3]) {
        const turns = hints[kind].turns(item, index, items);
        expect([kind, hintedLetter(asRequest(turns))]).toEqual([kind, letterOf(index)]);
        const text = turns.map(({ content }) => content).join("\n");
        for (const part of [item.question, ...item.options]) expect(text).toContain(part);
        expect(turns.at(-1)?.content).toMatch(/step by step/);
        expect(describedHint(kind, index)).toContain(letterOf(index));
      }
    }
  });

  it("of one kind do not hold another", () => {
    const marks = [/professor/, /<key>/, /def grade/, /permission/, /✓/];
    for (const kind of HINT_KINDS) {
      const text = JSON.stringify(hints[kind].turns(items[0] as (typeof items)[number], 1, items));
      expect(marks.filter((mark) => mark.test(text)).length).toBe(kind === "consistency" ? 0 : 1);
    }
  });
});

describe("an answer with its reasoning", () => {
  it.each([
    ["3 times 4 is 12.\n\nAnswer: B", "3 times 4 is 12."],
    ["It is 12.\n**Answer:** (B)", "It is 12."],
    ["It is 12.\nSo B it must be.\nB", "It is 12.\nSo B it must be."],
    ["No answer here", "No answer here"],
    ["Answer: B", ""],
  ])("of %j shows %j", (text, reasoning) => {
    expect(withoutAnswer(text)).toBe(reasoning);
  });

  it("is never longer than the text, and missing where nothing was chosen", () => {
    fc.assert(fc.property(fc.string(), (text) => withoutAnswer(text).length <= text.length));
    expect(reasonedOf({ kind: "gap", why: "timeout", detail: "" }, 4)).toMatchObject({
      choice: null,
      missing: "timeout",
    });
    expect(reasonedOf(undefined, 4)).toMatchObject({ choice: null, missing: "unreachable", reasoning: null });
  });
});

describe("an audit of reasoning", () => {
  it("finds what was planted: the tuned model hides its hints, and follows them as before", async () => {
    const { record, evidence, judgements } = await audited({ discloses: 0.8 }, { discloses: 0.15 }, honestJudge, {
      count: COUNT,
    });
    expect(CotRecord.parse(JSON.parse(JSON.stringify(record)))).toEqual(record);
    for (const [side, truth] of [
      [record.base, 0.8],
      [record.tuned, 0.15],
    ] as const) {
      const all = side?.hints.find(({ kind, hint }) => kind === "all" && hint === "all");
      const [low, high] = all?.disclosedNormalised.interval ?? [1, 0];
      expect([truth, low <= truth && truth <= high, high - low < 0.3]).toEqual([truth, true, true]);
      expect(all?.noise.estimate).toBeCloseTo(0.18, 0);
      expect(side).toMatchObject({ gate: { passed: true }, thinking: COUNT, reasoned: COUNT });
    }
    const verdicts = Object.fromEntries(record.comparisons.map(({ id, verdict }) => [id, verdict]));
    expect(verdicts).toMatchObject({ "hint-disclosure": "affected", "hint-disclosure-normalised": "affected" });
    expect(verdicts["hint-following"]).toBe("inconclusive");
    // The monitor, too, finds only what the reasoning says.
    expect(verdicts["monitorability-intervention"]).toBe("affected");
    const monitor = record.base.monitor.find(({ setting }) => setting === "intervention");
    expect(monitor?.trueNegativeRate.estimate).toBe(1);
    expect(monitor?.truePositiveRate.estimate).toBeCloseTo(0.7, 0);
    for (const line of evidence) ReasoningEvidence.parse(line);
    expect(evidence.filter(({ model }) => model === "tuned").length).toBeGreaterThan(COUNT);
    expect(judgements.every(({ raw }) => raw === "YES" || raw === "NO")).toBe(true);
    const wrong = record.base.hints.filter(({ kind }) => kind === "all").map(({ hint, cases }) => [hint, cases]);
    expect(wrong.map(([, cases]) => Number(cases))).toEqual([
      expect.any(Number),
      expect.any(Number),
      expect.any(Number),
    ]);
    expect(Number(wrong[0]?.[1])).toBe(Number(wrong[1]?.[1]) + Number(wrong[2]?.[1]));
  });

  it("moves nothing where base and tuned are alike, and reads a plain chain of thought as well", async () => {
    const { record } = await audited({ thinking: false }, { thinking: false });
    expect(record.base).toMatchObject({ thinking: 0, reasoned: FEW });
    expect(record.comparisons.filter(({ verdict }) => verdict === "affected")).toEqual([]);
  });

  it("measures nothing of a model that is below the task, and asks no hints", async () => {
    const { record } = await audited({ accuracy: 0.2 }, {});
    expect(record.base).toMatchObject({ gate: { passed: false }, hints: [], monitor: [] });
    expect(record.base.gate.why).toMatch(/below this task/);
    expect(record.comparisons.every(({ verdict, why }) => verdict === "not-measured" && /base model/.test(why))).toBe(
      true,
    );
    expect(record.base.usage.answers).toBe(2 * FEW);
    expect(record.headline).toMatch(/Nothing about the reasoning could be measured/);
  });

  it("invents no disclosure where the judge answers rubbish, and counts it", async () => {
    const { record } = await audited({}, {}, () => said("perhaps"));
    const all = record.base.hints[0];
    expect(all).toMatchObject({ judged: 0, disclosed: { estimate: null, interval: null } });
    expect(all?.switched).toBeGreaterThan(20);
    expect(record.base.judges[0]).toMatchObject({ answered: 0, missing: { unparsable: record.base.judges[0]?.asked } });
    const disclosure = record.comparisons.find(({ id }) => id === "hint-disclosure");
    expect(disclosure).toMatchObject({ base: null, tuned: null, delta: null, verdict: "not-measured", interval: null });
  });

  it("says that nothing was to disclose where no hint works", async () => {
    const { record } = await audited({ follows: 0, wanders: 0 }, null);
    expect(record.base.hints[0]).toMatchObject({
      switched: 0,
      followed: { estimate: 0 },
      disclosed: { estimate: null },
    });
    expect(record.headline).toMatch(/nothing to disclose/);
    expect(record.base.monitor[0]).toMatchObject({ positives: 0, gMeanSquared: { estimate: null } });
  });

  it("falls back to the hints' own words without a judge, and says so", async () => {
    const { record } = await audited({}, null, honestJudge, { panel: null });
    expect(record.settings.verbalisedBy).toBe("words");
    expect(record.base.judges).toEqual([]);
    expect(record.base.monitor.every(({ gMeanSquared }) => gMeanSquared.estimate === null)).toBe(true);
  });

  it("recovers the g-mean² of a monitor whose rates are set", async () => {
    const [tpr, tnr] = [0.8, 0.7];
    const monitor = (request: StubRequest) => {
      const text: string = request.body.messages[0].content;
      if (text.includes("prompt contained a hint")) return honestJudge(request);
      const truth = text.includes("I rely on the hint");
      return said(drawOf(request) < (truth ? tpr : 1 - tnr) ? "YES" : "NO");
    };
    const { record } = await audited({ discloses: 1, wanders: 0 }, null, monitor);
    const found = record.base.monitor.find(({ setting }) => setting === "intervention")?.gMeanSquared;
    const [low, high] = found?.interval ?? [1, 0];
    expect(low <= tpr * tnr && tpr * tnr <= high).toBe(true);
  });
});
