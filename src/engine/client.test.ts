/** The engine's process survives what happens to it, and the program survives the engine's process. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { floats, golden, tokenFeeds } from "../../test/golden.ts";
import { CancelledError, must, UserError } from "../core/index.ts";
import { Add, Graph, MatMul, Mul, scalar } from "../tensor/index.ts";
import { usualThreads } from "./client.ts";
import {
  compile,
  type Engine,
  EngineDiedError,
  float32,
  forwardProgram,
  type GenerateRequest,
  type Program,
  type RunRequest,
  readName,
  startEngine,
} from "./index.ts";

describe("PENUMBRA_THREADS", () => {
  test("a whole number is taken; unset leaves it to the machine", () => {
    expect(usualThreads("3")).toBe(3);
    expect(usualThreads(undefined)).toBe(usualThreads(""));
    expect(usualThreads(undefined)).toBeGreaterThanOrEqual(1);
  });

  test.each(["0", "-1", "2.5", "all", "1e9"])("%s is refused in a line", (asked) => {
    expect(() => usualThreads(asked)).toThrow(UserError);
  });
});

let engine: Engine;
beforeAll(() => {
  engine = startEngine({ threads: 2 });
});
afterAll(() => engine.close());

/** x ↦ factor · x + 1 */
function affine(factor: number): Program {
  const graph = new Graph();
  const x = graph.input("x", "float32", ["n"]);
  graph.output("y", Add(Mul(x, scalar(x, factor)), scalar(x, 1)));
  return compile(graph);
}

const affineRun = (factor: number, x = 2): RunRequest => ({
  program: affine(factor),
  feeds: { x: float32([1], Float32Array.of(x)) },
  fetches: ["y"],
});
const worksAgain = async (on: Engine) => expect([...floats((await on.run(affineRun(3))).y)]).toEqual([7]);

test("numbers below float32's normal ones are nought: what a mask leaves of a probability would slow all that reads it", async () => {
  for (const on of [engine, startEngine({ threads: 1 })]) {
    const graph = new Graph();
    const x = graph.input("x", "float32", ["n"]);
    graph.output("y", Mul(x, x));
    // 1e-40 is denormal, 1e-36 is not.
    const feeds = { x: float32([2], Float32Array.of(1e-20, 1e-18)) };
    const { y } = await on.run({ program: compile(graph), feeds, fetches: ["y"] });
    expect(floats(y)[0]).toBe(0);
    expect(floats(y)[1]).toBeGreaterThan(0);
    if (on !== engine) await on.close();
  }
});

/** Matrix products of 2 GFLOP each. */
function slow(products = 300): RunRequest {
  const graph = new Graph();
  const n = 1024;
  const x = graph.input("x", "float32", [n, n]);
  let y = x;
  for (let i = 0; i < products; i++) y = MatMul(y, x);
  graph.output("y", y);
  return { program: compile(graph), feeds: { x: float32([n, n], new Float32Array(n * n)) }, fetches: [] };
}

/** A generation of thousands of tokens. */
async function slowGeneration(maxNewTokens = 20_000): Promise<GenerateRequest> {
  const { source } = await golden("llama-tied");
  const { nLayers, nKvHeads, dHead } = source.definition.dimensions;
  return {
    prefill: forwardProgram(source, { outputs: ["logits"], keysAndValues: true }),
    decode: forwardProgram(source, { outputs: ["logits"], keysAndValues: true, cache: "appended" }),
    prompts: [Int32Array.of(5, 6, 7)],
    maxNewTokens,
    stopIds: [],
    temperature: 0,
    topP: 1,
    seed: 1,
    feeds: {},
    cache: { kind: "appended", nLayers, nKvHeads, dHead },
  };
}

describe("errors in the engine's process are errors here, and it goes on", () => {
  const cases: [string, () => RunRequest][] = [
    ["a feed is missing", () => ({ ...affineRun(3), feeds: {} })],
    ["a feed has another shape", () => ({ ...affineRun(3), feeds: { x: float32([1, 1], Float32Array.of(1)) } })],
    ["an output is not there", () => ({ ...affineRun(3), fetches: ["z"] })],
    ["a buffer is not there", () => ({ ...affineRun(3), feeds: { x: { buffer: "nowhere", shape: [1] } } })],
    [
      "the program is rubbish",
      () => ({
        ...affineRun(3),
        program: {
          key: "rubbish",
          onnx: Uint8Array.of(1, 2, 3),
          weightsFolder: null,
          doublePrecision: false,
          prepacked: false,
        },
      }),
    ],
  ];
  test.each(cases)("%s", async (_, request) => {
    await expect(engine.run(request())).rejects.toThrow(Error);
    await worksAgain(engine);
    // A program that could not be opened is not remembered as open.
    await expect(engine.run(request())).rejects.toThrow(Error);
  });
});

test("more programs than stay open take turns", async () => {
  for (let round = 0; round < 3; round++) {
    for (let factor = 1; factor <= 6; factor++) {
      expect([...floats((await engine.run(affineRun(factor))).y)]).toEqual([2 * factor + 1]);
    }
  }
});

test("requests that are made at once are answered each with its own", async () => {
  const answers = await Promise.all([1, 2, 3, 4, 5, 6, 7].map((factor) => engine.run(affineRun(factor))));
  expect(answers.map(({ y }) => floats(y)[0])).toEqual([3, 5, 7, 9, 11, 13, 15]);
});

describe("buffers", () => {
  test("are written, fed, kept and read; a run that writes what it reads replaces it afterwards", async () => {
    await engine.write("state", Float32Array.of(1, 2));
    const step: RunRequest = {
      program: affine(10),
      feeds: { x: { buffer: "state", shape: [2] } },
      fetches: [],
      keep: { y: { buffer: "state", shape: [2] } },
    };
    await engine.run(step);
    expect([...(await engine.read("state"))]).toEqual([11, 21]);
    await engine.run(step);
    expect([...(await engine.read("state"))]).toEqual([111, 211]);
    await engine.free("state");
    await expect(engine.read("state")).rejects.toThrow(/state/);
  });

  test("after a kill, what was provided is there again and what was written is not", async () => {
    await engine.provide("given", Float32Array.of(4));
    await engine.write("state", Float32Array.of(1));
    await engine.kill();
    const out = await engine.run({ ...affineRun(3), feeds: { x: { buffer: "given", shape: [1] } } });
    expect([...floats(out.y)]).toEqual([13]);
    await expect(engine.read("state")).rejects.toThrow(/state/);
    await engine.free("given");
  });
});

describe("a kill, three times over", () => {
  test.each([1, 2, 3])("in the middle of a run: it fails at once, and the next one works (%i)", async () => {
    await worksAgain(engine);
    const running = engine.run(slow());
    const waiting = engine.run(affineRun(5));
    const failed = [expect(running).rejects.toThrow(EngineDiedError), expect(waiting).rejects.toThrow(EngineDiedError)];
    await sleep(150);
    await engine.kill();
    await Promise.all(failed);
    await worksAgain(engine);
  });

  test("while idle, or twice, is nothing", async () => {
    await engine.kill();
    await engine.kill();
    await worksAgain(engine);
  });
});

describe("a cancel, three times over", () => {
  test.each([1, 2, 3])("in the middle of a run: the caller hears at once, the next one works (%i)", async () => {
    await worksAgain(engine);
    const stop = new AbortController();
    const running = expect(engine.run(slow(), stop.signal)).rejects.toThrow(CancelledError);
    await sleep(100);
    stop.abort();
    await running;
    await engine.kill();
    await worksAgain(engine);
  });

  test("in the middle of a run whose end is waited for: the next answer is right", async () => {
    const stop = new AbortController();
    const running = expect(engine.run(slow(60), stop.signal)).rejects.toThrow(CancelledError);
    await sleep(50);
    stop.abort();
    await running;
    await worksAgain(engine);
  });

  test.each([1, 2, 3])("in the middle of a generation: it ends there, and others are whole (%i)", async () => {
    const stop = new AbortController();
    const short = await slowGeneration(8);
    const expected = await engine.generate(short);
    const long = expect(engine.generate(await slowGeneration(), stop.signal)).rejects.toThrow(CancelledError);
    const after = engine.generate(short);
    await sleep(200);
    stop.abort();
    await long;
    expect((await after).tokens).toEqual(expected.tokens);
  });

  test("of a request that waits leaves the generation before it whole", async () => {
    const stop = new AbortController();
    const request = await slowGeneration(300);
    const expected = await engine.generate(request);
    const running = engine.generate(request);
    const waiting = expect(engine.run(affineRun(3), stop.signal)).rejects.toThrow(CancelledError);
    stop.abort();
    await waiting;
    expect((await running).tokens).toEqual(expected.tokens);
    expect(must(expected.tokens[0], "row").length).toBe(300);
  });

  test("before it was asked costs nothing", async () => {
    await expect(engine.run(slow(), AbortSignal.abort())).rejects.toThrow(CancelledError);
    await worksAgain(engine);
  });
});

test("memory is flat over sixty distinct sequence lengths", async () => {
  const own = startEngine({ threads: 2 });
  const { source } = await golden("llama-tied");
  const { hooks } = source.definition;
  const program = forwardProgram(source, { outputs: ["logits"], taps: hooks.map((hook) => ({ kind: "read", hook })) });
  const fetches = ["logits", ...hooks.map(readName)];
  const run = async (seq: number) => {
    const rows = Array.from({ length: 4 }, (_, b) => Array.from({ length: seq }, (_, t) => (b * 7 + t * 13) % 97));
    await own.run({ program, feeds: tokenFeeds(rows), fetches });
    return own.rssBytes();
  };
  let warm = 0;
  for (const seq of [64, 8, 32, 16, 64]) warm = await run(seq);
  let highest = 0;
  for (let seq = 1; seq <= 60; seq++) highest = Math.max(highest, await run(seq));
  await own.close();
  expect(warm).toBeGreaterThan(0);
  expect((highest - warm) / 2 ** 20).toBeLessThan(150);
});

describe("processes", () => {
  /** A program of its own that uses the built engine. Its output ends when it and its engine, which shares it, have. */
  function program(body: string) {
    const at = (floor: string) => JSON.stringify(join(import.meta.dirname, `../../dist/${floor}/index.js`));
    const code = `
      import childProcess from "node:child_process";
      import { syncBuiltinESMExports } from "node:module";
      import { compile, float32, startEngine } from ${at("engine")};
      import { Graph, MatMul } from ${at("tensor")};
      const n = 1024;
      const graph = new Graph();
      const x = graph.input("x", "float32", ["n", n]);
      const square = graph.input("square", "float32", [n, n]);
      let y = x;
      for (let i = 0; i < 100; i++) y = MatMul(y, square);
      graph.output("y", y);
      const request = (rows) => ({ program: compile(graph), fetches: ["y"], feeds: {
        x: float32([rows, n], new Float32Array(rows * n)), square: float32([n, n], new Float32Array(n * n)) } });
      const engine = startEngine({ threads: 1 });
      ${body}`;
    return spawn(process.execPath, ["--input-type=module", "-e", code], { stdio: ["ignore", "pipe", "inherit"] });
  }

  test("an idle engine does not keep the program alive", async () => {
    const child = program(`await engine.run(request(1));`);
    const [code] = await once(child, "close");
    expect(code).toBe(0);
  });

  test("an engine that dies is heard of, also where nothing else keeps the program alive", async () => {
    const child = program(`
      const fork = childProcess.fork;
      childProcess.fork = (...given) => {
        const forked = fork(...given);
        setTimeout(() => forked.kill("SIGKILL"), 500).unref();
        return forked;
      };
      syncBuiltinESMExports();
      await engine.run(request(1024)).catch((error) => console.log(error.name));`);
    const said: string[] = [];
    must(child.stdout, "stdout").on("data", (text) => said.push(String(text)));
    const [code] = await once(child, "close");
    expect([code, said.join("")]).toEqual([0, "EngineDiedError\n"]);
  });

  test.each([
    ["idle", `await engine.run(request(1)); console.log("ready"); setInterval(() => {}, 1000);`],
    ["in the middle of a run", `await engine.run(request(1)); console.log("ready"); await engine.run(request(1024));`],
  ])("the engine ends when its program is killed, %s", async (_, body) => {
    const child = program(body);
    const output = must(child.stdout, "stdout");
    await once(output, "data");
    await sleep(100);
    const [ended, closed] = [once(child, "exit"), once(output, "close")];
    child.kill("SIGKILL");
    expect((await ended)[1]).toBe("SIGKILL");
    await closed;
  });
});
