/** Laws of training: derivatives, the step, scaling, revival, and features that were planted. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { must, rng, UserError } from "../../core/index.ts";
import { compile, type Engine, type HostTensor, startEngine } from "../../engine/index.ts";
import { Graph, gradients } from "../../tensor/index.ts";
import { runCoder } from "../coders/decode.ts";
import { encodeGroup } from "../coders/encode.ts";
import type { CoderStep } from "./coder-request.ts";
import { lossGraph, parameterShapes } from "./loss-graph.ts";
import { type CoderPlaces, type CoderRecipe, coderDefaults, trainedArchitectures, trainedKinds } from "./recipe.ts";
import { trainCoder } from "./train-coder.ts";

let engine: Engine;
beforeAll(() => {
  engine = startEngine({ threads: 1 });
});
afterAll(() => engine.close());

const place = (hook: string, width: number) => ({ hook: hook as "hook_embed", width });
const residual = [place("blocks.0.hook_resid_post", 5)];
const placesOf: Record<(typeof trainedKinds)[number], CoderPlaces> = {
  sae: { kind: "sae", inputs: residual, outputs: residual },
  transcoder: {
    kind: "transcoder",
    inputs: [place("blocks.0.mlp.hook_in", 5)],
    outputs: [place("blocks.0.hook_mlp_out", 3)],
  },
  skip_transcoder: {
    kind: "skip_transcoder",
    inputs: [place("blocks.0.mlp.hook_in", 5)],
    outputs: [place("blocks.0.hook_mlp_out", 3)],
  },
  clt: {
    kind: "clt",
    inputs: [0, 1, 2].map((layer) => place(`blocks.${layer}.mlp.hook_in`, 4)),
    outputs: [0, 1, 2].map((layer) => place(`blocks.${layer}.hook_mlp_out`, 3)),
  },
};

const small: CoderRecipe = {
  ...coderDefaults,
  architecture: "topk",
  nLatents: 8,
  k: 2,
  tokens: 6,
  batchTokens: 6,
  seed: 1,
};
const widthOf = ({ kind, inputs, outputs }: CoderPlaces) =>
  [...inputs, ...(kind === "sae" ? [] : outputs)].reduce((sum, { width }) => sum + width, 0);

const float64 = (shape: readonly number[], data: Float64Array): HostTensor => ({ dtype: "float64", shape, data });

/** Loss and gradients in float64, at parameters drawn once. */
function lossAt(places: CoderPlaces, recipe: CoderRecipe) {
  const graph = new Graph();
  const made = lossGraph(graph, places, recipe, "float64");
  const wrt = [...made.parameters];
  const found = gradients(
    made.loss,
    graph.constant("float64", [1], []),
    wrt.map(([, tensor]) => tensor),
  );
  graph.output("loss", made.loss);
  for (const [i, [name]] of wrt.entries()) graph.output(`d.${name}`, must(found[i], name));
  const program = compile(graph);
  const random = rng(7, "loss");
  const normal = (count: number) => Float64Array.from({ length: count }, () => random.normal());
  const rows = normal(recipe.batchTokens * widthOf(places));
  const values = new Map(
    [...parameterShapes(places, recipe)].map(([name, shape]) => {
      const drawn = normal(shape.reduce((product, dim) => product * dim, 1));
      return [name, { shape, data: name.startsWith("log") ? drawn.map((value) => value / 4) : drawn }];
    }),
  );
  const run = async (fetches: readonly string[]) => {
    const feeds: Record<string, HostTensor> = { rows: float64([recipe.batchTokens, widthOf(places)], rows) };
    for (const [name, { shape, data }] of values) feeds[name] = float64(shape, data);
    feeds.sparsity = float64([], Float64Array.of(0.7));
    return engine.run({ program, feeds, fetches });
  };
  return { run, values, names: wrt.map(([name]) => name) };
}

const dense = ["topk", "batchtopk", "matryoshka_batchtopk"] as const;

describe.each(trainedKinds)("%s: gradients are finite differences", (kind) => {
  test.each(dense)("%s", async (architecture) => {
    const recipe = { ...small, architecture, prefixes: [0.25, 0.5, 1] };
    const { run, values, names } = lossAt(placesOf[kind], recipe);
    const out = await run(names.map((name) => `d.${name}`));
    const random = rng(3, kind, architecture);
    for (const name of names) {
      const { data } = must(values.get(name), name);
      const gradient = must(out[`d.${name}`], name).data as Float64Array;
      for (let draw = 0; draw < 4; draw++) {
        const at = random.int(data.length);
        const [h, held] = [1e-6, must(data[at], "value")];
        data[at] = held + h;
        const above = Number(must((await run(["loss"])).loss, "loss").data[0]);
        data[at] = held - h;
        const below = Number(must((await run(["loss"])).loss, "loss").data[0]);
        data[at] = held;
        // Who speaks does not change within 1e-6; central differences err by h² and by 1e-16/h.
        expect(Math.abs((above - below) / (2 * h) - must(gradient[at], "gradient"))).toBeLessThan(1e-7);
      }
    }
  });

  test("jumprelu: all but the threshold's, at a fixed choice of who speaks", async () => {
    const { run, values, names } = lossAt(placesOf[kind], { ...small, architecture: "jumprelu", bandwidth: 0.3 });
    const others = names.filter((name) => !name.startsWith("log"));
    const out = await run(others.map((name) => `d.${name}`));
    for (const name of others) {
      const { data } = must(values.get(name), name);
      const held = must(data[0], "value");
      const losses: number[] = [];
      for (const h of [1e-6, -1e-6]) {
        data[0] = held + h;
        losses.push(Number(must((await run(["loss"])).loss, "loss").data[0]));
      }
      data[0] = held;
      const difference = (must(losses[0], "loss") - must(losses[1], "loss")) / 2e-6;
      expect(Math.abs(difference - Number(must(out[`d.${name}`], name).data[0]))).toBeLessThan(1e-7);
    }
  });
});

describe("jumprelu's threshold, by hand", () => {
  // One latent reading one number: p = x. Two tokens, x = 1.1 and 0.2; θ = 1, ε = 0.4: the first is within ε/2 of θ, the
  // second is not. y = x, ŷ = d f with d = 2, b = 0: y − ŷ = 1.1 − 2.2 = −1.1 and 0.2.
  // loss = (1.21 + 0.04)/2 + λ (L0/k − 1)², L0 = 1/2, k = 2, λ = 0.7: (1/4 − 1)² = 0.5625.
  // ∂ŷ-part/∂θ = mean over tokens of 2 (ŷ − y) d · (−θ/ε) K = ½ · 2 · 1.1 · 2 · (−1/0.4) = −5.5
  // ∂L0-part/∂θ = λ · 2 (−3/4) · (1/k) · ½ · (−1/0.4) = 0.7 · 2 · (−0.75) · 0.5 · 0.5 · (−2.5) = 0.65625. ∂/∂log θ = θ ∂/∂θ.
  test("loss and gradient", async () => {
    const one = [place("hook_embed", 1)];
    const places: CoderPlaces = { kind: "transcoder", inputs: one, outputs: one };
    const recipe: CoderRecipe = {
      ...small,
      architecture: "jumprelu",
      nLatents: 1,
      k: 2,
      batchTokens: 2,
      bandwidth: 0.4,
    };
    const graph = new Graph();
    const { loss, parameters } = lossGraph(graph, places, recipe, "float64");
    const [gradient] = gradients(loss, graph.constant("float64", [1], []), [
      must(parameters.get("logThreshold.0"), "θ"),
    ]);
    graph.output("loss", loss);
    graph.output("gradient", must(gradient, "gradient"));
    const feeds = {
      rows: float64([2, 2], Float64Array.of(1.1, 1.1, 0.2, 0.2)),
      "encoder.0": float64([1, 1], Float64Array.of(1)),
      "encoderBias.0": float64([1], Float64Array.of(0)),
      "decoder.0": float64([1, 1], Float64Array.of(2)),
      "logThreshold.0": float64([1], Float64Array.of(0)),
      "bias.0": float64([1], Float64Array.of(0)),
      sparsity: float64([], Float64Array.of(0.7)),
    };
    const out = await engine.run({ program: compile(graph), feeds, fetches: ["loss", "gradient"] });
    expect(Number(out.loss?.data[0])).toBeCloseTo(0.625 + 0.7 * 0.5625, 12);
    expect(Number(out.gradient?.data[0])).toBeCloseTo(-5.5 + 0.65625, 12);
  });
});

/** Activations of `features` sparse directions, shifted and stretched; a linear map of them behind. */
function planted(places: CoderPlaces, features: number, name: string) {
  const draw = rng(11, "planted");
  const widths = [...places.inputs, ...(places.kind === "sae" ? [] : places.outputs)].map(({ width }) => width);
  const directions = widths.map((width) =>
    Array.from({ length: features * width }, () => draw.normal() / Math.sqrt(width)),
  );
  const shift = widths.map((width) => Array.from({ length: width }, () => 3 * draw.normal()));
  const random = rng(11, name);
  return async function* (n: number): AsyncGenerator<Float32Array> {
    const total = widths.reduce((sum, width) => sum + width, 0);
    for (;;) {
      const rows = new Float32Array(n * total);
      for (let t = 0; t < n; t++) {
        const active = Array.from({ length: 2 }, () => [random.int(features), 1 + random.next()] as const);
        let at = t * total;
        for (const [p, width] of widths.entries())
          for (let j = 0; j < width; j++, at++) {
            let value = must(shift[p]?.[j], "shift");
            for (const [feature, strength] of active)
              value += 7 * strength * must(directions[p]?.[feature * width + j], "d");
            rows[at] = value;
          }
      }
      yield rows;
    }
  };
}

const wide: Record<(typeof trainedKinds)[number], CoderPlaces> = {
  sae: { kind: "sae", inputs: [place("hook_embed", 24)], outputs: [place("hook_embed", 24)] },
  transcoder: { ...placesOf.transcoder, inputs: [place("hook_embed", 24)], outputs: [place("hook_embed", 16)] },
  skip_transcoder: {
    ...placesOf.skip_transcoder,
    inputs: [place("hook_embed", 24)],
    outputs: [place("hook_embed", 16)],
  },
  clt: {
    kind: "clt",
    inputs: [place("blocks.0.mlp.hook_in", 24), place("blocks.1.mlp.hook_in", 24)],
    outputs: [place("blocks.0.hook_mlp_out", 16), place("blocks.1.hook_mlp_out", 16)],
  },
};

const recipe: CoderRecipe = {
  ...coderDefaults,
  architecture: "batchtopk",
  nLatents: 48,
  k: 4,
  tokens: 128 * 160,
  batchTokens: 128,
  learningRate: 1e-2,
  deadAfterTokens: 2000,
  seed: 1,
};

const pairs = trainedKinds.flatMap((kind) =>
  trainedArchitectures
    .filter((architecture) => kind !== "clt" || architecture !== "topk")
    .map((a) => [kind, a] as const),
);

describe("features that were planted", () => {
  test.each(pairs)(
    "%s, %s: the coder explains them, as it did in training, for activations as they come",
    async (kind, architecture) => {
      const places = wide[kind];
      const reports: CoderStep[] = [];
      const batches = planted(places, 32, "train")(128);
      const trained = await trainCoder({
        engine,
        places,
        recipe: { ...recipe, architecture },
        modelName: "planted",
        batches,
        onStep: (report) => reports.push(report),
      });
      expect(trained.steps).toBe(160);
      const rows = must((await planted(places, 32, "held out")(512).next()).value as Float32Array, "rows");
      const { explained, l0 } = quality(trained.coder, places, rows);
      const last = must(reports.at(-1), "report");
      const unexplained = last.unexplained.reduce((sum, value) => sum + value, 0) / last.unexplained.length;
      expect(explained).toBeGreaterThan(0.8);
      // In training's last batch and in the coder that came out of it: other tokens, 128 and 512 of them.
      expect(Math.abs(1 - explained - unexplained)).toBeLessThan(0.05);
      const groups = places.inputs.length;
      // A batch's k on average; JumpReLU is only drawn to it.
      expect(Math.abs(l0 / groups - 4)).toBeLessThan(architecture === "jumprelu" ? 2 : 1);
      expect(reports[0]?.unexplained.reduce((sum, value) => sum + value, 0)).toBeGreaterThan(2 * unexplained);
    },
  );
});

/** Mean explained variance over outputs, and active latents a token. */
function quality(coder: Parameters<typeof runCoder>[0], places: CoderPlaces, rows: Float32Array) {
  const all = [...places.inputs, ...(places.kind === "sae" ? [] : places.outputs)];
  const total = all.reduce((sum, { width }) => sum + width, 0);
  const n = rows.length / total;
  const columns = (p: number) => {
    const start = all.slice(0, p).reduce((sum, { width }) => sum + width, 0);
    const { width } = must(all[p], "place");
    const out = new Float32Array(n * width);
    for (let t = 0; t < n; t++) out.set(rows.subarray(t * total + start, t * total + start + width), t * width);
    return out;
  };
  const inputs = places.inputs.map((_, g) => columns(g));
  const rebuilt = runCoder(coder, inputs);
  const shares = rebuilt.map((y, o) => {
    const target = columns(places.kind === "sae" ? 0 : places.inputs.length + o);
    const width = target.length / n;
    const mean = Float64Array.from({ length: width }, (_, j) => {
      let sum = 0;
      for (let t = 0; t < n; t++) sum += (target[t * width + j] ?? 0) / n;
      return sum;
    });
    let [missed, varied] = [0, 0];
    for (const [i, value] of target.entries()) {
      missed += (value - (y[i] ?? 0)) ** 2;
      varied += (value - (mean[i % width] ?? 0)) ** 2;
    }
    return 1 - missed / varied;
  });
  const active = coder.groups.reduce(
    (sum, group, g) => sum + encodeGroup(group, must(inputs[g], "x")).latents.length,
    0,
  );
  return { explained: shares.reduce((sum, share) => sum + share, 0) / shares.length, l0: active / n };
}

describe("a step", () => {
  test("of rate 0 leaves the coder as it was: what it reports is what the coder does to the same rows", async () => {
    for (const kind of trainedKinds) {
      const places = wide[kind];
      const architecture = kind === "clt" ? "batchtopk" : "topk";
      const still = { ...recipe, architecture, tokens: 128, learningRate: 0, reviveEvery: 0 } as const;
      const rows = must((await planted(places, 32, "still")(128).next()).value as Float32Array, "rows");
      const reports: CoderStep[] = [];
      async function* once() {
        yield rows;
      }
      const { coder } = await trainCoder({
        engine,
        places,
        recipe: still,
        modelName: null,
        batches: once(),
        onStep: (report) => reports.push(report),
      });
      const { explained, l0 } = quality(coder, places, rows);
      const [report] = reports;
      const mean = must(report, "report").unexplained.reduce((sum, value) => sum + value, 0) / places.outputs.length;
      // The least value kept is the threshold itself, above which it does not lie: one slot of 512.
      expect(Math.abs(1 - explained - mean)).toBeLessThan(architecture === "topk" ? 1e-4 : 0.01);
      expect(Math.abs(l0 - must(report, "report").l0)).toBeLessThan(0.02 * places.inputs.length);
    }
  });

  test("latents that died start again, and are used", async () => {
    const places = wide.transcoder;
    const reports: CoderStep[] = [];
    const run = (reviveEvery: number) =>
      trainCoder({
        engine,
        places,
        recipe: { ...recipe, nLatents: 200, k: 2, reviveEvery, tokens: 128 * 120 },
        modelName: null,
        batches: planted(places, 32, "dying")(128),
        onStep: (report) => reports.push(report),
      });
    const without = await run(0);
    const revived = await run(5);
    expect(without.dead).toBeGreaterThan(20);
    expect(revived.dead).toBeLessThan(without.dead / 2);
    expect(revived.revived).toBeGreaterThan(0);
  });

  test("is cancelled, refuses too little text, a wild rate, a recipe that cannot be kept", async () => {
    const places = wide.sae;
    const batches = () => planted(places, 32, "bad")(128);
    const request = { engine, places, recipe, modelName: null };
    const controller = new AbortController();
    const stopped = trainCoder({
      ...request,
      batches: batches(),
      signal: controller.signal,
      onStep: ({ step }) => step === 3 && controller.abort(),
    });
    await expect(stopped).rejects.toThrow(/cancelled/);
    async function* none() {
      yield* [] as Float32Array[];
    }
    await expect(trainCoder({ ...request, batches: none() })).rejects.toThrow(/at least 128 tokens/);
    const wild = { ...recipe, learningRate: Number.POSITIVE_INFINITY };
    await expect(trainCoder({ ...request, recipe: wild, batches: batches() })).rejects.toThrow(
      /lower the learning rate/,
    );
    const clt = { ...request, places: wide.clt, recipe: { ...recipe, architecture: "topk" as const } };
    await expect(trainCoder({ ...clt, batches: batches() })).rejects.toThrow(UserError);
    await expect(trainCoder({ ...request, recipe: { ...recipe, k: 48 }, batches: batches() })).rejects.toThrow(
      /k from 1/,
    );
  });
});
