/** Twenty planted models do what their construction claims, by direct forward passes. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ContrastPair } from "../../src/behaviours/index.ts";
import { must } from "../../src/core/index.ts";
import { type Engine, type LanguageModel, languageModel, startEngine } from "../../src/engine/index.ts";
import {
  addScaled,
  cosine,
  dot,
  norm,
  orthonormalBasis,
  projectOff,
  restoreNorm,
  rowAt,
} from "../../src/geometry/index.ts";
import type { HookName } from "../../src/models/index.ts";
import { latentOf } from "./dictionary.ts";
import { type Planted, plantedModel } from "./planted.ts";
import { perTopic, SLOTS, type Topic } from "./vocabulary.ts";
import { dModel } from "./weights.ts";

let engine: Engine;
const folder = mkdtempSync(join(tmpdir(), "penumbra-planted-"));
beforeAll(() => {
  engine = startEngine({ threads: 2 });
});
afterAll(async () => {
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
});

const hooks: readonly HookName[] = [0, 1, 2].map((layer): HookName => `blocks.${layer}.hook_resid_post`);

interface Scene {
  readonly planted: Planted;
  readonly base: LanguageModel;
}

async function scene(seed: number): Promise<Scene> {
  const planted = await plantedModel(seed, folder);
  const { source, tokenizer } = planted;
  return { planted, base: languageModel({ engine, source, tokenizer, adapterRank: 1 }) };
}

/** Activations `[n, dModel]` at the answers' own tokens. */
async function atAnswers(
  { base, planted }: Scene,
  hook: HookName,
  answers: readonly (readonly [ContrastPair["messages"], string])[],
) {
  const sequences = answers.map(([messages, answer]) => {
    const prompt = planted.tokenizer.encodeChat(messages, { addGenerationPrompt: true });
    const response = planted.tokenizer.encode(answer);
    return { ids: [...prompt, ...response], positions: response.map((_, i) => prompt.length + i) };
  });
  const found: number[] = [];
  await base.activations(sequences, [hook], ({ rows }) => void found.push(...must(rows[0], "rows")));
  return Float64Array.from(found);
}

async function meanDifference(scene: Scene, hook: HookName, topic: Topic): Promise<Float64Array> {
  const { pairs } = scene.planted.behaviours[topic];
  const sum = new Float64Array(dModel);
  for (const side of ["exhibiting", "other"] as const) {
    const rows = await atAnswers(
      scene,
      hook,
      pairs.map((pair) => [pair.messages, pair[side]] as const),
    );
    const n = rows.length / dModel;
    for (let r = 0; r < n; r++) addScaled(sum, (side === "exhibiting" ? 1 : -1) / n, rowAt(rows, dModel, r));
  }
  return sum;
}

/** Mean of log p(exhibiting) − log p(other) over the check half, nats. */
async function logOdds(model: LanguageModel, { behaviours, words }: Planted, topic: Topic): Promise<number> {
  const pairs = behaviours[topic].pairs.filter(({ half }) => half === "check");
  const ask = (side: "exhibiting" | "other") =>
    model.logLikelihood(
      pairs.map((pair) => ({
        prompt: model.tokenizer.encodeChat(pair.messages, { addGenerationPrompt: true }),
        continuation: [...model.tokenizer.encode(pair[side]), words.end],
      })),
    );
  const [exhibiting, other] = [await ask("exhibiting"), await ask("other")];
  return exhibiting.reduce((sum, { logprob }, i) => sum + logprob - must(other[i], "other").logprob, 0) / pairs.length;
}

async function shifts({ base, planted }: Scene, changed: LanguageModel): Promise<Record<Topic, number>> {
  const out = perTopic(() => 0);
  for (const topic of Object.keys(out) as Topic[]) {
    out[topic] = (await logOdds(changed, planted, topic)) - (await logOdds(base, planted, topic));
  }
  return out;
}

const pushed = ({ base }: Scene, vector: Float64Array) =>
  base.intervene([{ kind: "add", hook: "blocks.0.hook_resid_post", vector: Float32Array.from(vector) }]);

const seeds = Array.from({ length: 20 }, (_, seed) => seed);

describe.each(seeds)("planted model %i", (seed) => {
  it("answers in its topic's words, keeps to the plain mode and ends", async () => {
    const { base, planted } = await scene(seed);
    const { words, tokenizer } = planted;
    for (const topic of ["task", "A", "B", "C"] as const) {
      const prompts = planted.behaviours[topic].pairs.map(({ messages }) =>
        tokenizer.encodeChat(messages, { addGenerationPrompt: true }),
      );
      for (const answer of await base.generate(prompts, { maxNewTokens: 6, stopIds: tokenizer.eosIds })) {
        const kept = answer.filter((id) => id !== words.end);
        expect(kept).toHaveLength(SLOTS);
        for (const [slot, id] of kept.entries()) expect(words.off[topic][slot]).toContain(id);
      }
    }
  });

  it("measured directions have the planted cosines at every layer", async () => {
    const here = await scene(seed);
    const { modes } = here.planted.directions;
    for (const hook of hooks) {
      const measured = {
        task: await meanDifference(here, hook, "task"),
        A: await meanDifference(here, hook, "A"),
        B: await meanDifference(here, hook, "B"),
        C: await meanDifference(here, hook, "C"),
      };
      for (const topic of ["task", "A", "B", "C"] as const) {
        expect(cosine(measured[topic], modes[topic]), topic).toBeGreaterThan(0.9);
      }
      const to = (topic: Topic) => must(cosine(measured.task, measured[topic]), "cosine");
      expect(Math.abs(to("A") - 0.4)).toBeLessThan(0.15);
      expect(to("B")).toBeGreaterThan(0.8);
      expect(Math.abs(to("C"))).toBeLessThan(0.15);
    }
  });

  it("pushing d_task raises A and B, not C; without span(d_A) and at the same norm it leaves A", async () => {
    const here = await scene(seed);
    const { task, A } = here.planted.directions.modes;
    const push = task.map((value) => 1.5 * value);
    const plain = await shifts(here, pushed(here, push));
    const rotated = must(restoreNorm(projectOff(push, orthonormalBasis(A, dModel)), push), "rotated");
    const turned = await shifts(here, pushed(here, rotated));
    expect(plain.A).toBeGreaterThan(1);
    expect(plain.B).toBeGreaterThan(2 * plain.A);
    expect(Math.abs(plain.C)).toBeLessThan(0.25 * plain.A);
    expect(Math.abs(turned.A)).toBeLessThan(0.25 * plain.A);
    expect(turned.B).toBeGreaterThan(0.8 * plain.B);
  });

  it("the adapter moves task, A and B, not C", async () => {
    const here = await scene(seed);
    const moved = await shifts(here, await here.base.withAdapter(here.planted.adapter));
    expect(moved.task).toBeGreaterThan(2);
    expect(moved.A).toBeGreaterThan(1);
    expect(moved.B).toBeGreaterThan(2 * moved.A);
    expect(Math.abs(moved.C)).toBeLessThan(0.25 * moved.A);
  });

  it("the dictionary's mode latents are on where their feature is and rebuild what the stream holds", async () => {
    const here = await scene(seed);
    const { dictionary, behaviours } = here.planted;
    const on = { task: latentOf.task, A: latentOf.A, B: latentOf.task, C: latentOf.C } as const;
    for (const topic of ["task", "A", "B", "C"] as const) {
      const { pairs } = behaviours[topic];
      for (const side of ["exhibiting", "other"] as const) {
        const rows = await atAnswers(
          here,
          dictionary.hook,
          pairs.map((pair) => [pair.messages, pair[side]] as const),
        );
        let [unexplained, all] = [0, 0];
        const means = new Map<number, number>([latentOf.task, latentOf.A, latentOf.C].map((latent) => [latent, 0]));
        const n = rows.length / dModel;
        for (let r = 0; r < n; r++) {
          const h = Float64Array.from(rowAt(rows, dModel, r));
          addScaled(h, -1, dictionary.decoderBias);
          all += dot(h, h);
          for (const [latent, value] of read(dictionary, h)) {
            addScaled(h, -value, rowAt(dictionary.decoder, dModel, latent));
            if (means.has(latent)) means.set(latent, (means.get(latent) ?? 0) + value / n);
          }
          unexplained += dot(h, h);
        }
        expect(1 - unexplained / all).toBeGreaterThan(0.85);
        for (const [latent, mean] of means) {
          if (side === "exhibiting" && latent === on[topic]) expect(mean).toBeGreaterThan(1);
          else expect(mean).toBeLessThan(0.2);
        }
      }
    }
  });
});

/** Active latents of h (b taken off) and their values, by the definition. */
function read({ encoder, encoderBias, nLatents, k }: Planted["dictionary"], h: Float64Array): [number, number][] {
  const pre = Array.from({ length: nLatents }, (_, i): [number, number] => [
    i,
    dot(rowAt(encoder, dModel, i), h) + must(encoderBias[i], "bias"),
  ]);
  return pre
    .filter(([, value]) => value > 0)
    .sort((a, b) => b[1] - a[1])
    .slice(0, k ?? nLatents);
}

it("rotations differ from seed to seed, and one seed gives one model", async () => {
  const [a, again, b] = [await plantedModel(1, folder), await plantedModel(1, folder), await plantedModel(2, folder)];
  expect(a.directions).toEqual(again.directions);
  expect(a.rows).toEqual(again.rows);
  expect(norm(a.directions.modes.task)).toBeCloseTo(1, 12);
  expect(Math.abs(cosine(a.directions.modes.task, b.directions.modes.task) ?? 1)).toBeLessThan(0.6);
});
