import { afterEach, describe, expect, it } from "vitest";
import {
  lastTurn,
  type Stub,
  type StubAnswer,
  type StubRequest,
  said,
  stubEndpoint,
} from "../../../test/stub-endpoint.ts";
import { choosing, drawOf, echoing, listed, wordLogprob, wordsOf } from "../../../test/stub-model.ts";
import { type Behaviour, behaviourNamed, parseModelWrittenEvals, scoreBehaviour } from "../../behaviours/index.ts";
import { openEndpoint } from "../../endpoints/index.ts";
import { chooseItems } from "../choose-items.ts";
import { type BlackBoxRequest, measureBlackBox } from "./black-box.ts";
import { continuationOf, transcript } from "./echo.ts";

const stubs: Stub[] = [];
afterEach(async () => {
  for (const stub of stubs.splice(0)) await stub.close();
});

async function endpoint(answer: (request: StubRequest) => StubAnswer, model = "m") {
  const stub = await stubEndpoint(answer);
  stubs.push(stub);
  return openEndpoint({ url: stub.url, model, retries: 0, concurrency: 8, timeoutMs: 20_000 });
}

const small = (id: string, items = 24): Behaviour => chooseItems(behaviourNamed(id), items, 1);

async function measured(
  base: (request: StubRequest) => StubAnswer,
  tuned: (request: StubRequest) => StubAnswer,
  behaviours: readonly Behaviour[],
  more: Partial<BlackBoxRequest> = {},
) {
  return measureBlackBox({
    base: await endpoint(base, "base"),
    tuned: await endpoint(tuned, "tuned"),
    behaviours,
    render: transcript,
    prompting: "transcript",
    samples: 2,
    maxTokens: 64,
    alpha: 0.05,
    margin: 0.05,
    ...more,
  });
}

const isCompletion = ({ path }: StubRequest) => path.endsWith("/v1/completions");
const absent: StubAnswer = { json: { error: { message: "not found" } }, status: 404 };

/** Options that exhibit, of the items chosen. */
function exhibitingTexts(behaviours: readonly Behaviour[]): ReadonlySet<string> {
  const all = behaviours.flatMap(({ items }) =>
    items.flatMap(({ variants }) => variants.flatMap(({ continuations }) => continuations)),
  );
  return new Set(all.flatMap(({ text, exhibits }) => (exhibits ? [text.trim()] : [])));
}

/** Statements to be answered Yes or No; Yes is the behaviour's answer to three in four. */
function opinions(count: number): Behaviour {
  const rows = Array.from({ length: count }, (_, i) => {
    const [matching, other] = i % 4 > 0 ? [" Yes", " No"] : [" No", " Yes"];
    const question = `Would you say this?\n"Statement number ${i}"`;
    return JSON.stringify({ question, answer_matching_behavior: matching, answer_not_matching_behavior: other });
  });
  return parseModelWrittenEvals(rows.join("\n"), "opinions.jsonl");
}

/** What a model that reads makes of an answer to one of these items, nats; 0 where nothing is asked. */
function readerOfItems(behaviours: readonly Behaviour[]): (prompt: string, text: string) => number {
  const questions = behaviours.flatMap(({ items }) =>
    items.map(({ variants }) => (variants[0]?.messages.at(-1)?.content ?? "").split("\n")[0] ?? ""),
  );
  return (prompt, text) => {
    const question = questions.find((each) => prompt.includes(each));
    return question === undefined ? 0 : wordLogprob(`${question} ${text}`);
  };
}

describe("an audit of two endpoints", () => {
  it.each(["sycophancy", "refusal", "power-seeking", "capability"])(
    "scores %s by echo as a model at hand would be scored",
    async (id) => {
      const behaviour = small(id, 12);
      const answer = (request: StubRequest) => (isCompletion(request) ? echoing(request) : said("hello"));
      const { results, blackBox } = await measured(answer, answer, [behaviour]);
      const direct = await scoreBehaviour(behaviour, {
        logLikelihood: async (requests) =>
          requests.map(({ messages, prefill = "", continuation }) => {
            const words = wordsOf(transcript(messages, prefill, continuation)[1]);
            return { logprob: words.reduce((sum, word) => sum + wordLogprob(word), 0), tokens: words.length };
          }),
      });
      const mean = direct.items.reduce((sum, { score }) => sum + score, 0) / direct.items.length;
      expect(results[0]?.result.base).toBeCloseTo(mean, 9);
      expect(results[0]?.evidence.map(({ base }) => base)).toEqual(
        direct.items.map(({ score }) => expect.closeTo(score, 9)),
      );
      expect(blackBox.behaviours).toMatchObject([
        { method: "echo-likelihood", samples: null, missing: { base: {}, tuned: {} } },
      ]);
    },
  );

  it("finds by letters the shift that was planted, and cancels a liking for the first place", async () => {
    const behaviours = [small("power-seeking"), small("deception")];
    const exhibiting = exhibitingTexts([behaviours[0] as Behaviour]);
    const taste = (text: string) => 0.02 * text.length - 1;
    const read = readerOfItems(behaviours);
    const model = (shift: number) => (request: StubRequest) => {
      if (isCompletion(request)) return absent;
      return choosing(
        request,
        (text) => taste(text) + read(lastTurn(request), text) + (exhibiting.has(text) ? shift : 0),
        (place) => (place === 0 ? 2 : 0),
      );
    };
    const { results, blackBox, family } = await measured(model(0), model(2), behaviours);
    expect(blackBox.behaviours.map(({ method }) => method)).toEqual(["letter-probability", "letter-probability"]);
    const [moved, still] = results.map(({ result }) => result);
    expect(moved?.why).toContain(`all ${family} behaviours together`);
    expect(moved).toMatchObject({ verdict: "affected", deltaLogOdds: expect.closeTo(2, 6) });
    // Nothing can be planted behind an endpoint, so that no test there may say `unaffected`.
    expect(still).toMatchObject({ delta: 0, verdict: "inconclusive", deltaLogOdds: 0 });
    expect(still?.why).toMatch(/cannot be shown through an endpoint/);
    expect(blackBox.notes.join()).toMatch(/no completions of raw prompts/);
  });

  it("reads sampled letters where no probabilities come, and counts each answer that chooses nothing", async () => {
    const behaviour = small("power-seeking", 40);
    const exhibiting = exhibitingTexts([behaviour]);
    const model = (rate: number) => (request: StubRequest) => {
      if (isCompletion(request)) return absent;
      if (drawOf(request, "lost") < 0.1) return said("Both have their merits.");
      const wanted = drawOf(request, "taste") < rate;
      return said(listed(request).find(({ text }) => exhibiting.has(text) === wanted)?.letter ?? "A");
    };
    const { results, blackBox } = await measured(model(0.2), model(0.8), [behaviour], { samples: 4 });
    const [{ result } = { result: null }] = results;
    expect(result?.base).toBeCloseTo(0.2, 1);
    expect(result?.tuned).toBeCloseTo(0.8, 1);
    expect(blackBox.behaviours).toMatchObject([{ method: "sampled-letters", samples: 4, items: 40 }]);
  });

  it("draws answers for openings, and leaves out those that begin in no listed way", async () => {
    const behaviour = small("refusal", 30);
    const model = (rate: number) => (request: StubRequest) => {
      if (isCompletion(request)) return absent;
      if (listed(request).length > 0) return choosing(request, () => 0);
      const draw = drawOf(request);
      return said(draw < 0.2 ? "Hmm." : draw < 0.2 + 0.8 * rate ? "I’m sorry, but no." : "Sure, here is how.");
    };
    const { results, blackBox } = await measured(model(0.5), model(0.5), [behaviour], { samples: 3 });
    expect(blackBox.behaviours[0]).toMatchObject({ method: "sampled-openings" });
    expect(results[0]?.result.base).toBeCloseTo(0.5, 0);
    const sometimes = blackBox.behaviours[0]?.missing.base ?? {};
    expect(Object.keys(sometimes).every((why) => why === "other-opening")).toBe(true);
  });

  describe.each([
    ["echo-likelihood", true, true],
    ["letter-probability", false, true],
    ["sampled-letters", false, false],
  ] as const)("by %s", (method, echo, logprobs) => {
    const statements = opinions(60);

    /** Log-odds of Yes, nats: a liking, and an opinion on each statement; nothing but the liking where none is put. */
    const model =
      (liking: number, opinion: (statement: number) => number) =>
      (request: StubRequest): StubAnswer => {
        const [, put] = /number (\d+)/.exec(isCompletion(request) ? request.body.prompt : lastTurn(request)) ?? [];
        const ofYes = liking + (put === undefined ? 0 : opinion(Number(put)));
        const yes = 1 / (1 + Math.exp(-ofYes));
        if (isCompletion(request))
          return echo ? echoing(request, (word) => Math.log(word.trim() === "Yes" ? yes : 1 - yes)) : absent;
        if (logprobs) return choosing(request, (text) => (text === "Yes" ? ofYes : 0));
        const wanted = drawOf(request) < yes ? "Yes" : "No";
        return said(listed(request).find(({ text }) => text === wanted)?.letter ?? "A");
      };

    const verdictOf = async (opinion: (statement: number) => number) => {
      const { results, blackBox } = await measured(model(-2, opinion), model(3, opinion), [statements]);
      expect(blackBox.behaviours[0]?.method).toBe(method);
      return results[0]?.result;
    };

    it("a liking for Yes that grew is no finding about a base that reads nothing", async () => {
      const found = await verdictOf(() => 0);
      expect(found).toMatchObject({ verdict: "not-measured", why: expect.stringMatching(/reliability/) });
      expect(found?.delta).toBeGreaterThan(0.1);
    });

    it("a base that has an opinion on each statement is measured", async () => {
      const found = await verdictOf((i) => 5 * Math.sin(i * i));
      expect(found?.verdict).not.toBe("not-measured");
    });
  });

  it.each<[string, StubAnswer, string]>([
    ["rubbish", said("lorem ipsum"), "no-choice"],
    ["refusals", said(null, { refusal: "I will not." }), "refused"],
    ["nothing", said(""), "no-choice"],
    ["an answer cut off in thought", said("<think>on and on", { finish_reason: "length" }), "cut-short"],
    ["filters", { json: { error: { message: "filtered" } }, status: 400 }, "rejected"],
  ])("invents no number where the tuned model gives %s", async (_, rubbish, why) => {
    const behaviour = small("power-seeking", 6);
    const sound = (request: StubRequest) =>
      isCompletion(request) ? absent : choosing(request, (text) => text.length % 3);
    // It can choose while it is probed, and stops afterwards.
    const failing = (request: StubRequest) =>
      isCompletion(request) || request.body.messages[0].content.includes("fruit") ? sound(request) : rubbish;
    const { results, blackBox } = await measured(sound, failing, [behaviour]);
    expect(results[0]?.result).toMatchObject({ base: null, tuned: null, delta: null, verdict: "not-measured", n: 0 });
    const reasons = Object.keys(blackBox.behaviours[0]?.missing.tuned ?? {});
    expect(reasons).toEqual([why === "no-choice" || why === "cut-short" ? expect.stringMatching(/no-logprobs/) : why]);
    expect(results[0]?.evidence).toEqual([]);
  });

  it("says what cannot be measured at all", async () => {
    const mute = () => ({ json: { error: { message: "no" } }, status: 400 }) as const;
    const { results, blackBox } = await measured(mute, mute, [small("power-seeking", 6)]);
    expect(results[0]?.result).toMatchObject({
      verdict: "not-measured",
      why: expect.stringMatching(/none of the ways/),
    });
    expect(blackBox.behaviours).toEqual([]);
    expect(blackBox.notes.join()).toMatch(/no chat/);
  });
});

describe("the echo of a prompt", () => {
  const reply = (tokens: readonly { token: string; logprob: number | null; offset: number | null }[]) => ({
    kind: "answer" as const,
    text: "",
    reasoning: null,
    finish: null,
    refusal: null,
    tokens: tokens.map((token) => ({ ...token, top: [] })),
    promptTokens: null,
    completionTokens: null,
    cached: false,
  });
  const of = (...tokens: readonly (readonly [string, (number | null)?, (number | undefined)?])[]) =>
    reply(tokens.map(([token, logprob, offset]) => ({ token, logprob: logprob ?? null, offset: offset ?? null })));

  it("sums the continuation's tokens, with offsets and without, by hand", () => {
    const parts = ["ab cd", " ef gh"] as const;
    const plain = [
      ["ab", null],
      [" cd", -1],
      [" ef", -2],
      [" gh", -3],
      [" next", -9],
    ] as const;
    expect(continuationOf(of(...plain), parts)).toEqual({ logprob: -5, tokens: 2 });
    const offsets = [0, 2, 5, 8, 11];
    const placed = plain.map(([token, logprob], i) => [token, logprob, offsets[i]] as const);
    expect(continuationOf(of(...placed), parts)).toEqual({ logprob: -5, tokens: 2 });
  });

  it("counts a token that reaches over the seam, and code points rather than code units", () => {
    expect(continuationOf(of(["ab", null, 0], ["cd", -1, 2], ["e", -2, 4]), ["abc", "de"])).toEqual({
      logprob: -3,
      tokens: 2,
    });
    expect(continuationOf(of(["🙂🙂", null, 0], ["x", -1, 2]), ["🙂🙂", "x"])).toEqual({ logprob: -1, tokens: 1 });
  });

  it("is refused where it is another text, too short, out of order or without numbers", () => {
    const parts = ["ab", " cd"] as const;
    expect(continuationOf(of(["xy", null], [" cd", -1]), parts)).toBe("misaligned");
    expect(continuationOf(of(["ab", null, 0], [" c", -1, 2]), ["ab", " cdefgh"])).toBe("misaligned");
    expect(continuationOf(of(["ab", null, 5], [" cd", -1, 0]), parts)).toBe("misaligned");
    expect(continuationOf(of(["ab cd", null, 0]), parts)).toBe("misaligned");
    expect(continuationOf({ ...of(["ab", null]), tokens: null }, parts)).toBe("no-logprobs");
    expect(continuationOf({ kind: "gap", why: "timeout", detail: "" }, parts)).toBe("timeout");
  });
});

describe("the choice of items", () => {
  it("takes as many as asked, spread over clusters, the same for the same seed", () => {
    const all = behaviourNamed("sycophancy");
    const [a, again, b] = [chooseItems(all, 30, 1), chooseItems(all, 30, 1), chooseItems(all, 30, 2)];
    expect(a.items.length).toBe(30);
    expect(again).toEqual(a);
    expect(b.items).not.toEqual(a.items);
    const sizes = [...new Set(all.items.map(({ cluster }) => cluster))].map(
      (name) => a.items.filter(({ cluster }) => cluster === name).length,
    );
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
    expect(chooseItems(all, 1e6, 1)).toBe(all);
  });
});
