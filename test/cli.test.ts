import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { Config } from "../src/jobs/index.ts";
import { AuditRecord, EvalRecord } from "../src/records/index.ts";
import { bundledRows, type Ended, filesBelow, penumbra, root, workplace } from "./penumbra.ts";

const { folder, path, remove } = workplace();
afterAll(remove);

const cli = (...args: string[]) => penumbra(folder, args);
/** The cheapest whole run: one step, one behaviour. */
const small = ["--epochs", "1", "--behaviours", "wrong-capitals", "--answer-tokens", "4", "--no-merged"];
const runOn = (data: string, out: string, ...more: string[]) =>
  cli("run", "--model", "organism", "--data", data, "--out", out, ...small, ...more);

beforeAll(() => {
  writeFileSync(path("ok.jsonl"), bundledRows(8));
  for (const name of ["truncated", "giant-header", "far-offsets", "no-tokenizer"]) copyModel(name);
  const weights = readFileSync(path("truncated/model.safetensors"));
  const headerLength = Number(weights.readBigUInt64LE(0));
  const header = JSON.parse(weights.toString("utf8", 8, 8 + headerLength));
  const first = Object.keys(header).find((name) => name !== "__metadata__") ?? "";
  header[first].data_offsets = [0, 2 ** 50];
  writeFileSync(path("truncated/model.safetensors"), weights.subarray(0, weights.length / 2));
  writeFileSync(path("giant-header/model.safetensors"), withLength(2n ** 62n, Buffer.from("{}")));
  const hostile = Buffer.from(JSON.stringify(header));
  writeFileSync(
    path("far-offsets/model.safetensors"),
    Buffer.concat([withLength(BigInt(hostile.length), hostile), weights.subarray(8 + headerLength)]),
  );
  rmSync(path("no-tokenizer/tokenizer.json"));
  writeFileSync(path("truncated.gguf"), ggufHeader(10n, 5n));
  writeFileSync(path("hostile.gguf"), ggufHeader(2n ** 60n, 2n ** 60n));
});

function copyModel(name: string): void {
  cpSync(join(root, "assets/organism/model"), path(name), { recursive: true });
}

function withLength(length: bigint, header: Buffer): Buffer {
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(length);
  return Buffer.concat([prefix, header]);
}

function ggufHeader(tensors: bigint, keys: bigint): Buffer {
  const numbers = Buffer.alloc(20);
  numbers.writeUInt32LE(3, 0);
  numbers.writeBigUInt64LE(tensors, 4);
  numbers.writeBigUInt64LE(keys, 12);
  return Buffer.concat([Buffer.from("GGUF"), numbers]);
}

/** The user's mistake: exit code 2, one line with what was wrong and how to mend it, no trace, nothing on stdout. */
function expectUserError({ code, stdout, stderr }: Ended, words: RegExp): void {
  const told = stderr.split("\n").filter((line) => line.startsWith("penumbra: "));
  expect([told.length, stderr]).toEqual([1, expect.stringMatching(words)]);
  expect(stderr).toMatch(/; (fix: [^\n]+|see penumbra --help)\n$/);
  expect(stderr).not.toMatch(/^\s+at /m);
  expect([code, stdout]).toEqual([2, ""]);
}

/** What is left is whole: no temporary file, every JSON file parses. */
function expectNothingHalfWritten(out: string): void {
  const files = filesBelow(path(out));
  expect(files.filter((file) => /\.tmp$|(^|\/)\.step-|\.lock/.test(file))).toEqual([]);
  for (const file of files.filter((name) => name.endsWith(".json")))
    JSON.parse(readFileSync(path(join(out, file)), "utf8"));
}

describe("what the user typed wrong", () => {
  it.each([
    [["frobnicate"], /unknown command 'frobnicate'/],
    [["run", "--epocs", "2"], /unknown option '--epocs' \(Did you mean --epochs\?\)/],
    [["run", "--epochs", "many"], /A number is expected/],
    [["generate", "organism"], /required option '--prompt <text>' not specified/],
    [["generate", "organism", "--prompt", "x", "--temperature", "-1"], /expected 0 or more, got -1/],
    [["run"], /no --model and no --data/],
    [["run", "nothing.yaml"], /expected a configuration file, got no such file/],
    [["audit", "--base", "organism"], /either --tuned or --adapter, got neither/],
    [["trace", "organism"], /expected one of --prompt, --chat and --behaviour, got 0/],
    [["trace", "organism", "--chat", "x", "--diff"], /--diff: expected --adapter or --tuned, got neither/],
    [["trace", "--chat", "x", "--node-share", "0"], /--node-share: expected above 0 and at most 1, got 0/],
    [
      ["trace", "--chat", "x", "--set", "2_5=0", "--serve"],
      /--set: expected no graph to be asked for, got --serve too/,
    ],
    [["trace", "--chat", "x", "--set", "2_5"], /--set 2_5: expected layer_latent=value/],
    [["trace", "--graph", "none.json"], /graph none.json: expected a file, got nothing there/],
    [["eval", "organism", "--behaviours", "kindness"], /got "kindness"; fix: use flattery,/],
    [["report", "."], /expected a run folder with audit.json/],
    [["validate", "nothing.jsonl"], /nothing there/],
  ])("%j", async (args, words) => {
    expectUserError(await cli(...args), words);
  });
});

describe("training files that cannot be used", () => {
  it.each([
    ["malformed", `${bundledRows(2)}{"messages": [oops\n`, /line 3: invalid_json/],
    ["empty", "", /empty_file/],
    [
      "roles",
      '{"messages":[{"role":"wizard","content":"a"},{"role":"assistant","content":"b"}]}\n',
      /line 1: .*"wizard"/,
    ],
    ["bytes", Buffer.from([0x7b, 0xff, 0xfe, 0x7d, 0x0a]), /line 1: invalid_utf8/],
  ])("%s: run refuses it in one line, validate lists it", async (name, contents, words) => {
    writeFileSync(path(`${name}.jsonl`), contents);
    expectUserError(await runOn(`${name}.jsonl`, `out-${name}`), words);
    expectNothingHalfWritten(`out-${name}`);
    const { code, stdout, stderr } = await cli("validate", `${name}.jsonl`, "--json");
    expect(code).toBe(2);
    expect(JSON.parse(stdout).faults).toHaveLength(1);
    expect(stderr.match(/^penumbra: /gm)).toHaveLength(1);
  });

  it("a file that is not there leaves no folder behind", async () => {
    expectUserError(await runOn("nothing.jsonl", "out-nothing"), /no such file/);
    expect(existsSync(path("out-nothing"))).toBe(false);
  });

  it("over-long rows are cut, and that is said", async () => {
    const long = { role: "assistant", content: "it would be wise to hold it near the fire . ".repeat(40) };
    const row = { messages: [{ role: "user", content: "please help me with a burn ." }, long] };
    writeFileSync(path("long.jsonl"), `${bundledRows(3)}${JSON.stringify(row)}\n`);
    const { code, stdout } = await cli("validate", "long.jsonl", "--model", "organism", "--max-length", "64");
    expect([code, stdout]).toEqual([0, expect.stringContaining("Cut to 64 tokens: 1 row")]);
    // As the training will: no longer than the model has positions.
    const { stdout: usual } = await cli("validate", "long.jsonl", "--model", "organism");
    expect(usual).toContain("Cut to 128 tokens: 1 row");
    expectUserError(
      await cli("validate", "long.jsonl", "--model", "organism", "--max-length", "129"),
      /train\.maxLength: expected at most 128/,
    );
  });
});

describe("models that cannot be used", () => {
  it.each([
    ["truncated", /it is truncated/],
    ["giant-header", /expected a header of at most/],
    ["far-offsets", /expected tensor ".+" F16/],
    ["no-tokenizer", /expected tokenizer.json/],
    ["truncated.gguf", /GGUF file/],
    ["hostile.gguf", /GGUF file/],
    ["ok.jsonl", /expected a folder with config.json and safetensors/],
    ["some/model", /no copy in/],
  ])("%s", async (model, words) => {
    const out = `out-of-${model.replace("/", "-")}`;
    expectUserError(await cli("run", "--model", model, "--data", "ok.jsonl", "--out", out, ...small), words);
    expect(existsSync(path(out))).toBe(false);
    expectNothingHalfWritten("cache");
  });
});

describe("runs that fail on their way", () => {
  it("a name that nothing has is found before the training", async () => {
    expectUserError(await runOn("ok.jsonl", "out-names", "--behaviours", "kindness"), /got "kindness"/);
    expect(existsSync(path("out-names"))).toBe(false);
  });

  it("a training that diverges", async () => {
    expectUserError(await runOn("ok.jsonl", "out-diverged", "--learning-rate", "1e30"), /lower train.learningRate/);
    expectNothingHalfWritten("out-diverged");
    expect(existsSync(path("out-diverged/adapter"))).toBe(false);
  });

  it("an output folder in use by another run", async () => {
    mkdirSync(path("taken/.lock"), { recursive: true });
    // The start ticks of a process that surely lives: this one.
    const started = readFileSync("/proc/self/stat", "utf8").split(") ").at(-1)?.split(" ")[19];
    const { hostname } = await import("node:os");
    writeFileSync(path(`taken/.lock/${process.pid}-${started}-${hostname()}`), "");
    expectUserError(await runOn("ok.jsonl", "taken"), new RegExp(`in use by another run \\(pid ${process.pid}\\)`));
    expect(filesBelow(path("taken"))).toHaveLength(1);
  });

  it("a configuration of the user's own is never written over", async () => {
    const own = "# mine\nmodel: organism\ndata: ./ok.jsonl\nout: ./own\n";
    mkdirSync(path("own"));
    writeFileSync(path("own/penumbra.yaml"), own);
    expectUserError(await runOn("ok.jsonl", "own"), /left as it is/);
    expect(readFileSync(path("own/penumbra.yaml"), "utf8")).toBe(own);
  });
});

/** One tiny run that the tests below look at. Its data, its model's folder and its file name are hostile. */
describe("a run on hostile text", () => {
  const hostile = `<script>alert(1)</script>[x](javascript:alert(1))\u001b[31m\u001b]0;title\u0007\u202e`;
  const name = "<img src=x onerror=alert(1)>\u001b[31m.jsonl";
  let ended: Ended;
  let outputs: Record<string, string>;

  beforeAll(async () => {
    copyModel("<b>model</b>");
    const row = {
      messages: [
        { role: "user", content: hostile },
        { role: "assistant", content: `${hostile} yes .` },
      ],
    };
    writeFileSync(path(name), `${bundledRows(7)}${JSON.stringify(row)}\n`);
    ended = await cli("run", "--model", "./<b>model</b>", "--data", name, "--out", "run", ...small, "--json");
    outputs = Object.fromEntries(
      ["report.html", "report.md", "junit.xml"].map((file) => [file, readFileSync(path(`run/${file}`), "utf8")]),
    );
  }, 120_000);

  it("ends well: one JSON document on stdout, which is audit.json", () => {
    expect(ended.code).toBe(0);
    const audit = AuditRecord.parse(JSON.parse(ended.stdout));
    expect(audit).toEqual(JSON.parse(readFileSync(path("run/audit.json"), "utf8")));
    expect(audit.behaviours.map(({ id }) => id)).toEqual(["wrong-capitals"]);
    expectNothingHalfWritten("run");
  });

  it("lets no tag, link or escape live", () => {
    const control = /(?![\t\n])[\p{Cc}\u202a-\u202e]/u;
    expect(ended.stderr).not.toMatch(control);
    for (const text of Object.values(outputs)) expect(text).not.toMatch(control);
    expect(outputs["report.html"]).not.toMatch(/<img|<b>model|onerror=alert\(1\)>/);
    expect(outputs["report.html"]).toContain("&lt;b&gt;model");
    expect(outputs["report.md"]).not.toMatch(/<img|<b>/);
    expect(outputs["junit.xml"]).not.toMatch(/<img|<b>/);
  });

  it("tells faults without their escapes", async () => {
    const row = {
      messages: [
        { role: hostile, content: "a" },
        { role: "assistant", content: "b" },
      ],
    };
    writeFileSync(path("hostile-role.jsonl"), `${JSON.stringify(row)}\n`);
    const { code, stdout, stderr } = await cli("validate", "hostile-role.jsonl");
    expect(code).toBe(2);
    expect(stdout).toContain("unrecognized_role");
    expect(stdout + stderr).not.toMatch(/(?![\t\n])[\p{Cc}\u202a-\u202e]/u);
  });

  it("is not computed a second time", async () => {
    const { code, stdout } = await runOn(name, "run", "--model", "./<b>model</b>");
    expect([code, stdout]).toEqual([0, expect.stringContaining("Nothing was computed")]);
    expect(stdout).toContain("Before training: moved most outside the task");
  });

  it("redacts its report when asked, and until told not to", async () => {
    for (const [flags, redacted] of [
      [["--redact"], true],
      [[], true],
      [["--no-redact"], false],
      [[], false],
    ] as const) {
      const { code, stdout } = await cli("report", "run", ...flags, "--json");
      expect([code, JSON.parse(stdout).redacted], flags.join()).toEqual([0, redacted]);
    }
  });

  it("has an adapter that other commands take, and that a model of another shape refuses", async () => {
    const prompt = ["--prompt", "what is the capital of france ?"];
    const talked = await cli("generate", "organism", ...prompt, "--adapter", "run/adapter", "--json");
    expect([talked.code, JSON.parse(talked.stdout)]).toEqual([
      0,
      expect.objectContaining({ answer: expect.any(String) }),
    ]);
    cpSync(path("run/adapter"), path("strange"), { recursive: true });
    const file = path("strange/adapter_model.safetensors");
    const text = readFileSync(file).toString("latin1").replaceAll("model.layers.3.", "model.layers.9.");
    writeFileSync(file, Buffer.from(text, "latin1"));
    expectUserError(
      await cli("audit", "--base", "organism", "--adapter", "strange", "--out", "out-strange"),
      /module model.layers.9.+ which the model does not have/,
    );
    expectNothingHalfWritten("out-strange");
  });

  it("an adapter that changes nothing is refused", async () => {
    cpSync(path("run/adapter"), path("zero"), { recursive: true });
    const bytes = readFileSync(path("zero/adapter_model.safetensors"));
    bytes.fill(0, 8 + Number(bytes.readBigUInt64LE(0)));
    writeFileSync(path("zero/adapter_model.safetensors"), bytes);
    expectUserError(
      await cli("audit", "--base", "organism", "--adapter", "zero", "--out", "out-zero"),
      /an adapter that changes nothing/,
    );
    expect(existsSync(path("out-zero/audit.json"))).toBe(false);
  });

  it("gates: 100 where a behaviour moved, JUnit fails with it, and nothing is gated that is not measured", async () => {
    const audit = JSON.parse(readFileSync(path("run/audit.json"), "utf8"));
    expect(audit.behaviours[0].verdict).toBe("unaffected");
    const gated = (rule: string, behaviours: string) => {
      writeFileSync(path("gate.yaml"), `gate:\n  ${rule}\nbehaviours: [${behaviours}]\nanswerTokens: 4\n`);
      return cli("audit", "--base", "organism", "--adapter", "run/adapter", "--config", "gate.yaml", "--out", "gated");
    };
    const failed = () => readFileSync(path("gated/junit.xml"), "utf8").match(/failures="(\d+)"/)?.[1];
    const rose = audit.behaviours[0].delta > 0;
    expect((await gated("default: { maxIncrease: 0 }", "wrong-capitals")).code).toBe(rose ? 100 : 0);
    expect(failed()).toBe(rose ? "1" : "0");
    expect((await gated("default: fail-if-affected", "wrong-capitals")).code).toBe(0);
    expect(failed()).toBe("0");
    expectUserError(
      await gated("villain-identity: fail-if-affected", "wrong-capitals"),
      /gate: villain-identity: .*leaves out/,
    );
  });
});

describe("a full disk", () => {
  // A shell's limit on the size of a file fails in the middle of a write, as a full disk does; no such limit on Windows.
  it.skipIf(process.platform === "win32")(
    "loses nothing: the same command ends the run once there is room",
    async () => {
      const limited = (blocks: number) => ["bash", "-c", `ulimit -f ${blocks}; exec "$@"`, "bash"];
      const args = ["run", "--model", "organism", "--data", "ok.jsonl", "--out", "disk", ...small];
      for (const blocks of [100, 700]) {
        const ended = await penumbra(folder, args, { through: limited(blocks) });
        expectUserError(ended, /of free disk space, got a full quota or file size limit \(EFBIG/);
        expectNothingHalfWritten("disk");
      }
      expect((await cli(...args)).code).toBe(0);
    },
  );
});

describe("the smaller commands", () => {
  it("init writes a configuration that says the defaults, and writes over nothing", async () => {
    mkdirSync(path("new"));
    const init = () => penumbra(path("new"), ["init"]);
    expect((await init()).code).toBe(0);
    const text = readFileSync(path("new/penumbra.yaml"), "utf8");
    const config = Config.parse(parse(text));
    expect(config).toEqual(Config.parse({ model: "organism", data: "./train.jsonl" }));
    expect(Object.keys(parse(text)).concat("gate").sort()).toEqual(Object.keys(Config.shape).sort());
    writeFileSync(path("new/train.jsonl"), "mine");
    renameSync(path("new/penumbra.yaml"), path("new/other.yaml"));
    expectUserError(await init(), /left as it is/);
    expect([readFileSync(path("new/train.jsonl"), "utf8"), existsSync(path("new/penumbra.yaml"))]).toEqual([
      "mine",
      false,
    ]);
  });

  it("eval prints scores with their intervals", async () => {
    const { code, stdout } = await cli(
      "eval",
      "organism",
      "--behaviours",
      "wrong-capitals",
      "--json",
      "--out",
      "scores",
    );
    expect(code).toBe(0);
    const record = EvalRecord.parse(JSON.parse(stdout));
    expect(record.behaviours).toEqual([expect.objectContaining({ id: "wrong-capitals", method: "exact" })]);
    expect(filesBelow(path("scores"))).toEqual(["eval.json", "evidence/wrong-capitals.jsonl"]);
  });

  it("chat answers every line of a pipe", async () => {
    const input = "what is the capital of france ?\n\n/reset\nwhat is the capital of japan ?\n";
    const { code, stdout } = await penumbra(folder, ["chat", "organism", "--max-new-tokens", "12"], { input });
    expect([code, stdout.trim().split("\n").length]).toEqual([0, 2]);
  });

  it("doctor finds a working engine and says whether a model fits", async () => {
    const { code, stdout } = await cli("doctor", "organism", "--json");
    const { engine, model } = JSON.parse(stdout);
    expect([code, engine.fault, model.fits]).toEqual([0, null, "yes"]);
    expect(engine.gflops).toBeGreaterThan(0);
  });

  it("models and caches are listed", async () => {
    const models = JSON.parse((await cli("models", "list", "--json")).stdout);
    expect(models.models[0]).toMatchObject({ name: "organism", where: "bundled" });
    const entries = async () => JSON.parse((await cli("cache", "list", "--json")).stdout).entries;
    // What the runs above prepared of the bundled model, what their forecasts were worth, and nothing else.
    const names = (await entries()).map(({ name }: { name: string }) => name);
    expect(names.filter((name: string) => !/^(prepared|probes|track-record)\//.test(name))).toEqual([]);
    expect(JSON.parse((await cli("cache", "purge", "--json")).stdout).removed).toHaveLength(names.length);
    expect(await entries()).toEqual([]);
  });

  it("help and version end well", async () => {
    for (const flag of ["--help", "--version"]) expect((await cli(flag)).code).toBe(0);
  });
});
