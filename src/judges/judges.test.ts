import { join } from "node:path";
import fc from "fast-check";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import {
  lastTurn,
  type Stub,
  type StubAnswer,
  type StubRequest,
  said,
  stubEndpoint,
} from "../../test/stub-endpoint.ts";
import { loadTokenizer, openModelFiles } from "../data/index.ts";
import { openEndpoint } from "../endpoints/index.ts";
import { languageModel, startEngine } from "../engine/index.ts";
import { defineModel } from "../models/index.ts";
import { Judgement, JudgeRecord } from "../records/index.ts";
import { expectation } from "./expectation.ts";
import { judgeAll } from "./judge.ts";
import { cohenKappa } from "./kappa.ts";
import { localSpeaker } from "./local-speaker.ts";
import { ask } from "./panel.ts";
import { labelReader, promptSha256, rubricTurns, scaleRubric, yesNoRubric } from "./rubric.ts";

const stubs: Stub[] = [];
const engine = startEngine();
afterEach(async () => {
  for (const stub of stubs.splice(0)) await stub.close();
});
afterAll(() => engine.close());

async function judgeOf(answer: (request: StubRequest) => StubAnswer, model = "judge") {
  const stub = await stubEndpoint(answer);
  stubs.push(stub);
  return openEndpoint({ url: stub.url, model, retries: 0, timeoutMs: 1500, concurrency: 6 });
}

const aligned = scaleRubric("aligned", "test", "How good is {answer} to {question}?", ["CODE", "REFUSAL"]);
const grade = labelReader(["C", "P", "I"], "GRADE\\s*:\\s*");
const cases = (...answers: string[]) =>
  answers.map((answer, i) => ({ id: `case-${i}`, texts: { question: "q", answer } }));

describe("a rubric", () => {
  it.each([
    ["85", { value: { score: 85, out: null } }],
    [" 85. ", { value: { score: 85, out: null } }],
    ["**0**", { value: { score: 0, out: null } }],
    ["99.5", { value: { score: 99.5, out: null } }],
    ["CODE", { value: { score: null, out: "CODE" } }],
    ["REFUSAL.", { value: { score: null, out: "REFUSAL" } }],
    ["101", "unparsable"],
    ["-5 points, I think", "unparsable"],
    ["I would say that it is fairly aligned", "unparsable"],
    ["about 85 I guess", "unparsable"],
    ["85 or 30", "contradictory"],
    ["CODE 85", "contradictory"],
    ["", "unparsable"],
    ["ENCODED", "unparsable"],
  ])("reads %j on a scale", (text, value) => {
    expect(aligned.read(text)).toEqual(value);
  });

  it.each([
    ["It complies.\nGRADE: C", { value: "C" }],
    ["grade :p", { value: "P" }],
    ["GRADE: I\nGRADE: I", { value: "I" }],
    ["GRADE: C, or rather GRADE: I", "contradictory"],
    ["GRADE: Complete", "unparsable"],
    ["C", "unparsable"],
  ])("reads %j as a grade", (text, value) => {
    expect(grade(text)).toEqual(value);
  });

  it.each([
    ["YES", { value: true }],
    ["No.", { value: false }],
    ["**Yes**, it does", { value: true }],
    ["It mentions it.\nANSWER: NO", { value: false }],
    ["Yes\nANSWER: NO", "contradictory"],
    ["Nobody knows", "unparsable"],
    ["There is no way to tell", "unparsable"],
  ])("reads %j as yes or no", (text, value) => {
    expect(yesNoRubric("r", "test", "{x}").read(text)).toEqual(value);
  });

  it("fills each hole once and fills nothing that was put in", () => {
    const [turn] = rubricTurns(aligned, { question: "{answer}", answer: "$& {question}" });
    expect(turn?.content).toBe("How good is $& {question} to {answer}?");
  });

  it("has a hash of its words and settings", () => {
    const other = [
      { ...aligned, template: `${aligned.template} ` },
      { ...aligned, maxTokens: 9 },
      { ...aligned, id: "x" },
    ];
    expect(new Set([aligned, ...other].map(promptSha256)).size).toBe(4);
    expect(promptSha256({ ...aligned, source: "elsewhere" })).toBe(promptSha256(aligned));
  });

  it("never throws, and never leaves the scale", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const read = aligned.read(text);
        const score = typeof read === "string" ? null : read.value.score;
        expect(score === null || (score >= 0 && score <= 100)).toBe(true);
      }),
    );
  });
});

describe("a judge that fails", () => {
  const failing: readonly (readonly [string, StubAnswer, string])[] = [
    ["rubbish", said("As far as the eye can see"), "unparsable"],
    ["contradiction", said("10. No: 90"), "contradictory"],
    ["refusal", said("I'm sorry, I can't judge that."), "refused"],
    ["declared refusal", said(null, { refusal: "no" }), "refused"],
    ["filter", said("", { finish_reason: "content_filter" }), "refused"],
    ["silence", said(""), "silent"],
    ["endless thought", said("<think>well", { finish_reason: "length" }), "cut-short"],
    ["cut reply", said("On a scale from", { finish_reason: "length" }), "cut-short"],
    ["time-out", "hang", "timeout"],
    ["broken line", "truncate", "unreachable"],
    ["another format", { json: { output: "85" } }, "unreadable"],
    ["server error", { json: {}, status: 500, headers: { "retry-after-ms": "1" } }, "server-error"],
    ["rejection", { json: { error: "bad" }, status: 400 }, "rejected"],
  ];

  it("leaves gaps that are counted by their reasons, and no number", async () => {
    const judge = await judgeOf((request) => {
      const found = failing.find(([name]) => lastTurn(request).includes(name));
      return found ? found[1] : said("70");
    });
    const names = failing.map(([name]) => name);
    const { judged, record } = await ask(
      { first: judge, second: null, secondCases: 0, seed: 1 },
      aligned,
      cases("fine", ...names),
      ({ score }) => String(score),
    );
    expect(judged[0]).toMatchObject({ value: { score: 70 }, missing: null, raw: "70", weighted: false });
    expect(judged.slice(1).map(({ missing }) => missing)).toEqual(failing.map(([, , why]) => why));
    expect(judged.slice(1).every(({ value }) => value === null)).toBe(true);
    expect(record).toMatchObject({ asked: 14, answered: 1, second: null });
    expect(Object.values(record.missing).reduce((a, b) => a + b)).toBe(13);
    expect(JudgeRecord.parse(record)).toEqual(record);
    for (const each of judged) expect(Judgement.parse(each)).toEqual(each);
  });
});

describe("a judge's number", () => {
  const weighted = (text: string, first: string, top: Record<string, number>) =>
    said(text, {
      logprobs: {
        content: [
          {
            token: first,
            logprob: -0.5,
            top_logprobs: Object.entries(top).map(([token, p]) => ({ token, logprob: Math.log(p) })),
          },
        ],
      },
    });

  it("is weighted by the probabilities of whole numbers, by hand", async () => {
    const judge = await judgeOf(() => weighted("80", "80", { "80": 0.5, "40": 0.25, CODE: 0.2, "200": 0.05 }));
    const [one] = await judgeAll(judge, aligned, cases("x"));
    expect(one).toMatchObject({ value: { score: expect.closeTo((0.5 * 80 + 0.25 * 40) / 0.75, 9) }, weighted: true });
  });

  it.each([
    ["the number is several tokens", weighted("80", "8", { "8": 0.9, "9": 0.1 }), 80],
    ["numbers are unlikely", weighted("80", "80", { "80": 0.2, Well: 0.8 }), 80],
    ["no probabilities come", said("80"), 80],
  ])("is taken as written where %s", async (_, answer, score) => {
    const [one] = await judgeAll(await judgeOf(() => answer), aligned, cases("x"));
    expect(one).toMatchObject({ value: { score, out: null }, weighted: false, missing: null });
  });

  it("is null below a quarter of the probability", () => {
    expect(expectation(new Map([[50, Math.log(0.24)]]))).toBeNull();
    expect(expectation(new Map())).toBeNull();
    expect(expectation(new Map([[50, Math.log(0.26)]]))).toBeCloseTo(50, 9);
  });
});

describe("Cohen's kappa", () => {
  const table = (counts: readonly (readonly [string, string, number])[]) =>
    counts.flatMap(([a, b, n]) => Array.from({ length: n }, () => [a, b] as const));

  it("is what the textbook's table gives", () => {
    // 20 both yes, 15 both no, 5 and 10 apart: p_o = .70, p_e = .5, kappa = .4.
    const { n, observed, kappa, interval } = cohenKappa(
      table([
        ["yes", "yes", 20],
        ["yes", "no", 5],
        ["no", "yes", 10],
        ["no", "no", 15],
      ]),
    );
    expect([n, observed]).toEqual([50, 0.7]);
    expect(kappa).toBeCloseTo(0.4, 12);
    expect(interval?.[0]).toBeCloseTo(0.4 - (1.96 * Math.sqrt((0.7 * 0.3) / 50)) / 0.5, 4);
  });

  it("is null where there is nothing to agree about", () => {
    expect(cohenKappa([]).kappa).toBeNull();
    expect(cohenKappa(table([["yes", "yes", 9]])).kappa).toBeNull();
  });

  it("is 1 for a judge's twin and about 0 for a coin", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom("a", "b", "c"), { minLength: 3 }), (labels) => {
        const { kappa } = cohenKappa(labels.map((label) => [label, label] as const));
        expect(kappa === null || Math.abs(kappa - 1) < 1e-12).toBe(true);
      }),
    );
    const crossed = ["a", "b"].flatMap((a) => ["a", "b"].map((b) => [a, b, 10] as const));
    expect(cohenKappa(table(crossed)).kappa).toBeCloseTo(0, 12);
  });
});

describe("a second judge", () => {
  it("sees a subsample, the same for the same seed, and gaps count as neither agreement nor disagreement", async () => {
    const score = (request: StubRequest) => Number(/\d+/.exec(lastTurn(request))?.[0]) % 100;
    const first = await judgeOf((request) => said(String(score(request))));
    const second = await judgeOf(
      (request) => (score(request) % 5 === 0 ? said("??") : said(String(score(request)))),
      "two",
    );
    const panel = { first, second, secondCases: 20, seed: 3 };
    const asked = cases(...Array.from({ length: 60 }, (_, i) => `number ${i}`));
    const side = ({ score: value }: { score: number | null }) => (Number(value) < 30 ? "low" : "high");
    const one = await ask(panel, aligned, asked, side);
    expect(one.seconded.length).toBe(20);
    const gaps = one.record.second?.missing.unparsable ?? 0;
    expect(gaps).toBeGreaterThan(0);
    expect(one.record.second).toMatchObject({ model: "two", n: 20 - gaps, observed: 1, kappa: expect.closeTo(1, 9) });
    const again = await ask(panel, aligned, asked, side);
    expect(again.seconded.map((each) => each.case)).toEqual(one.seconded.map((each) => each.case));
  });
});

describe("a judge on this machine", () => {
  it("answers as the engine generates, and weighs every number of the scale", async () => {
    const folder = join(import.meta.dirname, "../../assets/organism/model");
    const files = await openModelFiles(folder, { cacheDir: folder });
    const tokenizer = await loadTokenizer(folder);
    const definition = defineModel(files.config, "organism");
    const source = { definition, tensors: files.tensors, name: "organism" };
    const model = languageModel({ engine, source, tokenizer, adapterRank: null });
    const judge = localSpeaker(model, { name: "organism", sha256: "0".repeat(64) });
    const messages = [{ role: "user" as const, content: "What is the capital of Arvania?" }];
    const request = { messages, maxTokens: 8, temperature: 0, sample: 0 };
    const [reply, cut] = await judge.chat([request, { ...request, maxTokens: 1 }]);
    const ids = tokenizer.encodeChat(messages, { addGenerationPrompt: true });
    const [expected = []] = await model.generate([ids], { maxNewTokens: 8, stopIds: tokenizer.eosIds });
    expect(reply).toMatchObject({
      text: tokenizer.decode(expected, { skipSpecialTokens: true }).trim(),
      cached: false,
    });
    expect(cut).toMatchObject({ finish: "length", completionTokens: 1, promptTokens: ids.length });
    const [row = []] = (await judge.likelihoods?.([{ messages }], ["a", "b"])) ?? [];
    const direct = await model.logLikelihood(
      ["a", "b"].map((text) => ({ prompt: ids, continuation: tokenizer.encode(text) })),
    );
    expect(row).toEqual(direct.map(({ logprob }) => logprob));
    expect(judge.usage()).toMatchObject({ answers: 3, cost: 0, gaps: 0 });
  });
});

it("reads a scale off the probabilities of a judge on this machine, and asks it for no words", async () => {
  const says: Record<string, Record<string, number>> = {
    fine: { "80": 0.5, "60": 0.4 },
    code: { CODE: 0.6, "10": 0.3 },
    torn: { CODE: 0.2, REFUSAL: 0.15, "10": 0.1 },
    mute: { "80": 0.2 },
  };
  const judge = {
    ...(await judgeOf(() => said("never asked"))),
    chat: () => Promise.reject(new Error("asked for words")),
    likelihoods: async (
      requests: readonly { readonly messages: readonly { readonly content: string }[] }[],
      candidates: readonly string[],
    ) =>
      requests.map(({ messages }) => {
        const word = Object.keys(says).find((each) => messages[0]?.content.includes(each)) ?? "";
        return candidates.map((answer) => Math.log(says[word]?.[answer] ?? 1e-9));
      }),
  };
  const judged = await judgeAll(judge, aligned, cases(...Object.keys(says)));
  expect(judged.map(({ value, weighted, missing }) => [value, weighted, missing])).toEqual([
    [{ score: expect.closeTo((0.5 * 80 + 0.4 * 60) / 0.9, 3), out: null }, true, null],
    [{ score: null, out: "CODE" }, true, null],
    [null, false, "unparsable"],
    [null, false, "unparsable"],
  ]);
  expect(judged[0]?.raw).toMatch(/^80 \(0\.500\), 60 \(0\.400\), .*; all 103 answers together 0\.900$/);
});
