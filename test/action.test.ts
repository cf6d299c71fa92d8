/** The GitHub Action: its steps are run here as they stand in action.yml, with stand-ins for penumbra and for gh. */
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { buildProgram } from "../src/cli/program.ts";
import { root } from "./penumbra.ts";

const Step = z.looseObject({
  name: z.string(),
  id: z.string().optional(),
  if: z.string().optional(),
  shell: z.literal("bash"),
  env: z.record(z.string(), z.string()),
  run: z.string(),
});
const Action = z.looseObject({
  name: z.string(),
  inputs: z.record(z.string(), z.strictObject({ description: z.string(), default: z.string() })),
  outputs: z.record(z.string(), z.strictObject({ description: z.string(), value: z.string() })),
  runs: z.strictObject({ using: z.literal("composite"), steps: z.array(Step) }),
});
const action = Action.parse(parse(readFileSync(join(root, "action.yml"), "utf8")));
const [audit, comment, gate] = action.runs.steps;
const documented = readFileSync(join(root, "docs/ci.md"), "utf8");

const folder = mkdtempSync(join(tmpdir(), "penumbra-action-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs a step's command; gives its exit code, what it printed, and its outputs. */
function runStep(step: z.infer<typeof Step> | undefined, env: Record<string, string>) {
  const output = join(mkdtempSync(join(folder, "step-")), "output");
  writeFileSync(output, "");
  const unset = Object.fromEntries(Object.keys(step?.env ?? {}).map((name) => [name, ""]));
  const { status, stdout, stderr } = spawnSync("bash", ["-c", step?.run ?? "exit 99"], {
    cwd: folder,
    encoding: "utf8",
    env: {
      PATH: `${join(folder, "bin")}:${process.env.PATH}`,
      GITHUB_ACTION_PATH: root,
      GITHUB_OUTPUT: output,
      ...unset,
      ...env,
    },
  });
  const outputs = Object.fromEntries(
    readFileSync(output, "utf8")
      .split("\n")
      .filter(Boolean)
      .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );
  return { status, said: stdout + stderr, outputs };
}

/** Stands in for penumbra: prints its arguments, one a line, leaves a report, ends with `code`. */
function standIn(code: number): string {
  const path = join(folder, `penumbra-${code}`);
  const report = `mkdir -p out && echo '**moved**' > out/report.md`;
  writeFileSync(path, `#!/usr/bin/env bash\nprintf '%s\\n' "$@"\n${report}\nexit ${code}\n`);
  chmodSync(path, 0o755);
  return `bash ${path}`;
}

const asked = { MODE: "audit", BASE: "my base", ADAPTER: "adapter", OUT: "out", REDACT: "true" };

describe("the GitHub Action", () => {
  it("hands over only inputs and outputs that it declares, and the page names every one of them", () => {
    for (const { env, run, if: condition = "" } of action.runs.steps) {
      const text = [...Object.values(env), run, condition].join("\n");
      for (const [, name = ""] of text.matchAll(/inputs\.([\w-]+)/g))
        expect(Object.keys(action.inputs)).toContain(name);
      // What others may write (branch names, titles) reaches the shell through variables alone.
      expect(run).not.toContain("${{");
    }
    const outputs = [...JSON.stringify(action.outputs).matchAll(/steps\.penumbra\.outputs\.(\w+)/g)].map((m) => m[1]);
    const given = Object.keys(runStep(audit, { ...asked, PENUMBRA: standIn(0) }).outputs);
    for (const name of outputs) expect(given).toContain(name);
    for (const name of [...Object.keys(action.inputs), ...Object.keys(action.outputs)])
      expect(documented).toContain(`\`${name}\``);
  });

  it("calls penumbra with flags that its commands have, and words with blanks stay whole", () => {
    const program = buildProgram(() => async () => undefined);
    const modes = {
      audit: { ...asked, TUNED: "whole", CONFIG: "penumbra.yaml", DATA: "rows.jsonl" },
      run: { ...asked, MODE: "run", MODEL: "organism", CONFIG: "penumbra.yaml", DATA: "rows.jsonl" },
    };
    for (const [mode, env] of Object.entries(modes)) {
      const args = runStep(audit, { ...env, PENUMBRA: standIn(0) })
        .said.trim()
        .split("\n");
      const command = program.commands.find((each) => each.name() === mode);
      const flags = command?.options.map(({ long }) => long);
      expect(args[0]).toBe(mode);
      const used = args.filter((word) => word.startsWith("--"));
      expect(used.length).toBeGreaterThan(3);
      for (const flag of used) expect(flags, `${mode} ${flag}`).toContain(flag);
    }
    expect(runStep(audit, { ...asked, PENUMBRA: standIn(0) }).said).toContain("--base\nmy base\n");
    expect(runStep(audit, { ...modes.run, PENUMBRA: standIn(0) }).said).toMatch(/^run\npenumbra\.yaml\n/);
  });

  it("maps exit codes: the audit step never fails by itself, the gate step fails as penumbra did", () => {
    const outcomes = { 0: "passed", 100: "breached", 101: "undecided", 2: "error", 1: "error", 130: "error" };
    for (const [code, outcome] of Object.entries(outcomes)) {
      const { status, outputs } = runStep(audit, { ...asked, PENUMBRA: standIn(Number(code)) });
      expect([status, outputs.code, outputs.outcome]).toEqual([0, code, outcome]);
      // A fault hands on no report: the folder may hold an older one.
      expect(outputs.markdown).toBe(outcome === "error" ? undefined : "out/report.md");
      const end = (UNDECIDED: string) => runStep(gate, { OUTCOME: outcome, CODE: code, UNDECIDED });
      expect(end("fail").status).toBe(Number(code));
      expect(end("warn").status).toBe(outcome === "undecided" ? 0 : Number(code));
      expect(end("fail").said).toContain(outcome === "passed" ? "passed" : "::error");
    }
    expect(runStep(gate, { OUTCOME: "", CODE: "", UNDECIDED: "fail" }).status).toBe(1);
    const wrong = runStep(audit, { ...asked, MODE: "judge", PENUMBRA: standIn(0) });
    expect(wrong.outputs).toMatchObject({ code: "2", outcome: "error" });
  });

  it("posts one comment and keeps it up to date", () => {
    mkdirSync(join(folder, "bin"), { recursive: true });
    const log = join(folder, "gh.log");
    const gh = (known: string) => {
      const fake = `#!/usr/bin/env bash\necho "$@" >> ${log}\nfor a in "$@"; do case "$a" in body=@*) cat "\${a#body=@}" >> ${log};; esac; done\ncase "$*" in *--paginate*) printf '%s' '${known}';; esac\n`;
      writeFileSync(join(folder, "bin/gh"), fake);
      chmodSync(join(folder, "bin/gh"), 0o755);
      writeFileSync(log, "");
    };
    writeFileSync(join(folder, "report.md"), "**moved** `$(touch hacked)`\n");
    const env = { GH_TOKEN: "t", REPOSITORY: "o/r", PULL_REQUEST: "7", MARKDOWN: "report.md" };
    gh("");
    expect(runStep(comment, env).status).toBe(0);
    expect(readFileSync(log, "utf8")).toMatch(/--method POST repos\/o\/r\/issues\/7\/comments/);
    expect(readFileSync(log, "utf8")).toContain("<!-- penumbra audit -->\n**moved** `$(touch hacked)`\n");
    gh("42");
    expect(runStep(comment, env).status).toBe(0);
    expect(readFileSync(log, "utf8")).toMatch(/--method PATCH repos\/o\/r\/issues\/comments\/42/);
  });
});
