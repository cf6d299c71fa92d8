import { describe, expect, test } from "vitest";
import { must, rng } from "../core/index.ts";
import { absorption, type LabelledExamples, sparseProbing } from "./probing.ts";

const [WIDTH, LATENTS] = [8, 20];

/**
 * Latent 7 writes the concept's direction e_0; `share` of the concept's examples have latent 11 in its stead, which writes e_0
 * and e_1 (a kind of the concept that has swallowed it). All else is noise.
 */
function examples(share: number, n = 240): { examples: LabelledExamples; decoder: Float32Array } {
  const random = rng(2, "probing test", share);
  const decoder = new Float32Array(LATENTS * WIDTH);
  for (let i = 0; i < LATENTS; i++) decoder[i * WIDTH + 2 + (i % 6)] = 1;
  for (let j = 0; j < WIDTH; j++) decoder[7 * WIDTH + j] = j === 0 ? 1 : 0;
  for (let j = 0; j < WIDTH; j++) decoder[11 * WIDTH + j] = j < 2 ? Math.SQRT1_2 : 0;
  const latents = new Float32Array(n * LATENTS);
  const labels = Array.from({ length: n }, (_, i) => i % 2 === 0);
  for (const [i, has] of labels.entries()) {
    for (let f = 0; f < 3; f++) latents[i * LATENTS + 12 + random.int(8)] = random.next();
    if (has) latents[i * LATENTS + (random.next() < share ? 11 : 7)] = 2 + random.next();
  }
  const activations = new Float32Array(n * WIDTH);
  for (let i = 0; i < n; i++)
    for (let l = 0; l < LATENTS; l++)
      for (let j = 0; j < WIDTH; j++)
        activations[i * WIDTH + j] =
          must(activations[i * WIDTH + j], "x") +
          must(latents[i * LATENTS + l], "f") * must(decoder[l * WIDTH + j], "d");
  return { examples: { width: WIDTH, nLatents: LATENTS, activations, latents, labels }, decoder };
}

describe("sparse probing", () => {
  test("one latent that carries the concept tells it; labels that mean nothing are told by chance", () => {
    const { examples: of } = examples(0);
    const told = sparseProbing(of, [1, 2], 1);
    expect(told).toMatchObject({ activations: 1, n: [60, 60] });
    expect(told.latents[0]).toEqual({ k: 1, chosen: [7], accuracy: 1 });
    const random = rng(3, "labels");
    const none = sparseProbing({ ...of, labels: of.labels.map(() => random.next() < 0.5) }, [1], 1);
    // 120 examples: a standard error of .046.
    expect(Math.abs(must(none.latents[0], "k = 1").accuracy - 0.5)).toBeLessThan(0.15);
  });

  test("a concept over two latents needs two", () => {
    const told = sparseProbing(examples(0.4).examples, [1, 2], 1);
    expect(must(told.latents[0], "k = 1").accuracy).toBeLessThan(0.9);
    expect(told.latents[1]?.accuracy).toBe(1);
    expect([...(told.latents[1]?.chosen ?? [])].sort()).toEqual([11, 7]);
  });
});

test("activations that one direction all but makes up tell a concept that lies beside it", () => {
  const [width, n] = [256, 80];
  const random = rng(6, "one factor");
  const activations = new Float32Array(n * width);
  const labels = Array.from({ length: n }, (_, i) => i % 2 === 0);
  for (const [i, has] of labels.entries()) {
    const factor = random.normal();
    // The concept: every other column is a little larger, the rest a little smaller.
    for (let j = 0; j < width; j++)
      activations[i * width + j] = factor + 0.02 * random.normal() + (has === (j % 2 === 0) ? 0.01 : -0.01);
  }
  const told = sparseProbing({ width, nLatents: 1, activations, latents: new Float32Array(n), labels }, [], 1);
  expect(told.activations).toBe(1);
});

describe("absorption", () => {
  test("is none where the concept's latent always speaks", () => {
    const { examples: of, decoder } = examples(0);
    expect(absorption(of, decoder, 1)).toEqual({ main: [7], n: 60, rate: 0, absorbers: [] });
  });

  test("is the share on which a kind of the concept speaks instead, too rare to count as a main latent", () => {
    const { examples: of, decoder } = examples(0.04, 1000);
    const found = absorption(of, decoder, 1);
    expect(found.main).toEqual([7]);
    const expected = (i: number) => of.labels[i] && must(of.latents[i * LATENTS + 11], "f") > 0;
    const all = of.labels.filter((_, i) => expected(i)).length / of.labels.filter(Boolean).length;
    // Which of them lie in the scored half is drawn: 250 examples, a standard error of .012.
    expect(Math.abs(must(found.rate, "rate") - all)).toBeLessThan(0.04);
    expect(found.absorbers.map(({ latent }) => latent)).toEqual([11]);
  });
});
