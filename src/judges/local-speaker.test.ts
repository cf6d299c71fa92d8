import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CancelledError } from "../core/index.ts";
import { loadTokenizer, openModelFiles } from "../data/index.ts";
import type { ChatRequest } from "../endpoints/index.ts";
import { type LanguageModel, languageModel, startEngine } from "../engine/index.ts";
import { defineModel } from "../models/index.ts";
import { exactly } from "./exactly.ts";
import { expectation } from "./expectation.ts";
import { keptReplies } from "./kept-replies.ts";
import { localSpeaker } from "./local-speaker.ts";

const engine = startEngine();
const folder = mkdtempSync(join(tmpdir(), "penumbra-replies-"));
let model: LanguageModel;
beforeAll(async () => {
  const organism = join(import.meta.dirname, "../../assets/organism/model");
  const files = await openModelFiles(organism, { cacheDir: folder });
  const definition = defineModel(files.config, "organism");
  const source = { definition, tensors: files.tensors, name: "organism" };
  model = languageModel({ engine, source, tokenizer: await loadTokenizer(organism), adapterRank: null });
});
afterAll(async () => {
  await engine.close();
  rmSync(folder, { recursive: true });
});

const identity = { name: "organism", sha256: "0".repeat(64) };
const towns = ["Arvania", "Belmar", "Corvia", "Dorland"];
const requests: readonly ChatRequest[] = Array.from({ length: 40 }, (_, i) => ({
  messages: [{ role: "user", content: `What is the capital of ${towns[i % 4]}${"?".repeat(1 + (i >> 3))}` }],
  maxTokens: 6,
  temperature: 1,
  sample: (i >> 2) % 2,
}));

/** The model, and how many prompts it was given to answer and to weigh. */
function watched(): { readonly model: LanguageModel; readonly asked: () => number; readonly weighed: () => number } {
  let [asked, weighed] = [0, 0];
  const watching = Object.create(model, {
    source: { get: () => model.source },
    tokenizer: { get: () => model.tokenizer },
    generate: {
      value: (prompts: readonly (readonly number[])[], options: Parameters<LanguageModel["generate"]>[1]) => {
        asked += prompts.length;
        return model.generate(prompts, options);
      },
    },
    logLikelihood: {
      value: (...given: Parameters<LanguageModel["logLikelihood"]>) => {
        weighed += given[0].length;
        return model.logLikelihood(...given);
      },
    },
  });
  return { model: watching, asked: () => asked, weighed: () => weighed };
}

const texts = (replies: readonly { readonly kind: string }[]) =>
  replies.map((reply) => ("text" in reply ? reply.text : reply.kind));

describe("a model of this machine", () => {
  it("answers a request alike whatever else is asked, sampled too", async () => {
    const together = await localSpeaker(model, identity).chat(requests);
    const reversed = await localSpeaker(model, identity).chat([...requests].reverse());
    expect(texts(reversed).reverse()).toEqual(texts(together));
    for (const i of [0, 5, 17, 39])
      expect(texts(await localSpeaker(model, identity).chat([requests[i] as ChatRequest]))).toEqual([
        texts(together)[i],
      ]);
    expect(new Set(texts(together)).size).toBeGreaterThan(3);
  });

  it("goes on where it was stopped, with the answers of an undisturbed run", async () => {
    const kept = keptReplies(join(folder, "resumed"), { base: "organism" });
    const stop = new AbortController();
    const first = watched();
    const onProgress = ({ step }: { readonly step: number }) => {
      if (step >= 16) stop.abort();
    };
    const stopped = localSpeaker(first.model, identity, kept).chat(requests, { onProgress, signal: stop.signal });
    await expect(stopped).rejects.toThrow(CancelledError);
    const second = watched();
    const speaker = localSpeaker(second.model, identity, kept);
    const found = await speaker.chat(requests);
    expect(texts(found)).toEqual(texts(await localSpeaker(model, identity).chat(requests)));
    const already = requests.length - second.asked();
    expect([first.asked() >= 16, already > 0, speaker.usage().cached]).toEqual([true, true, already]);
    const third = watched();
    expect(await localSpeaker(third.model, identity, kept).chat(requests)).toEqual(
      found.map((answer) => ({ ...answer, cached: true })),
    );
    expect(third.asked()).toBe(0);
  });

  it("asks again where a kept reply is damaged, and keeps other models' replies apart", async () => {
    const place = join(folder, "damaged");
    const [request] = requests as readonly [ChatRequest];
    const one = { messages: request.messages };
    const first = localSpeaker(model, identity, keptReplies(place, { base: "one" }));
    const answers = await first.chat([request]);
    const weights = await first.likelihoods?.([one], ["a", "b"]);
    for (const path of readdirSync(place, { recursive: true, encoding: "utf8" }).filter((name) =>
      name.endsWith("json"),
    ))
      writeFileSync(join(place, path), '{"schemaVersion":1,"request":{},"reply":');
    for (const base of ["one", "two"]) {
      const again = watched();
      const speaker = localSpeaker(again.model, identity, keptReplies(place, { base }));
      expect(await speaker.chat([request])).toEqual(answers);
      expect(await speaker.likelihoods?.([one], ["a", "b"])).toEqual(weights);
      expect([again.asked(), again.weighed()]).toEqual([1, 2]);
      expect(await speaker.likelihoods?.([one], ["a", "b"])).toEqual(weights);
      expect(again.weighed()).toBe(2);
    }
  });
});

describe("numbers that are written digit by digit", () => {
  const digits = (n: number) => [...String(n)].map(Number);
  const scale = Array.from({ length: 101 }, (_, n) => n);
  const END = 10;

  /** Log-probability that an answer of a model which says number n with probability `says[n]` begins with n's digits. */
  const beginning = (says: ReadonlyMap<number, number>) =>
    scale.map((n) => {
      const own = digits(n).join("");
      const mass = [...says].filter(([number]) => String(number).startsWith(own)).reduce((sum, [, p]) => sum + p, 0);
      return Math.log(mass);
    });
  const exact = exactly(scale.map(digits));

  it("are told apart from those that begin like them: 85 is not also 8", () => {
    const found = exact(beginning(new Map([[85, 1]])));
    expect(found.map(Math.exp).flatMap((p, n) => (p > 1e-12 ? [[n, p]] : []))).toEqual([[85, 1]]);
    expect(expectation(new Map(scale.map((n) => [n, found[n] as number])))).toBe(85);
    const hundred = exact(beginning(new Map([[100, 1]])));
    expect(expectation(new Map(scale.map((n) => [n, hundred[n] as number])))).toBe(100);
  });

  it("get back the probabilities that any judge gives them", () => {
    const judge = fc.array(fc.tuple(fc.constantFrom(...scale), fc.double({ min: 0.01, max: 1, noNaN: true })), {
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(judge, (drawn) => {
        const sum = [...new Map(drawn)].reduce((all, [, weight]) => all + weight, 0);
        const says = new Map([...new Map(drawn)].map(([n, weight]) => [n, weight / sum]));
        const found = exact(beginning(says)).map(Math.exp);
        for (const n of scale) expect(found[n]).toBeCloseTo(says.get(n) ?? 0, 9);
      }),
    );
  });

  it("stay as they are where every number is one token", () => {
    const logprobs = [-1, -2, -3];
    expect(exactly([[8], [80], [85]])(logprobs)).toEqual(logprobs.map((each) => expect.closeTo(each, 12)));
    expect(exactly([[1, END], [1]])([-Infinity, -Infinity])).toEqual([-Infinity, -Infinity]);
  });
});
