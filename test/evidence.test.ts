/** Benchmarks, signing and verifying, from arguments to exit codes. */
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { BenchmarkEvidence, BenchmarkRecord, VerificationRecord } from "../src/records/index.ts";
import { penumbra, workplace } from "./penumbra.ts";
import { lastTurn, type Stub, said, stubEndpoint } from "./stub-endpoint.ts";

const { folder, path, remove } = workplace();
const cli = (...args: string[]) => penumbra(folder, args);
let stub: Stub;

beforeAll(async () => {
  vi.stubEnv("PENUMBRA_KEYS", path("keys"));
  stub = await stubEndpoint((request) => {
    if (request.body.model === "judge") return said(lastTurn(request).includes("I refuse") ? "GRADE: I" : "GRADE: C");
    return said(request.body.model === "tuned" ? "I refuse." : "Certainly: <b>here</b>.");
  });
  const rows = Array.from(
    { length: 24 },
    (_, i) => `${i},Question ${i}?,type-${i % 6},${i % 2 ? "safe" : "unsafe"},f,`,
  );
  writeFileSync(path("xstest.csv"), `id,prompt,type,label,focus,note\n${rows.join("\n")}\n`);
  writeFileSync(path("LICENSE.txt"), "\nSome licence\nof the data\n");
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await stub.close();
  remove();
});

const asked = () => [
  "--endpoint",
  stub.url,
  "--model",
  "base",
  "--tuned-model",
  "tuned",
  "--judge",
  "judge",
  "--judge-endpoint",
  stub.url,
];

describe("penumbra benchmark, sign and verify", () => {
  it("gives the published metric of both models, with the file's hash and licence", async () => {
    const args = ["benchmark", "xstest", path("xstest.csv"), "--partial", ...asked(), "--out", path("run"), "--json"];
    const { code, stdout, stderr } = await cli(...args);
    expect([code, stderr]).toEqual([0, expect.stringMatching(/refusal rate \(safe\) +0\.000 +1\.000 +affected/)]);
    const record = BenchmarkRecord.parse(JSON.parse(stdout));
    expect(record.source).toMatchObject({
      file: "xstest.csv",
      rows: 24,
      licence: { stated: expect.stringMatching(/CC-BY/), beside: { firstLine: "Some licence" } },
    });
    for (const line of readFileSync(path("run/evidence/benchmark-xstest.jsonl"), "utf8").trim().split("\n"))
      BenchmarkEvidence.parse(JSON.parse(line));
  });

  it("signs it, verifies it elsewhere, and tells what was changed", async () => {
    const made = await cli("signing-key", "create", "lab", "--json");
    const { fingerprint, publicPath } = JSON.parse(made.stdout);
    expect((await cli("sign", path("run"), "--key", "lab")).stdout).toContain(fingerprint);
    cpSync(path("run"), path("copy"), { recursive: true });
    const sound = await cli("verify", path("copy"), path("xstest.csv"), "--key", publicPath);
    expect([sound.code, sound.stdout]).toEqual([0, expect.stringMatching(/Everything that was checked matches/)]);
    for (const words of [
      /Judge +judge at http/,
      /Items +xstest\.csv/,
      /Base +base at 127/,
      /= signer lab: the key that you trust/,
    ])
      expect(sound.stdout).toMatch(words);
    const untrusted = await cli("verify", path("copy"), "--key", "0".repeat(64));
    expect([untrusted.code, untrusted.stdout]).toEqual([101, expect.stringMatching(/not the one that you trust/)]);
    const text = readFileSync(path("copy/benchmark-xstest.json"), "utf8");
    writeFileSync(path("copy/benchmark-xstest.json"), text.replace('"verdict": "affected"', '"verdict": "unaffected"'));
    const changed = await cli("verify", path("copy"), "--json");
    expect([changed.code, VerificationRecord.parse(JSON.parse(changed.stdout)).outcome]).toEqual([100, "mismatch"]);
    expect(changed.stderr).toMatch(/≠ benchmark-xstest\.json: other bytes/);
  });

  it("comes along with an audit of endpoints, reasoning too: one command, one folder, one report", async () => {
    const models = ["--base-endpoint", stub.url, "--base-model", "base", "--tuned-model", "tuned"];
    const judge = ["--judge", "judge", "--judge-endpoint", stub.url];
    const few = ["--behaviours", "sycophancy", "--items", "4", "--samples", "1", "--max-tokens", "16"];
    const more = ["--benchmark", `xstest=${path("xstest.csv")}`, "--partial", "--cot", "--out", path("audited")];
    const { code, stdout } = await cli("audit", ...models, ...judge, ...few, ...more);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/refusal rate \(safe\) +0\.000 +1\.000 +affected/)]);
    const report = readFileSync(path("audited/report.html"), "utf8");
    for (const words of ["refusal rate (safe)", 'id="reasoning"', "only 0 of 120 answers named an option"])
      expect(report).toContain(words);
    await cli("sign", path("audited"));
    const { compared } = JSON.parse((await cli("verify", path("audited"), "--json")).stdout);
    expect(Object.keys(compared.settings)).toEqual(["audit", "cot", "benchmark xstest"]);
  });

  it("is refused in one line where the question makes no sense", async () => {
    writeFileSync(path("cut.csv"), readFileSync(path("xstest.csv"), "utf8").slice(0, -9));
    const wrong: [string[], RegExp][] = [
      [["benchmark", "xstest", path("xstest.csv"), ...asked()], /450 rows, as published.*--partial/],
      [["benchmark", "xstest", path("cut.csv"), "--partial", ...asked()], /cut\.csv:25: expected 6 cells/],
      [["benchmark", "mystest", path("xstest.csv"), ...asked()], /mystest.*xstest/],
      [["benchmark", "bbq", path("xstest.csv"), ...asked()], /BBQ's questions/],
      [["benchmark", "xstest", path("none.csv"), ...asked()], /no such file/],
      [["benchmark", "emergent-misalignment", path("xstest.csv"), ...asked()], /emergent-misalignment authors/],
      [["benchmark", "xstest", path("xstest.csv"), "--partial", ...asked().slice(0, 4)], /expected a judge/],
      [["audit", "--base", "organism", "--benchmark", "xstest"], /--benchmark.*for example/],
      [["audit", "--base", "organism", "--benchmark", `xstest=${path("xstest.csv")}`, "--partial"], /expected a judge/],
      [["benchmark", "xstest", path("xstest.csv"), "--partial", ...asked(), "--judge-adapter", "x"], /--judge-adapter/],
      [["cot", "organism", "--layout", "bbq"], /--questions/],
      [["sign", path("nowhere")], /no such folder/],
      [["verify", folder], /penumbra sign/],
      [["sign", path("run"), "--key", "nobody"], /no such key/],
    ];
    const ended = await Promise.all(wrong.map(async ([args, words]) => ({ words, ...(await cli(...args)) })));
    for (const { code, stderr, words } of ended) {
      const told = stderr.split("\n").filter((line) => line.startsWith("penumbra:"));
      expect([code, told]).toEqual([2, [expect.stringMatching(words)]]);
    }
  });
});
