/** Laws of taps, on the tiny checkpoints. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { floats, type Golden, golden, goldenNames, randomFloats, tokenFeeds } from "../../test/golden.ts";
import { elementCount, must } from "../core/index.ts";
import { type HookName, hookLayer } from "../models/index.ts";
import {
  type Engine,
  type ForwardSpec,
  float32,
  forwardProgram,
  type HostTensor,
  readName,
  startEngine,
  type Tap,
  tapInput,
} from "./index.ts";

let engine: Engine;
beforeAll(() => {
  engine = startEngine({ threads: 2 });
});
afterAll(() => engine.close());

const isPerQuery = (hook: HookName) => hook.endsWith("attn_scores") || hook.endsWith("hook_pattern");

/** A model, its hook points' values without any tap, and runs with taps. */
async function scene(name: (typeof goldenNames)[number]) {
  const { source, inputIds }: Golden = await golden(name);
  const { hooks } = source.definition;
  const [batch, seq] = [inputIds.length, must(inputIds[0], "row").length];
  const runner = (taps: readonly Tap[]) => {
    const program = forwardProgram(source, { outputs: ["logits"], taps });
    const fetches = ["logits", ...taps.filter(({ kind }) => kind === "read").map(({ hook }) => readName(hook))];
    return (feeds: Record<string, HostTensor> = {}) =>
      engine.run({ program, feeds: { ...tokenFeeds(inputIds), ...feeds }, fetches });
  };
  const run = (taps: readonly Tap[], feeds: Record<string, HostTensor> = {}) => runner(taps)(feeds);
  const plain = await run(hooks.map((hook): Tap => ({ kind: "read", hook })));
  const valueAt = (hook: HookName) => must(plain[readName(hook)], hook);
  const weights = (tap: Tap, value: number | ((b: number, t: number) => number)): Record<string, HostTensor> => {
    const at = typeof value === "number" ? () => value : value;
    const data = Float32Array.from({ length: batch * seq }, (_, i) => at(Math.floor(i / seq), i % seq));
    return { [tapInput(tap, "weight")]: float32([batch, seq], data) };
  };
  /** The width that `add` and `project` act on. */
  const trailing = (hook: HookName) => (isPerQuery(hook) ? [seq] : valueAt(hook).shape.slice(2));
  return { source, hooks, batch, seq, run, runner, plain, valueAt, weights, trailing };
}
type Scene = Awaited<ReturnType<typeof scene>>;

/** What a tap takes besides its weight: a random vector, value, or unit direction. */
function partOf({ valueAt, trailing }: Scene, tap: Tap): Record<string, HostTensor> {
  const shape = trailing(tap.hook);
  const width = elementCount(shape);
  if (tap.kind === "add") return { [tapInput(tap, "vector")]: float32(shape, randomFloats(width, tap.hook)) };
  if (tap.kind === "replace") {
    const whole = valueAt(tap.hook).shape;
    return { [tapInput(tap, "value")]: float32(whole, randomFloats(elementCount(whole), tap.hook)) };
  }
  return { [tapInput(tap, "basis")]: float32([1, width], unit(randomFloats(width, tap.hook))) };
}

function unit(vector: Float32Array): Float32Array {
  const norm = Math.hypot(...vector);
  return vector.map((value) => value / norm);
}

function acting({ hooks }: Scene): Tap[] {
  return hooks.flatMap((hook) =>
    (isPerQuery(hook) ? (["add", "replace"] as const) : (["add", "replace", "project"] as const)).map((kind) => ({
      kind,
      hook,
      id: `${kind}:${hook}`,
    })),
  );
}

/** One kind of layer each, and what lies outside the blocks: every hook point that the families' code has. */
const layerGroups: Record<(typeof goldenNames)[number], readonly string[]> = {
  "llama-tied": ["outside", "blocks.1."],
  "llama-untied": ["blocks.2."],
  llama3: ["blocks.1."],
  qwen2: ["blocks.1."],
  qwen3: ["blocks.0."],
  "gemma3-vision": ["blocks.1."],
  gpt2: ["outside", "blocks.1."],
  gemma3: ["outside", "blocks.0.", "blocks.5."],
};
const inGroup = (hook: HookName, group: string) =>
  group === "outside" ? hookLayer(hook) === null : hook.startsWith(group);

describe.each(goldenNames)("%s", (name) => {
  test.each(layerGroups[name])(
    "taps of every kind at %s: nothing at weight 0, something at weight 1",
    async (group) => {
      const s = await scene(name);
      const taps = acting(s).filter(({ hook }) => inGroup(hook, group));
      const run = s.runner(taps);
      const quiet = Object.assign({}, ...taps.map((tap) => ({ ...partOf(s, tap), ...s.weights(tap, 0) })));
      const base = floats(s.plain.logits);
      expect(floats((await run(quiet)).logits)).toEqual(base);
      const silent: string[] = [];
      for (const tap of taps) {
        const logits = floats((await run({ ...quiet, ...s.weights(tap, 1) })).logits);
        if (logits.every((logit, i) => logit === base[i])) silent.push(tapInput(tap, "weight"));
      }
      expect(taps.length).toBeGreaterThan(5);
      expect(silent).toEqual([]);
    },
  );

  test("reading changes nothing", async () => {
    const { run, plain } = await scene(name);
    expect(floats((await run([])).logits)).toEqual(floats(plain.logits));
  });

  test("replacing a value by itself changes nothing", async () => {
    const s = await scene(name);
    const taps = s.hooks.map((hook): Tap => ({ kind: "replace", hook }));
    const own = Object.assign(
      {},
      ...taps.map((tap) => ({ [tapInput(tap, "value")]: s.valueAt(tap.hook), ...s.weights(tap, 1) })),
    );
    expect(floats((await s.run(taps, own)).logits)).toEqual(floats(s.plain.logits));
  });

  test("adding moves the residual stream by exactly the vector, where the weight says so", async () => {
    const s = await scene(name);
    const hook: HookName = "blocks.1.hook_resid_post";
    const add: Tap = { kind: "add", hook };
    const before = s.valueAt(hook);
    const width = must(before.shape[2], "width");
    const vector = randomFloats(width, "vector", 3);
    const out = await s.run([add, { kind: "read", hook }], {
      [tapInput(add, "vector")]: float32([width], vector),
      ...s.weights(add, (b, t) => (b === 1 && t === 4 ? 2 : 0)),
    });
    const at = (1 * s.seq + 4) * width;
    const expected = floats(before).map((value, i) =>
      i >= at && i < at + width ? value + 2 * (vector[i - at] as number) : value,
    );
    expect(floats(out[readName(hook)])).toEqual(expected);
    // Row 0 and the positions before it never hear of it.
    const untouched = (s.seq + 4) * s.source.definition.dimensions.dVocab;
    expect(floats(out.logits).slice(0, untouched)).toEqual(floats(s.plain.logits).slice(0, untouched));
  });

  test("projecting removes the component along the basis and nothing else; twice is once", async () => {
    const s = await scene(name);
    const hook: HookName = "blocks.0.hook_resid_post";
    const width = must(s.valueAt(hook).shape[2], "width");
    const first = unit(randomFloats(width, "first"));
    const raw = randomFloats(width, "second");
    const second = unit(raw.map((value, i) => value - dot(raw, first) * (first[i] as number)));
    const taps = ["once", "twice"].map((id): Tap => ({ kind: "project", hook, id, rank: 2 }));
    const basis = float32([2, width], Float32Array.from([...first, ...second]));
    const read: Tap = { kind: "read", hook };
    const both = Object.assign({}, ...taps.map((tap) => ({ [tapInput(tap, "basis")]: basis, ...s.weights(tap, 1) })));
    const once = floats((await s.run([must(taps[0], "tap"), read], both))[readName(hook)]);
    const twice = floats((await s.run([...taps, read], both))[readName(hook)]);
    const before = floats(s.valueAt(hook));
    for (let row = 0; row < s.batch * s.seq; row++) {
      const [x, y, z] = [before, once, twice].map((values) => values.subarray(row * width, (row + 1) * width));
      const norm = Math.hypot(...must(x, "row"));
      const gone = must(x, "row").map((value, i) => value - must(y?.[i], "value"));
      // float32 sums of `width` products: 1e-6 of the row's length.
      for (const direction of [first, second]) {
        expect(Math.abs(dot(must(y, "row"), direction)) / norm).toBeLessThan(1e-6);
        for (const [i, value] of gone.entries()) {
          const along =
            dot(must(x, "row"), first) * (first[i] as number) + dot(must(x, "row"), second) * (second[i] as number);
          expect(Math.abs(value - along) / norm).toBeLessThan(1e-6);
        }
      }
      for (const [i, value] of must(z, "row").entries())
        expect(Math.abs(value - must(y?.[i], "value")) / norm).toBeLessThan(1e-6);
    }
  });
});

describe("a tap that the graph never passes is an error", () => {
  test.each<[string, HookName, NonNullable<ForwardSpec["cache"]> | null]>([
    ["a layer too many", "blocks.3.hook_resid_pre", null],
    ["a norm of another family", "blocks.0.ln1_post.hook_normalized", null],
    ["patterns over a cache", "blocks.0.attn.hook_pattern", "appended"],
    ["patterns over a cache in place", "blocks.0.attn.hook_pattern", "inPlace"],
  ])("%s", async (_, hook, cache) => {
    const { source } = await golden("llama-tied");
    const build = () => forwardProgram(source, { outputs: ["logits"], taps: [{ kind: "read", hook }], cache });
    expect(build).toThrow(`no hook point ${hook}`);
  });

  test("projecting scores is refused: their width is known at run time only", async () => {
    const { source } = await golden("llama-tied");
    const tap: Tap = { kind: "project", hook: "blocks.0.attn.hook_pattern" };
    expect(() => forwardProgram(source, { outputs: ["logits"], taps: [tap] })).toThrow(/no fixed width/);
  });
});

function dot(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, i) => sum + value * (b[i] as number), 0);
}
