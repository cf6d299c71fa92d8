/** Labels, search and Neuronpedia's files. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { UserError } from "../../core/index.ts";
import { type Complete, type Context, labelLatents, parseNumbers } from "./auto-label.ts";
import { type LatentMeaning, readNeuronpedia, writeNeuronpedia } from "./neuronpedia.ts";
import { searchLabels } from "./search.ts";

const folder = mkdtempSync(join(tmpdir(), "penumbra-meaning-"));
afterAll(() => rmSync(folder, { recursive: true }));

const meaning = (latent: number, label: string): LatentMeaning => ({
  latent,
  firingRate: 0.25,
  fired: null,
  maxActivation: 3.5,
  promotes: [{ token: " rain", value: 2 }],
  suppresses: [{ token: " sun", value: -1 }],
  chance: null,
  contexts: [
    { tokens: ["It", " rains"], values: [0, 3.5], texts: 1 },
    { tokens: ["Wet"], values: [1.25], texts: 1 },
  ],
  spread: [{ tokens: ["Damp", " air"], values: [0, 0.5], texts: 1 }],
  histogram: { counts: [3, 1], values: [0.875, 2.625] },
  nearest: [{ latent: 7, cosine: 0.5 }],
  labels: [
    { text: label, method: "penumbra-contexts", by: "a-model", score: { value: 0.75, type: "penumbra-detection" } },
  ],
});

/** Columns of Neuronpedia's tables (apps/webapp/prisma/schema.prisma) that are neither optional nor given a default. */
const demanded = {
  features: { modelId: "string", layer: "string", index: "string", frac_nonzero: "number" },
  activations: {
    id: "string",
    modelId: "string",
    layer: "string",
    index: "string",
    maxValue: "number",
    maxValueTokenIndex: "number",
    minValue: "number",
  },
  explanations: { id: "string", modelId: "string", layer: "string", index: "string", description: "string" },
};

describe("Neuronpedia's export", () => {
  const source = { modelId: "organism", sourceId: "2-penumbra" };

  test("written, then read, is the same, over several batches", async () => {
    const all = [meaning(3, "rain"), meaning(1023, "wet"), meaning(1024, "water, “quoted”"), meaning(5000, "snow")];
    const target = join(folder, "export");
    await writeNeuronpedia(target, source, all);
    expect(readdirSync(join(target, "features")).sort()).toEqual([
      "batch-0.jsonl.gz",
      "batch-1.jsonl.gz",
      "batch-4.jsonl.gz",
    ]);
    expect([...(await readNeuronpedia(target)).values()].sort((a, b) => a.latent - b.latent)).toEqual(all);
    const [line = ""] = gunzipSync(readFileSync(join(target, "activations/batch-0.jsonl.gz")))
      .toString()
      .split("\n");
    expect(JSON.parse(line)).toMatchObject({
      modelId: "organism",
      layer: "2-penumbra",
      index: "3",
      maxValue: 3.5,
      maxValueTokenIndex: 1,
      minValue: 0,
    });
  });

  test("has what the columns of their tables demand, under their names and as their types", async () => {
    const target = join(folder, "columns");
    const bare = { ...meaning(3, "rain"), firingRate: null, maxActivation: null, histogram: null };
    await writeNeuronpedia(target, source, [meaning(2, "wet"), bare]);
    for (const [part, columns] of Object.entries(demanded))
      for (const line of gunzipSync(readFileSync(join(target, part, "batch-0.jsonl.gz")))
        .toString()
        .trim()
        .split("\n"))
        for (const [column, type] of Object.entries(columns))
          expect(typeof JSON.parse(line)[column], column).toBe(type);
  });

  test("reads what Neuronpedia writes: more keys, missing parts, indices as text", async () => {
    const target = join(folder, "theirs");
    await writeNeuronpedia(target, source, []);
    const row = {
      id: "clr",
      modelId: "gemma-2-2b",
      layer: "12-gemmascope-res-16k",
      index: "77",
      description: "dates in history",
      authorId: "x",
      typeName: "oai_token-act-pair",
      explanationModelName: "gpt-4o-mini",
      embedding: [0.1],
      notes: null,
      scores: [],
    };
    writeFileSync(join(target, "explanations/batch-0.jsonl.gz"), gzipSync(`${JSON.stringify(row)}\n\n`));
    const read = await readNeuronpedia(target);
    expect(read.get(77)?.labels).toEqual([
      { text: "dates in history", method: "oai_token-act-pair", by: "gpt-4o-mini", score: null },
    ]);
    expect(read.get(77)?.firingRate).toBeNull();
  });

  test("anything else in its place is refused in one line", async () => {
    const target = join(folder, "hostile");
    await writeNeuronpedia(target, source, [meaning(1, "x")]);
    const file = join(target, "features/batch-0.jsonl.gz");
    const put = fc.oneof(
      fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes)),
      fc.string({ maxLength: 80 }).map((text) => gzipSync(text)),
      fc.json().map((text) => gzipSync(text)),
    );
    await fc.assert(
      fc.asyncProperty(put, async (bytes) => {
        writeFileSync(file, bytes);
        const result = await readNeuronpedia(target).catch((error: unknown) => error);
        if (!(result instanceof Map)) expect(result).toBeInstanceOf(UserError);
      }),
      { numRuns: 200 },
    );
    await expect(readNeuronpedia(join(folder, "nowhere"))).rejects.toThrow(UserError);
  });
});

describe("search over labels", () => {
  const all = [
    meaning(1, "rain and wet weather"),
    meaning(2, "rain"),
    meaning(3, "dates in history"),
    meaning(4, "rain, rain, rain"),
  ];

  test("finds whole words; rare ones and short labels count for more", () => {
    expect(searchLabels(all, "Rain").map(({ latent }) => latent)).toEqual([4, 2, 1]);
    expect(searchLabels(all, "rain history")[0]?.latent).toBe(3);
    expect(searchLabels(all, "rai")).toEqual([]);
    expect(searchLabels([], "rain")).toEqual([]);
  });

  test("the score of one word in one of two labels, by hand", () => {
    // n = 2, df = 1: idf = ln(1 + 1.5/1.5) = ln 2; tf = 1, |d| = 1, mean 1.5: 2.2/(1 + 1.2 (0.25 + 0.75/1.5)) = 2.2/1.9.
    const [found] = searchLabels([meaning(1, "rain"), meaning(2, "dry days")], "rain");
    expect(found?.score).toBeCloseTo((Math.log(2) * 2.2) / 1.9, 12);
  });
});

describe("automatic labels", () => {
  const active: Context[] = Array.from({ length: 6 }, (_, i) => ({ tokens: [`day ${i}`, " rain"], values: [0.1, 2] }));
  const silent: Context[] = Array.from({ length: 5 }, (_, i) => ({ tokens: [`day ${i}`, " sun"], values: [0, 0] }));
  const subject = { latent: 9, active, silent };
  /** Labels with «…»'s text; says that a text fires where `rule` does. */
  const model =
    (rule: (text: string) => boolean, asked: string[] = []): Complete =>
    async (conversations) =>
      conversations.map((messages) => {
        const user = messages.at(-1)?.content ?? "";
        asked.push(user);
        if (!user.startsWith("Description")) return ' "Mentions of rain".\nSecond line';
        const texts = user.split("\n").filter((line) => /^\d+\. /.test(line));
        return `The list: ${JSON.stringify(texts.flatMap((text, i) => (rule(text) ? [i + 1] : [])))}`;
      });
  const scoreOf = async (complete: Complete) => (await labelLatents([subject], complete, 1))[0];

  test("a label that foretells all scores 1, one that foretells nothing ½, a wrong one 0", async () => {
    expect(await scoreOf(model((text) => text.includes("rain")))).toMatchObject({
      label: "Mentions of rain",
      score: 1,
      n: [3, 3],
    });
    expect((await scoreOf(model(() => true)))?.score).toBe(0.5);
    expect((await scoreOf(model((text) => text.includes("sun"))))?.score).toBe(0);
  });

  test("what is scored was not shown, and bears no marks", async () => {
    const asked: string[] = [];
    await scoreOf(model(() => true, asked));
    const [shown = "", held = ""] = asked;
    expect(shown).toContain("« rain»");
    expect(held).not.toContain("«");
    for (const i of [0, 2, 4]) expect(shown).toContain(`day ${i}«`);
    for (const i of [1, 3, 5]) expect(shown).not.toContain(`day ${i}`);
    for (const i of [1, 3, 5]) expect(held).toContain(`day ${i} rain`);
  });

  test("many latents are asked about in two rounds; one without an answer or with too few contexts keeps its place", async () => {
    let rounds = 0;
    const complete: Complete = async (conversations) => {
      rounds++;
      return (await model((text) => text.includes("rain"))(conversations)).map((text, i) => (i === 1 ? null : text));
    };
    const few = { ...subject, latent: 7, active: active.slice(0, 3) };
    const labelled = await labelLatents([few, subject, { ...subject, latent: 10 }], complete, 1);
    expect(rounds).toBe(2);
    expect(labelled.map(({ latent, label, why, score }) => [latent, label, why, score])).toEqual([
      [7, null, "too-few-contexts", null],
      [9, "Mentions of rain", null, 1],
      [10, null, "no-answer", null],
    ]);
    expect(await labelLatents([few], async () => Promise.reject(new Error("asked")), 1)).toHaveLength(1);
  });

  test("a reply that cannot be read scores nothing, and is kept", async () => {
    const complete: Complete = async (conversations) => conversations.map(() => "I cannot say.");
    expect(await scoreOf(complete)).toMatchObject({ score: null, reply: "I cannot say." });
    expect(parseNumbers("[1, 9]", 4)).toBeNull();
    expect(parseNumbers("none: []", 4)).toEqual(new Set());
  });

  test("texts with line breaks stay one numbered line each; words of a model without spaces are kept apart", async () => {
    const asked: string[] = [];
    const broken = active.map(({ tokens, values }) => ({
      tokens: [...tokens, "\n2. not a text"],
      values: [...values, 0],
    }));
    await labelLatents(
      [{ ...subject, active: broken }],
      model(() => true, asked),
      1,
    );
    expect(asked[0]?.split("\n")).toHaveLength(3);
    const words = active.map(({ values }) => ({ tokens: ["wet", "rain"], values }));
    asked.length = 0;
    await labelLatents(
      [{ ...subject, active: words }],
      model(() => true, asked),
      1,
    );
    expect(asked[0]).toContain("wet «rain»");
  });
});
